"""Whoever asked to be left alone is left alone, at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Consent, Message, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import MessageStatus
from campaigns.services.heeding import heed_reply
from campaigns.services.optouts import lift_optout, record_optout
from campaigns.services.outbox import OPTED_OUT
from campaigns.tests.conftest import make_reply

PHONE = "12015550123"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def make_message(make_campaign):
    campaign = make_campaign(contacts=0)

    def make(status, phone=PHONE):
        return Message.objects.create(
            channel=campaign.channel,
            revision=campaign.mms.revisions.get(),
            sender="12015550100",
            phone=phone,
            reference=f"{campaign.key}-{Message.objects.count()}",
            status=status,
        )

    return make


def test_what_waits_is_skipped_at_once_with_the_reason(make_message):
    waiting = make_message(MessageStatus.QUEUED)
    record_optout(PHONE, source=OptOut.Source.REPLY)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == (MessageStatus.SKIPPED, OPTED_OUT)
    assert waiting.changed_at


@pytest.mark.parametrize("status", [s for s in MessageStatus if s != MessageStatus.QUEUED])
def test_what_has_left_keeps_its_state(make_message, status):
    message = make_message(status)
    record_optout(PHONE, source=OptOut.Source.REPLY)
    message.refresh_from_db()
    assert (message.status, message.reason) == (status, "")


def test_other_people_are_still_written_to(make_message):
    other = make_message(MessageStatus.QUEUED, phone="12015550199")
    record_optout(PHONE, source=OptOut.Source.REPLY)
    other.refresh_from_db()
    assert other.status == MessageStatus.QUEUED


def test_a_repeat_keeps_the_first_evidence_and_one_entry(marketer, make_message):
    record_optout(PHONE, source=OptOut.Source.REPLY, evidence="Replied “STOP”")
    late = make_message(MessageStatus.QUEUED)
    record_optout(PHONE, source=OptOut.Source.STAFF, evidence="Phoned", by=marketer)
    late.refresh_from_db()
    assert OptOut.objects.get().evidence == "Replied “STOP”"
    assert AuditEntry.objects.filter(verb="optout.recorded").count() == 1
    assert late.status == MessageStatus.SKIPPED


def test_the_audit_says_who_and_not_the_number(marketer):
    record_optout(PHONE, source=OptOut.Source.STAFF, by=marketer)
    entry = AuditEntry.objects.get(verb="optout.recorded")
    assert entry.actor == marketer
    assert PHONE not in f"{entry.target}{entry.after}"


@pytest.mark.parametrize("phone", ["", "+12015550123", "201 555", "１２０１", "1" * 16])
def test_only_a_number_as_we_keep_it_opts_out(db, phone):
    with pytest.raises(RuleBroken):
        record_optout(phone, source=OptOut.Source.STAFF)


# --- Asked again ---------------------------------------------------------------------------------


@pytest.fixture
def start(make_channel):
    """START, written so long ago and read now."""
    channel = make_channel()

    def start(ago):
        now = timezone.now()
        reply = make_reply(
            channel=channel,
            phone=PHONE,
            text="START",
            provider_id=f"mo-{ago}",
            sent_at=now - ago,
            received_at=now,
        )
        heed_reply(reply, "START", now)

    return start


@pytest.mark.parametrize("source", [OptOut.Source.REPLY, OptOut.Source.STAFF, OptOut.Source.FILE])
def test_a_start_lifts_nothing_that_was_asked_for_again_later(start, source):
    first, again = timezone.now() - 60 * MINUTE, timezone.now() - 20 * MINUTE
    record_optout(PHONE, source=source, asked_at=first)
    record_optout(PHONE, source=source, asked_at=again)
    start(30 * MINUTE)
    optout = OptOut.objects.get()
    assert (optout.asked_at, optout.last_asked_at) == (first, again)
    said = Consent.objects.filter(kind="opted_out").order_by("at").values_list("at", flat=True)
    assert list(said) == [first, again]
    start(10 * MINUTE)
    assert not OptOut.objects.exists()


def test_an_older_repeat_moves_nothing_back(start):
    now = timezone.now()
    record_optout(PHONE, source=OptOut.Source.REPLY, asked_at=now - 20 * MINUTE)
    record_optout(PHONE, source=OptOut.Source.REPLY, asked_at=now - 60 * MINUTE)
    start(30 * MINUTE)
    assert OptOut.objects.get().last_asked_at == now - 20 * MINUTE


def test_what_the_provider_refuses_is_no_word_of_theirs(start):
    record_optout(PHONE, source=OptOut.Source.REPLY, asked_at=timezone.now() - 60 * MINUTE)
    record_optout(PHONE, source=OptOut.Source.PROVIDER)
    start(30 * MINUTE)
    assert not OptOut.objects.exists()


def test_staff_lifts_only_with_a_consent_newer_than_the_last_time_they_asked(marketer):
    now = timezone.now()
    record_optout(PHONE, source=OptOut.Source.STAFF, asked_at=now - 9 * DAY, by=marketer)
    optout = record_optout(PHONE, source=OptOut.Source.STAFF, asked_at=now - 2 * DAY, by=marketer)
    told = {"reason": "Called", "method": "phone", "wording": "Yes", "by": marketer}
    with pytest.raises(RuleBroken, match="before they opted out"):
        lift_optout(optout, at=now - 5 * DAY, **told)
    lift_optout(optout, at=now - DAY, **told)
    assert not OptOut.objects.exists()
