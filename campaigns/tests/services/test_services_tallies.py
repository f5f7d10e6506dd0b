"""The tally says what the rows say, whoever writes them."""

import logging
import random
from collections import Counter
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from campaigns.apps import CampaignsConfig
from campaigns.models import Message, Tally, TallyDetail
from campaigns.rules.statuses import GONE_WRONG, CampaignStatus, MessageStatus
from campaigns.services.erasure import erase_person
from campaigns.services.guards import GUARDS
from campaigns.services.outbox import Result, change_in_chunks, claim, count_statuses, settle
from campaigns.services.resending import queue_again, send_again
from campaigns.services.tallies import MINUTE, count_causes, count_minutes
from campaigns.services.tallies_keeping import (
    audit_tally,
    compact_tally,
    find_wrong,
    install_after_migrate,
    mend_tally,
)
from campaigns.services.tallies_triggers import drop_triggers

S = MessageStatus
STEPS = 60


def counted(model, *key):
    """What the tally says: key → count, where it is not nought."""
    sums = Counter()
    for *of, count in model.objects.values_list(*key, "count"):
        sums[tuple(of)] += count
    return {of: count for of, count in sums.items() if count}


def detail_of(message):
    if message.status in GONE_WRONG:
        return message.code or message.reason
    is_held = message.status == S.QUEUED and message.send_after > message.created_at
    return message.send_after.strftime(MINUTE) if is_held else None


def check_against_rows():
    rows = list(Message.objects.exclude(campaign=None))
    states = Counter((row.campaign_id, row.status) for row in rows)
    details = [(row.campaign_id, row.status, detail_of(row)) for row in rows]
    assert counted(Tally, "campaign", "status") == states
    told_apart = Counter(each for each in details if each[2] is not None)
    assert counted(TallyDetail, "campaign", "status", "detail") == told_apart


@pytest.fixture
def outbox(make_campaign):
    """Two campaigns that send, with nothing in the outbox yet, and their people."""
    campaigns = [make_campaign(contacts=20, status=CampaignStatus.SENDING) for _ in "12"]
    for campaign in campaigns:
        campaign.revision = campaign.mms.revisions.get()
        campaign.filled_at = campaign.launched_at = timezone.now()
        campaign.save()
    return campaigns


def make_rows(campaign, contacts, **fields):
    made = timezone.now()
    return Message.objects.bulk_create(
        (
            Message(
                campaign=campaign,
                channel=campaign.channel,
                revision=campaign.revision,
                sender="12015550100",
                contact=contact,
                phone=contact.phone,
                reference=f"{campaign.key}-{contact.pk}",
                send_after=fields.get("send_after", made),
                **{name: value for name, value in fields.items() if name != "send_after"},
            )
            for contact in contacts
        ),
        ignore_conflicts=True,
    )


class Walk:
    """Random writers of the outbox, one after the other."""

    def __init__(self, seed, campaigns, by):
        self.random, self.campaigns, self.by = random.Random(seed), campaigns, by
        self.steps = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("do_")]

    def step(self):
        campaign = self.random.choice(self.campaigns)
        verb = self.random.choice(self.steps)
        verb(campaign)
        return verb.__name__

    def some(self, campaign):
        ids = list(Message.objects.filter(campaign=campaign).values_list("pk", flat=True))
        return Message.objects.filter(pk__in=self.random.sample(ids, len(ids) // 3))

    def do_insert(self, campaign):
        people = list(campaign.lists.get().contacts.order_by("pk"))
        later = timezone.now() + timedelta(minutes=self.random.randrange(-5, 300))
        reason = self.random.choice(["", "Quiet hours."])
        make_rows(campaign, self.random.sample(people, 8), send_after=later, reason=reason)

    def do_insert_a_test(self, campaign):
        contact = campaign.lists.get().contacts.first()
        made = make_rows(campaign, [contact], purpose=Message.Purpose.TEST)
        Message.objects.filter(reference=made[0].reference).update(campaign=None)

    def do_settle(self, campaign):
        now = timezone.now() + timedelta(minutes=self.random.randrange(300))
        rows = claim(campaign.channel_id, campaign.pk, 6, owner="x", now=now)
        states = [S.ACCEPTED, S.FAILED, S.UNKNOWN, S.QUEUED]
        code = self.random.choice(["", "E101", "E241"])
        results = [
            Result(
                row.id,
                self.random.choice(states),
                code=code,
                reason="Why.",
                send_after=now + timedelta(seconds=self.random.randrange(600)),
            )
            for row in rows
        ]
        settle(results[1:], owner="x", now=now)

    def do_report(self, campaign):
        status = self.random.choice(list(S))
        reason = "It is “so”; 'quoted'. " * self.random.choice([0, 1, 2])
        self.some(campaign).update(status=status, code="", reason=reason)

    def do_move_start(self, campaign):
        self.some(campaign).update(send_after=F("send_after") + timedelta(minutes=30))

    def do_send_again(self, campaign):
        self.some(campaign).update(status=S.FAILED, code="E101", reason="Refused.")
        if Message.objects.filter(campaign=campaign, status=S.FAILED, contact__isnull=False):
            queue_again(send_again(campaign, S.FAILED, by=self.by).pk, timezone.now())

    def do_cancel(self, campaign):
        rows = Message.objects.filter(campaign=campaign, status=S.QUEUED)
        change_in_chunks(rows, status=S.CANCELLED)

    def do_erase(self, campaign):
        rows = Message.objects.filter(campaign=campaign, contact__isnull=False)
        message = rows.exclude(status=S.SENDING).first()
        if message and not rows.filter(phone=message.phone, status=S.SENDING).exists():
            erase_person(message.phone, by=self.by)

    def do_delete(self, campaign):
        self.some(campaign).delete()

    def do_change_campaign(self, campaign):
        rows = self.some(campaign)
        rows.filter(contact=None).update(campaign=self.random.choice(self.campaigns))

    def do_take_back(self, campaign):
        with transaction.atomic():
            self.some(campaign).update(status=S.DELIVERED)
            transaction.set_rollback(True)

    def do_compact(self, campaign):
        compact_tally()


@pytest.mark.parametrize("seed", range(4))
def test_after_whatever_happens_the_tally_is_what_the_rows_say(outbox, administrator, seed):
    walk = Walk(seed, outbox, administrator)
    done = []
    for _ in range(STEPS):
        done.append(walk.step())
        try:
            check_against_rows()
        except AssertionError:
            raise AssertionError(f"after {done}") from None
    assert len(set(done)) > 8


def test_a_row_that_is_there_already_is_not_counted_twice(outbox):
    first, _ = outbox
    people = list(first.lists.get().contacts.all())
    make_rows(first, people)
    make_rows(first, people)
    assert count_statuses(first) == {S.QUEUED: 20}
    check_against_rows()


def test_what_is_nought_is_not_shown_and_is_swept_away(outbox):
    first, _ = outbox
    make_rows(first, first.lists.get().contacts.all())
    for status in (S.SENDING, S.ACCEPTED, S.SENT):
        Message.objects.filter(campaign=first).update(status=status)
    assert count_statuses(first) == {S.SENT: 20}
    compact_tally()
    assert [(each.status, each.count) for each in Tally.objects.all()] == [(S.SENT, 20)]


def test_what_is_held_is_counted_by_minute_and_what_went_wrong_by_its_cause(outbox):
    first, _ = outbox
    people = list(first.lists.get().contacts.order_by("pk"))
    soon = (timezone.now() + timedelta(hours=2)).replace(second=0, microsecond=0)
    make_rows(first, people[:3], send_after=soon)
    make_rows(first, people[3:5], send_after=soon + timedelta(seconds=20))
    make_rows(first, people[5:9], status=S.FAILED, code="E101", reason="Refused.")
    make_rows(first, people[9:11], status=S.SKIPPED, reason="They opted out.")
    make_rows(first, people[11:12], status=S.FAILED)
    make_rows(first, people[12:])
    assert count_minutes(first, timezone.now()) == [(soon, 5)]
    assert count_minutes(first, soon) == []
    assert count_causes(first, 10) == [(S.FAILED, "E101", 4), (S.SKIPPED, "They opted out.", 2)]
    assert count_causes(first, 1) == [(S.FAILED, "E101", 4)]


# --- Set up, and held against the rows ----------------------------------------------------------


def run(*statements):
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


def install():
    install_after_migrate(CampaignsConfig, using="default")


def test_where_triggers_were_lost_they_are_set_and_all_is_counted_anew(outbox):
    first, _ = outbox
    people = list(first.lists.get().contacts.order_by("pk"))
    make_rows(first, people[:9], status=S.FAILED, reason="Gone.")
    run(*drop_triggers(connection.vendor))
    make_rows(first, people, send_after=timezone.now() + timedelta(hours=1))
    Message.objects.filter(phone=people[0].phone).update(reason="Another.")
    install()
    check_against_rows()
    Message.objects.filter(campaign=first).update(status=S.SENT)
    check_against_rows()


def test_where_nothing_is_missing_nothing_is_counted_anew(outbox):
    first, _ = outbox
    make_rows(first, first.lists.get().contacts.all())
    Tally.objects.update(count=F("count") + 1)
    install()
    assert count_statuses(first) == {S.QUEUED: 21}


def test_a_wrong_count_of_a_campaign_that_is_over_is_mended_and_told(outbox, caplog):
    first, second = outbox
    for campaign in outbox:
        make_rows(campaign, campaign.lists.get().contacts.all(), status=S.DELIVERED)
        campaign.status = CampaignStatus.DONE
        campaign.save()
    now = timezone.now()
    with caplog.at_level(logging.ERROR):
        audit_tally(now)
        audit_tally(now + timedelta(minutes=1))
        assert caplog.messages == []
        Tally.objects.filter(campaign=first).update(count=F("count") + 3)
        audit_tally(now)
        audit_tally(now + timedelta(minutes=1))
    assert caplog.messages == [
        f"The counts of campaign {first.pk} were wrong and are mended: Delivered -3."
    ]
    assert find_wrong(first.pk) == find_wrong(second.pk) == {}
    check_against_rows()


def test_all_is_mended_at_once(outbox):
    first, second = outbox
    make_rows(first, first.lists.get().contacts.all(), status=S.FAILED, code="E101")
    make_rows(second, second.lists.get().contacts.all())
    Tally.objects.filter(campaign=first).delete()
    TallyDetail.objects.update(count=500)
    mend_tally()
    check_against_rows()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only there")
def test_a_table_that_is_emptied_has_no_tally(outbox):
    first, _ = outbox
    make_rows(first, first.lists.get().contacts.all())
    guards = [sql for guard in GUARDS for sql in guard.drop(connection.vendor)]
    run("SET CONSTRAINTS ALL IMMEDIATE", *guards, "TRUNCATE campaigns_message CASCADE")
    assert not Tally.objects.exists()


# --- Two at once ---------------------------------------------------------------------------------


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_writers_and_the_sweep_never_wait_for_each_other_over_it(outbox):
    """Each holds its transaction open over changes of both campaigns, in opposite order."""
    people = [list(campaign.lists.get().contacts.order_by("pk")) for campaign in outbox]
    for campaign, some in zip(outbox, people, strict=True):
        make_rows(campaign, some)
    troubles = []

    def write(order, odd):
        run("SET lock_timeout = '20s'", "SET deadlock_timeout = '50ms'")
        states = (S.SENDING, S.ACCEPTED, S.FAILED, S.QUEUED)
        for number in range(40):
            with transaction.atomic():
                for campaign in order:
                    rows = Message.objects.filter(campaign=campaign)
                    own = rows.annotate(odd=F("contact_id") % 2).filter(odd=odd)
                    own.update(status=states[number % 4], code=f"E{number % 3}")

    def sweep():
        for _ in range(40):
            compact_tally()

    def guarded(call, *arguments):
        try:
            call(*arguments)
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    first, second = outbox
    calls = [(write, [first, second], 0), (write, [second, first], 1), (sweep,), (sweep,)]
    threads = [Thread(target=guarded, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    check_against_rows()
    compact_tally()
    check_against_rows()
    assert not Tally.objects.filter(count__lte=0).exists()
    assert Tally.objects.count() == len(counted(Tally, "campaign", "status"))
