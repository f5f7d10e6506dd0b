"""A stopped campaign is stopped at its provider, too."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.gateways.errors import Throttled, Unreachable
from campaigns.models import AuditEntry, Message
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import recalling
from campaigns.services.campaigns import cancel_campaign, launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.outbox import count_statuses
from campaigns.services.recalling import recall, ring_for_late

S = MessageStatus


class Provider:
    """Stops the batches in `waiting`; the others have gone."""

    def __init__(self, waiting=()):
        self.waiting, self.asked, self.errors = set(waiting), [], []

    def cancel(self, batch_id):
        self.asked.append(batch_id)
        if self.errors:
            raise self.errors.pop()
        return batch_id in self.waiting

    def close(self):
        """Nothing is open."""


@pytest.fixture
def provider(monkeypatch):
    provider = Provider({"B1", "B2", "B3"})
    monkeypatch.setattr(recalling, "open_gateway", lambda channel: provider)
    return provider


@pytest.fixture
def stopped(make_campaign, make_channel, marketer):
    """Six people: batches B1, B2 and B3 were accepted, of B3 one was delivered; then stopped."""
    channel = make_channel(kind="sinch_sms", secrets={"api_token": "t"})
    channel.requests_per_second = 1000
    channel.save()
    campaign = make_campaign(contacts=6, channel=channel)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    for number, message in enumerate(Message.objects.order_by("pk")):
        message.status, message.accepted_at = S.ACCEPTED, timezone.now()
        message.provider_id = f"B{number // 2 + 1}/{message.phone}"
        message.save()
    campaign.refresh_from_db()
    campaign.status = CampaignStatus.SENDING
    campaign.save()
    cancel_campaign(campaign, by=marketer)
    return campaign


def reason_of(campaign):
    campaign.refresh_from_db()
    return campaign.status_reason


def test_each_batch_is_asked_about_once_and_the_page_tells(stopped, provider):
    recall(stopped.pk, 0, timezone.now())
    assert provider.asked == ["B1", "B2", "B3"]
    assert reason_of(stopped) == (
        "Stopped by marketer. The provider sends nothing more of 3 batches; what had gone out of "
        "it stays so."
    )
    entry = AuditEntry.objects.get(verb="campaign.recalled")
    assert entry.after == {"stopped": 3, "too late": 0, "problem": ""}


def test_nothing_is_guessed_about_the_rows(stopped, provider):
    recall(stopped.pk, 0, timezone.now())
    assert count_statuses(stopped) == {S.ACCEPTED: 6}


def test_what_had_gone_is_told(stopped, provider):
    provider.waiting = {"B2"}
    recall(stopped.pk, 0, timezone.now())
    assert "nothing more of 1 batch;" in reason_of(stopped)
    assert "For 2 batches it was too late" in reason_of(stopped)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": S.DELIVERED},
        {"accepted_at": timezone.now() - timedelta(days=4)},
        {"accepted_at": None, "status": S.UNKNOWN},
        {"provider_id": "no-batch"},
    ],
)
def test_what_cannot_wait_there_is_not_asked_about(changes, stopped, provider):
    Message.objects.update(**changes)
    recall(stopped.pk, 0, timezone.now())
    assert provider.asked == []
    assert reason_of(stopped) == "Stopped by marketer."


def test_a_campaign_that_goes_on_is_left_alone(stopped, provider):
    type(stopped).objects.update(status=CampaignStatus.SENDING)
    recall(stopped.pk, 0, timezone.now())
    assert provider.asked == []


def test_a_provider_without_batches_is_not_asked(stopped, provider):
    type(stopped.channel).objects.update(kind="sinch_mms")
    recall(stopped.pk, 0, timezone.now())
    assert provider.asked == []


def test_what_went_wrong_is_told_in_words(stopped, provider):
    provider.errors = [Unreachable("Sinch is away.")]
    recall(stopped.pk, 0, timezone.now())
    assert provider.asked == ["B1"]
    assert "could not be asked to stop the rest: Sinch is away." in reason_of(stopped)


def test_too_fast_is_asked_once_more(stopped, provider):
    provider.errors = [Throttled("Too fast.", retry_after=0.01)]
    recall(stopped.pk, 0, timezone.now())
    assert provider.asked == ["B1", "B1", "B2", "B3"]


def test_what_does_not_fit_in_a_slice_is_rung_for_again(stopped, provider, monkeypatch):
    rung = []
    monkeypatch.setattr(recalling, "ring", lambda task, *ids: rung.append((task, *ids)))
    monkeypatch.setattr(recalling, "_slots", lambda campaign: iter([None, None]))
    recall(stopped.pk, 0, timezone.now())
    assert provider.asked == ["B1", "B2"]
    task, pk, last = rung.pop()
    assert (task, pk) == ("outbox.recall", stopped.pk)
    recall(pk, last, timezone.now())
    assert provider.asked == ["B1", "B2", "B3"]


def test_what_was_under_way_at_the_stop_is_asked_about_later(stopped, provider, monkeypatch):
    rung = []
    monkeypatch.setattr(recalling, "ring", lambda task, *ids: rung.append((task, *ids)))
    ring_for_late(timezone.now())
    assert rung == []
    last = Message.objects.filter(provider_id__startswith="B3/")
    last.update(accepted_at=timezone.now())
    ring_for_late(timezone.now())
    assert rung == [("outbox.recall_late", stopped.pk, 0)]
    recall(stopped.pk, 0, timezone.now(), only_late=True)
    assert provider.asked == ["B3"]
