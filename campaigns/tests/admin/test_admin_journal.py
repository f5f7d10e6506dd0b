"""The journal's pages: states in true words, callbacks found by person and message."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns.models import GatewayCall, Message, MessageEvent, WebhookPost
from campaigns.services import callback_search
from campaigns.tests.conftest import make_reply

pytestmark = pytest.mark.django_db
Kept = WebhookPost.Status
LIST = reverse("admin:campaigns_webhookpost_changelist")


@pytest.fixture
def channel(make_channel):
    return make_channel()


@pytest.fixture
def keep(channel):
    def keep(body="", **fields):
        return WebhookPost.objects.create(
            channel=channel, body=body.encode(), received_at=timezone.now(), **fields
        )

    return keep


@pytest.fixture
def client(sign_in, administrator):
    return sign_in(administrator)


def page_of(client, row, name="webhookpost"):
    return client.get(reverse(f"admin:campaigns_{name}_change", args=[row.pk])).content.decode()


def found(client, words):
    return {post.pk for post in client.get(LIST, {"q": words}).context_data["cl"].result_list}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": Kept.NEW}, "Not yet"),
        ({"status": Kept.DONE}, "At once"),
        ({"status": Kept.DONE, "attempts": 2}, "After 2 tries that found no message yet"),
        ({"status": Kept.WAITING, "attempts": 1, "try_after": timezone.now()}, "1 try so far, the"),
        ({"status": Kept.UNMATCHED, "attempts": 13}, "Given up after 13 tries"),
        ({"status": Kept.UNREADABLE, "attempts": 1}, "No: it cannot be read"),
        ({"status": Kept.REFUSED, "attempts": 1}, "No: it was refused"),
    ],
)
def test_the_page_says_how_it_was_read(client, keep, fields, words):
    assert f"<dt>Read</dt><dd>{words}" in page_of(client, keep(**fields))


def test_what_was_refused_is_called_so_and_counted_among_what_needs_somebody(client, keep):
    post = keep(status=Kept.REFUSED, reason="Its signature does not fit.")
    page = page_of(client, post)
    assert ">Refused</span>" in page
    assert "Unreadable" not in page
    today = client.get(reverse("admin:index")).content.decode()
    address = f"{LIST}?status__in=unreadable,unmatched,refused"
    assert address in today
    shown = client.get(address).context_data["cl"].result_list
    assert [row.pk for row in shown] == [post.pk]


@pytest.mark.parametrize("body", ['{"a": "\u202egpj.exe"}', "no JSON \u202egpj.exe"])
def test_a_body_is_read_in_the_order_in_which_it_came(client, keep, body):
    page = page_of(client, keep(body))
    assert "\u202e" not in page
    assert "\\u202egpj.exe" in page


def test_callbacks_are_found_by_a_number_in_any_spelling(client, keep):
    told = keep('{"to": "+12015550101"}')
    keep('{"to": "+12015550102"}')
    for words in ("12015550101", "+1 (201) 555-0101", "001 201 555 0101"):
        assert found(client, words) == {told.pk}


def test_callbacks_are_found_by_a_reference(client, keep):
    told = keep('{"client_reference": "abc-7.2"}')
    keep('{"client_reference": "abc-8"}')
    assert found(client, "abc-7.2") == {told.pk}
    assert found(client, "") == set(WebhookPost.objects.values_list("pk", flat=True))


def test_what_was_read_of_a_person_is_found_without_their_number_in_it(
    client, keep, channel, make_mms
):
    told, said = keep("of a batch"), keep("a reply")
    message = Message.objects.create(
        purpose=Message.Purpose.TEST,
        channel=channel,
        revision=make_mms().head,
        sender="12015550100",
        phone="12015550101",
        reference="reference-1",
    )
    now = timezone.now()
    MessageEvent.objects.create(message=message, key="1", code="1", received_at=now, post=told)
    reply = make_reply(channel=channel, phone="12015550101", received_at=now, post=said)
    assert found(client, "12015550101") == {told.pk, said.pk}
    assert found(client, "reference-1") == {told.pk}
    thread = reverse("admin:campaigns_thread_change", args=[reply.thread_id])
    assert thread in page_of(client, said)
    page = page_of(client, told)
    assert thread in page
    assert reverse("admin:campaigns_message_change", args=[message.pk]) in page


def test_only_the_newest_bodies_are_walked_through(client, keep, monkeypatch):
    monkeypatch.setattr(callback_search, "MOST_WALKED", 2)
    keep("needle")
    posts = [keep("needle"), keep("needle")]
    assert found(client, "needle") == {post.pk for post in posts}


def test_a_request_without_an_answer_says_so(client, channel):
    call = GatewayCall.objects.create(
        channel=channel, action="send", milliseconds=5, at=timezone.now()
    )
    rows = client.get(reverse("admin:campaigns_gatewaycall_changelist")).content.decode()
    assert ">No answer</span>" in rows
    assert "No answer after 5 ms" in page_of(client, call, "gatewaycall")


@pytest.mark.parametrize("state", [Kept.NEW, Kept.WAITING, Kept.UNREADABLE, Kept.UNMATCHED])
def test_a_state_is_found_by_its_index(client, keep, state):
    """Of three million callbacks few are in it."""
    for status in (state, Kept.DONE):
        keep(status=status)
    rows = client.get(LIST, {"status__exact": state.value}).context_data["cl"].queryset
    assert [post.status for post in rows] == [state]
    if connection.vendor == "sqlite":  # PostgreSQL walks through tables as small as this one
        assert "USING INDEX post_" in rows.explain()
