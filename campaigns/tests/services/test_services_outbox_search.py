"""Few of a kind or many: the same rows are found."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services import outbox_search
from campaigns.services.outbox_search import in_state, launched_since, to_number

S = MessageStatus
WEEK = timedelta(days=7)


@pytest.fixture(params=["few", "many"])
def many(request, monkeypatch):
    if request.param == "many":
        monkeypatch.setattr(outbox_search, "MANY", 0)


@pytest.fixture
def rows(launch):
    """Two campaigns, and a message of none."""
    old, new = launch(3, name="Old"), launch(2, name="New")
    Campaign.objects.filter(pk=old.pk).update(launched_at=timezone.now() - 2 * WEEK)
    Message.objects.filter(campaign=old).update(status=S.FAILED, code="E1", reason="Refused.")
    Message.objects.create(
        purpose=Message.Purpose.TEST,
        channel=new.channel,
        revision=new.mms.head,
        sender="12015550100",
        phone="12025550199",
        reference="of-none",
        status=S.FAILED,
    )
    return Message.objects.order_by("-pk")


def count_of(found):
    return {name: found.filter(campaign__name=name).count() for name in ("Old", "New")}


def test_a_state_is_found_in_every_campaign_and_in_none(rows, many):
    failed = in_state(rows, S.FAILED)
    assert count_of(failed) == {"Old": 3, "New": 0}
    assert failed.filter(reference="of-none").exists()
    assert count_of(in_state(rows, S.QUEUED)) == {"Old": 0, "New": 2}
    assert not in_state(rows, S.DELIVERED).exists()


def test_of_the_last_week_are_those_of_campaigns_launched_in_it(rows):
    assert count_of(launched_since(rows, timezone.now() - WEEK)) == {"Old": 0, "New": 2}
    assert launched_since(rows, timezone.now() - WEEK).count() == 2
    assert launched_since(rows, timezone.now() - 3 * WEEK).count() == 5
    assert not launched_since(rows, timezone.now() + WEEK).exists()


def test_numbers_are_found_by_how_they_begin(rows, many):
    assert to_number(rows, "+1 202").get().reference == "of-none"
    assert to_number(rows, "(202) 555-0199").get().reference == "of-none"
    assert to_number(rows, "1 201").count() == 5
    assert not to_number(rows, "+1 203").exists()
    assert to_number(rows, "of-none") is None
