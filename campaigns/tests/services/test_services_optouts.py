"""Whoever asked to be left alone is left alone, at once."""

import pytest

from campaigns.models import AuditEntry, Message, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import MessageStatus
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import OPTED_OUT

PHONE = "12015550123"


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
