"""The callback address: a 200 means that the row is there."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import RequestFactory
from django.utils import timezone

from campaigns.models import Lease, WebhookPost
from campaigns.services import queue
from campaigns.services.hook_addresses import hash_token, hook_url, rotate_hook_token
from campaigns.services.queue import queue_health
from campaigns.views import hooks

TOKEN = "a-token-nobody-guesses"


@pytest.fixture
def channel(make_channel):
    channel = make_channel()
    channel.secrets = {**channel.secrets, "hook_token": TOKEN}
    channel.hook_hash = hash_token(TOKEN)
    channel.save()
    return channel


def send(client, body=b"{}", token=TOKEN, **extra):
    return client.post(f"/hooks/{token}/", body, content_type="application/json", **extra)


def test_a_post_is_stored_byte_for_byte(client, channel):
    body = b'{"code": "N101", "x": "\xff\x00"}'
    assert send(client, body).status_code == 200
    assert bytes(WebhookPost.objects.get().body) == body


def test_the_headers_worth_keeping_are_kept(client, channel):
    send(client, headers={"user-agent": "Provider/1", "cookie": "a=b", "authorization": "Basic x"})
    kept = WebhookPost.objects.get().headers
    assert kept == {"Content-Type": "application/json", "User-Agent": "Provider/1"}


def test_posts_may_come_one_after_the_other(client, channel):
    assert [send(client).status_code for _ in range(3)] == [200, 200, 200]
    assert WebhookPost.objects.count() == 3


def test_it_needs_no_csrf_token(channel):
    from django.test import Client

    assert send(Client(enforce_csrf_checks=True)).status_code == 200


def test_the_channel_remembers_when_it_was_called(client, channel):
    send(client)
    channel.refresh_from_db()
    assert timezone.now() - channel.last_hook_at < timedelta(minutes=1)


def test_so_often_that_one_post_more_writes_nothing_more(client, channel):
    channel.last_hook_at = seen_at = timezone.now()
    channel.save()
    send(client)
    channel.refresh_from_db()
    assert channel.last_hook_at == seen_at
    channel.last_hook_at = timezone.now() - timedelta(seconds=6)
    channel.save()
    send(client)
    channel.refresh_from_db()
    assert channel.last_hook_at > seen_at


@pytest.mark.django_db(transaction=True)
def test_it_is_committed_when_it_is_answered(client, channel):
    def count():
        try:
            return WebhookPost.objects.count()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        for number in (1, 2):
            assert send(client).status_code == 200
            assert elsewhere.submit(count).result() == number


def test_with_all_workers_stopped_it_rings_no_more_than_somebody_could_hear(
    client, channel, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(queue, "MOST_UNHEARD", 3)
    monkeypatch.setattr(hooks, "RING_EVERY", 0)
    for _ in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            send(client)
    assert queue_health(timezone.now())["waiting"] == 3


def test_with_all_workers_stopped_it_goes_on_keeping(client, channel):
    assert not Lease.objects.alive(timezone.now()).exists()
    assert {send(client).status_code for _ in range(50)} == {200}
    assert WebhookPost.objects.filter(status=WebhookPost.Status.NEW).count() == 50


def test_of_two_channels_it_is_kept_for_the_one_whose_address_it_is(client, channel, make_channel):
    other = make_channel("Other")
    send(client)
    assert WebhookPost.objects.get().channel_id == channel.pk != other.pk


def test_it_passes_by_what_pages_need_and_keeps_its_id(client, channel):
    """A proxy that names itself as the host loses no callback."""
    answer = send(client, headers={"host": "10.0.0.7"})
    assert answer.status_code == 200
    assert len(answer["X-Request-ID"]) == 16
    assert answer["Content-Length"] == str(len(answer.content))
    assert client.get("/", headers={"host": "10.0.0.7"}).status_code == 400


def test_an_address_that_is_none_is_not_found(client, channel):
    assert client.post(f"/hooks/{TOKEN}/more/", b"{}", content_type="text/plain").status_code == 404


def test_a_wrong_token_gets_404_and_leaves_nothing(client, channel):
    assert send(client, token="wrong").status_code == 404
    assert not WebhookPost.objects.exists()


def test_five_megabytes_are_refused(client, channel):
    assert send(client, b"x" * 5_000_000).status_code == 413
    assert not WebhookPost.objects.exists()


def test_garbage_is_stored_all_the_same(client, channel):
    assert send(client, b"<html>not json").status_code == 200
    assert WebhookPost.objects.count() == 1


def raw_request(body, **environ):
    request = RequestFactory().post(f"/hooks/{TOKEN}/")
    request.environ["wsgi.input"] = io.BytesIO(body)
    request.environ.update(environ)
    request.META.update(environ)
    return request


def test_a_chunked_body_is_read_to_its_end(channel):
    request = raw_request(b'{"a": 1}', CONTENT_LENGTH="", **{"wsgi.input_terminated": True})
    assert hooks.receive(request, TOKEN).status_code == 200
    assert bytes(WebhookPost.objects.get().body) == b'{"a": 1}'


def test_a_large_chunked_body_is_refused(channel):
    body = b"x" * (hooks.MOST_BYTES + 1)
    request = raw_request(body, CONTENT_LENGTH="", **{"wsgi.input_terminated": True})
    assert hooks.receive(request, TOKEN).status_code == 413


def test_a_body_cut_short_is_not_taken_for_whole(channel):
    request = raw_request(b'{"a"', CONTENT_LENGTH="100")
    assert hooks.receive(request, TOKEN).status_code == 400
    assert not WebhookPost.objects.exists()


def test_without_a_length_or_an_end_it_asks_for_one(channel):
    request = raw_request(b"", CONTENT_LENGTH="")
    assert hooks.receive(request, TOKEN).status_code == 411


def test_what_the_database_will_not_have_is_asked_to_come_again(client, channel, monkeypatch):
    """It would not have it later either. A database that is away: `test_views_hooks_away.py`."""

    def fail(*args):
        raise DatabaseError("disk image is malformed")

    monkeypatch.setattr(hooks, "keep_callback", fail)
    assert send(client).status_code == 503


@pytest.mark.parametrize(("method", "status"), [("get", 405), ("put", 405), ("head", 200)])
def test_other_methods(client, channel, method, status):
    assert getattr(client, method)(f"/hooks/{TOKEN}/").status_code == status


def test_a_replaced_address_works_on_for_a_while(client, channel, administrator):
    rotate_hook_token(channel, by=administrator)
    assert TOKEN not in hook_url(channel)
    assert send(client).status_code == 200
    channel.old_hook_until = timezone.now()
    channel.save()
    assert send(client).status_code == 404


def test_a_forgotten_last_slash_is_no_redirect(client, channel):
    answer = client.post(f"/hooks/{TOKEN}", b"{}", content_type="application/json")
    assert answer.status_code == 200


def test_replaced_twice_the_address_the_provider_knows_still_works(client, channel, administrator):
    rotate_hook_token(channel, by=administrator)
    rotate_hook_token(channel, by=administrator)
    assert send(client).status_code == 200
