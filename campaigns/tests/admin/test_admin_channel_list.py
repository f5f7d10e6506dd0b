"""The list of channels: how each is, in as few questions for many as for one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.gateways.errors import Misconfigured
from campaigns.models import AuditEntry, Channel, Lane, WebhookPost
from campaigns.services import channels as services
from campaigns.services.hooks import Arrived, find_arrived

LIST = reverse("admin:campaigns_channel_changelist")
NOW = timezone.now()
Kept = WebhookPost.Status


def post(channel, status, minutes=0, **fields):
    at = NOW + timedelta(minutes=minutes)
    return WebhookPost.objects.create(
        channel=channel, body=b"{}", status=status, received_at=at, **fields
    )


@pytest.fixture
def busy(make_channel):
    """A channel nobody tested, which has sent, and whose callbacks are partly refused."""

    def make(name):
        channel = make_channel(name, last_hook_at=NOW)
        Lane.objects.create(channel=channel, last_sent_at=NOW)
        AuditEntry.objects.create(
            verb="channel.added", target_type="channel", target_id=str(channel.pk), target=name
        )
        post(channel, Kept.DONE)
        post(channel, Kept.REFUSED, reason="Its signature does not fit.")
        return channel

    return make


def test_many_channels_ask_as_few_questions_as_one(busy, administrator, sign_in):
    client = sign_in(administrator)
    counts = []
    for number in range(6):
        busy(f"Channel {number}")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = client.get(LIST).content.decode()
        counts.append(len(asked))
    assert page.count("Callbacks refused") == 6
    assert len(set(counts[1:])) == 1  # the first time more is asked, and then remembered


def test_each_channel_of_the_list_is_judged_by_its_own(busy, make_channel, administrator, sign_in):
    well, changed = busy("Well"), busy("Changed since")
    for channel in (well, changed):
        post(channel, Kept.DONE)
    AuditEntry.objects.create(
        verb="channel.changed", target_type="channel", target_id=str(changed.pk), target="x"
    )
    Lane.objects.filter(channel=well).update(last_sent_at=timezone.now())
    make_channel("Fresh")
    shown = sign_in(administrator).get(LIST).context_data["cl"].result_list
    assert {str(row): row.shown_light.word for row in shown} == {
        "Well": "Well",
        "Changed since": "Not tested",
        "Fresh": "Not tested",
    }


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ([], Arrived(NOW)),
        ([Kept.DONE], Arrived(NOW)),
        ([Kept.REFUSED], Arrived(None, "1")),
        ([Kept.DONE, Kept.REFUSED], Arrived(NOW, "2")),
        ([Kept.UNREADABLE, Kept.WAITING], Arrived(NOW + timedelta(minutes=1))),
    ],
)
def test_the_newest_callback_that_was_read_counts(make_channel, states, found):
    other, channel = make_channel("Other", last_hook_at=NOW), make_channel(last_hook_at=NOW)
    post(other, Kept.REFUSED, reason="of another")
    for number, state in enumerate(states):
        post(channel, state, number, reason=str(number + 1))
    post(channel, Kept.REFUSED, reason="fetched", is_polled=True)
    assert find_arrived(channel) == found


@pytest.mark.parametrize(
    ("is_partial", "word", "said"),
    [(True, "Works in part", "it works in part"), (False, "Test failed", "failed")],
)
def test_a_test_says_what_works_and_what_does_not(
    make_channel, administrator, sign_in, monkeypatch, is_partial, word, said
):
    class Half:
        def check_credentials(self, sender):
            raise Misconfigured("MMS is ready. The app has no SMS.", is_partial=is_partial)

        def close(self):
            pass

    monkeypatch.setattr(services, "open_gateway", lambda channel: Half())
    client, channel = sign_in(administrator), make_channel()
    url = reverse("admin:campaigns_channel_test", args=[channel.pk])
    page = client.post(url, follow=True).content.decode()
    assert "MMS is ready. The app has no SMS." in page
    assert word in page
    assert f": {said}</dd>" in page
    assert Channel.objects.get().works_in_part is is_partial
