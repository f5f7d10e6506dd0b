"""Replies: their files are copied, and a STOP in one of them is heeded."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways.http import FetchRefused
from campaigns.models import InboundMedia, OptOut
from campaigns.services import inbox
from campaigns.tests.conftest import make_reply

Copy = InboundMedia.Status


@pytest.fixture
def reply(make_channel, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    reply = make_reply(
        channel=make_channel(),
        phone="12015550155",
        to="12015550100",
        provider_id="mo-1",
        received_at=timezone.now(),
    )
    for name in ("1.txt", "2.txt"):
        InboundMedia.objects.create(message=reply, url=f"https://mo.example.net/{name}")
    return reply


@pytest.fixture
def provider(monkeypatch):
    """What the provider's files hold; a missing one cannot be fetched."""
    files = {}

    class Fetched:
        def __init__(self, body):
            self.status, self.content_type, self.body = 200, "text/plain; charset=utf-8", body

    def fetch(url, **options):
        name = url.rpartition("/")[2]
        if name not in files:
            raise FetchRefused("It cannot be reached.")
        return Fetched(files[name])

    monkeypatch.setattr(inbox, "fetch", fetch)
    return files


def test_the_text_of_a_reply_is_one_of_its_files(reply, provider):
    provider["1.txt"] = "Is it open on Sunday? 🐦".encode()
    provider["2.txt"] = b"Thanks!"
    inbox.copy_media(reply.pk, timezone.now())
    reply.refresh_from_db()
    assert reply.text == "Is it open on Sunday? 🐦\nThanks!"


def test_a_stop_in_a_file_that_comes_later_is_heeded(reply, provider):
    provider["1.txt"] = b"Hello"
    now = timezone.now()
    inbox.copy_media(reply.pk, now)
    assert not OptOut.objects.exists()
    provider["2.txt"] = b"STOP"
    inbox.copy_media(reply.pk, now + timedelta(minutes=5))
    assert OptOut.objects.get().phone == "12015550155"


def test_a_file_is_tried_for_days_before_it_is_called_lost(reply, provider):
    now, tries = timezone.now(), 0
    while reply.media.filter(status=Copy.WAITING).exists() and tries < 50:
        inbox.copy_media(reply.pk, now)
        tries += 1
        now = reply.media.order_by("-try_after").first().try_after + timedelta(seconds=1)
    assert now - timezone.now() > timedelta(days=2)
    assert set(reply.media.values_list("status", flat=True)) == {Copy.LOST}


def test_before_its_time_nothing_is_tried_again(reply, provider):
    now = timezone.now()
    inbox.copy_media(reply.pk, now)
    inbox.copy_media(reply.pk, now + timedelta(seconds=30))
    assert set(reply.media.values_list("attempts", flat=True)) == {1}
