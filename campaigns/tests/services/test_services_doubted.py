"""Rows that a reply to judge keeps away: they get the turn of the plan as it is then, once, and
only while their campaign goes on."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import (
    Campaign,
    Contact,
    InboundMessage,
    Message,
    OptOut,
    OptOutReview,
    Policy,
)
from campaigns.rules.ladder import REASONS, Rung
from campaigns.rules.lines import LineKind
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import filling
from campaigns.services.campaigns import cancel_campaign, launch_campaign
from campaigns.services.consent import refresh_consented_at
from campaigns.services.contact_changes import THEY_WERE_DELETED, delete_contacts, save_contact
from campaigns.services.filling import fill_outbox, freeze_audience
from campaigns.services.heeding import heed_reply
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import OPTED_OUT, UNDER_REVIEW
from campaigns.services.planning import STARTS_TOO_LATE
from campaigns.services.reviews import decide_review, open_reviews
from campaigns.services.starting import move_start
from campaigns.services.sweep import skip_undeliverable
from campaigns.tests.conftest import make_reply

S, C, Start = MessageStatus, CampaignStatus, Campaign.Start
DAY = timedelta(days=1)
EASTERN = "US;NY;America/New_York"


@pytest.fixture
def campaign(make_campaign):
    """To two people, in two days; a draft."""
    campaign = make_campaign(contacts=2, start=Start.AT, starts_at=timezone.now() + 2 * DAY)
    Contact.objects.update(place=EASTERN)
    return campaign


@pytest.fixture
def ann(campaign):
    return Contact.objects.order_by("pk").first()


def doubt(campaign, person):
    """The person writes something that may be an opt-out."""
    said, now = "my lawyer will call you, this is spam", timezone.now()
    reply = make_reply(
        channel=campaign.channel,
        phone=person.phone,
        to="12015550100",
        text=said,
        provider_id=f"mo-{InboundMessage.objects.count()}",
        received_at=now,
    )
    heed_reply(reply, said, now)


def judge(by, *, is_optout=False):
    decide_review(open_reviews().get(), is_optout=is_optout, by=by)


def launch(campaign, by):
    launch_campaign(campaign, by=by)
    return fill(campaign)


def fill(campaign):
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    return campaign


def freeze(campaign, by):
    """Launched, and no row is made yet."""
    launch_campaign(campaign, by=by)
    freeze_audience(Campaign.objects.get(pk=campaign.pk), timezone.now())


def row_of(person):
    return Message.objects.get(phone=person.phone)


def move(campaign, by, starts_at):
    fields = {"start": Start.AT, "starts_at": starts_at, "late": "tomorrow"}
    move_start(campaign, {**fields, "local_date": None, "local_time": None}, by=by)
    fill(campaign)


# --- A start that is moved meanwhile -------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 3])
def test_a_start_that_was_moved_meanwhile_is_theirs_too(campaign, ann, marketer, days):
    launch(campaign, marketer)
    doubt(campaign, ann)
    starts_at = timezone.now() + days * DAY
    move(campaign, marketer, starts_at)
    assert row_of(ann).status == S.SKIPPED
    judge(marketer)
    row, other = row_of(ann), Message.objects.exclude(phone=ann.phone).get()
    assert (row.status, row.send_after, row.reason) == (S.QUEUED, starts_at, other.reason)


def test_who_has_no_turn_in_the_new_plan_waits_for_another_one(campaign, ann, marketer):
    campaign.not_after = timezone.now() + 4 * DAY
    campaign.save()
    launch(campaign, marketer)
    doubt(campaign, ann)
    Campaign.objects.update(starts_at=timezone.now() + 5 * DAY, planned_at=timezone.now())
    judge(marketer)
    assert (row_of(ann).status, row_of(ann).reason) == (S.SKIPPED, STARTS_TOO_LATE)
    Campaign.objects.update(starts_at=timezone.now() + 2 * DAY)
    move(Campaign.objects.get(), marketer, timezone.now() + 3 * DAY)
    assert row_of(ann).status == S.QUEUED


def test_who_was_left_out_for_their_time_gets_the_new_one(campaign, ann, marketer):
    launch(campaign, marketer)
    Message.objects.filter(phone=ann.phone).update(status=S.SKIPPED, reason=STARTS_TOO_LATE)
    doubt(campaign, ann)
    starts_at = timezone.now() + 3 * DAY
    move(campaign, marketer, starts_at)
    judge(marketer)
    assert (row_of(ann).status, row_of(ann).send_after) == (S.QUEUED, starts_at)


def test_who_moved_meanwhile_gets_it_by_the_hours_of_their_new_place(campaign, ann, marketer):
    launch(campaign, marketer)
    doubt(campaign, ann)
    Message.objects.exclude(phone=ann.phone).delete()
    ann.state, ann.time_zone = "CA", "America/Los_Angeles"
    save_contact(ann, by=marketer)
    judge(marketer)
    assert row_of(ann).place.endswith("America/Los_Angeles")


# --- Before they have a row ----------------------------------------------------------------------


def before_the_launch(campaign, ann, by):
    doubt(campaign, ann)
    launch(campaign, by)


def before_the_rows(campaign, ann, by):
    freeze(campaign, by)
    doubt(campaign, ann)
    fill(campaign)


@pytest.mark.parametrize("wrote", [before_the_launch, before_the_rows])
def test_who_wrote_before_they_had_a_row_gets_their_turn(campaign, ann, marketer, wrote):
    wrote(campaign, ann, marketer)
    assert (row_of(ann).status, row_of(ann).reason) == (S.SKIPPED, UNDER_REVIEW)
    judge(marketer)
    row, other = row_of(ann), Message.objects.exclude(phone=ann.phone).get()
    assert (row.status, row.send_after, row.reason) == (S.QUEUED, other.send_after, other.reason)


@pytest.mark.parametrize("is_frozen_first", [True, False])
def test_who_is_judged_while_the_rows_are_made_gets_their_turn(
    campaign, ann, marketer, is_frozen_first
):
    if not is_frozen_first:
        doubt(campaign, ann)
    freeze(campaign, marketer)
    if is_frozen_first:
        doubt(campaign, ann)
    judge(marketer)
    fill(campaign)
    assert row_of(ann).status == S.QUEUED
    assert campaign.ladder.get("opted_out", 0) == (not is_frozen_first)


def test_who_is_judged_between_their_row_and_the_start_gets_their_turn(
    campaign, ann, marketer, monkeypatch
):
    doubt(campaign, ann)
    real = filling._open_for_sending

    def judged_first(*args):
        judge(marketer)
        real(*args)

    monkeypatch.setattr(filling, "_open_for_sending", judged_first)
    launch(campaign, marketer)
    assert row_of(ann).status == S.QUEUED


def is_somebody_waiting_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_who_is_judged_at_the_moment_of_the_start_gets_their_turn(
    campaign, ann, marketer, monkeypatch
):
    doubt(campaign, ann)
    real = filling.give_back

    def judge_in_thread():
        try:
            judge(marketer)
        finally:
            connection.close()

    judging = threading.Thread(target=judge_in_thread)

    def too_early(*args):
        """The start has looked whom to give it back to, and is not committed."""
        count = real(*args)
        judging.start()
        while judging.is_alive() and not is_somebody_waiting_for_a_lock():
            judging.join(0.01)
        return count

    monkeypatch.setattr(filling, "give_back", too_early)
    launch(campaign, marketer)
    judging.join(20)
    assert not open_reviews().exists()
    assert row_of(ann).status == S.QUEUED


def test_who_opted_out_after_all_says_so_in_their_row(campaign, ann, marketer):
    before_the_launch(campaign, ann, marketer)
    judge(marketer, is_optout=True)
    assert (row_of(ann).status, row_of(ann).reason) == (S.SKIPPED, OPTED_OUT)


def test_the_number_of_the_ladder_stays_that_of_its_rows(campaign, ann, marketer):
    before_the_launch(campaign, ann, marketer)
    judge(marketer)
    assert campaign.ladder["opted_out"] == Message.objects.filter(rung=Rung.OPTED_OUT).count() == 1


def test_a_sweep_tells_a_doubt_from_an_opt_out(campaign, ann, marketer):
    launch(campaign, marketer)
    bob = Contact.objects.order_by("pk").last()
    doubt(campaign, ann)
    record_optout(bob.phone, source="staff")
    Message.objects.update(status=S.QUEUED, reason="")  # put back by a sender who had them
    skip_undeliverable(timezone.now())
    assert [row_of(ann).reason, row_of(bob).reason] == [UNDER_REVIEW, OPTED_OUT]


# --- Never ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrote", [before_the_launch, before_the_rows])
def test_a_campaign_that_was_stopped_gets_nobody_back(campaign, ann, marketer, wrote):
    wrote(campaign, ann, marketer)
    cancel_campaign(campaign, by=marketer)
    judge(marketer)
    assert row_of(ann).status == S.SKIPPED


def test_a_campaign_that_ended_gets_nobody_back(campaign, ann, marketer):
    before_the_launch(campaign, ann, marketer)
    Campaign.objects.update(status=C.DONE)
    judge(marketer)
    assert row_of(ann).status == S.SKIPPED


@pytest.mark.parametrize("wrote", [before_the_launch, before_the_rows])
@pytest.mark.parametrize("is_early", [True, False])
def test_who_opted_out_of_its_channel_too_stays_away(campaign, ann, marketer, wrote, is_early):
    out = {"source": OptOut.Source.STAFF, "channel": campaign.channel, "by": marketer}
    if is_early:
        record_optout(ann.phone, **out)
    wrote(campaign, ann, marketer)
    if not is_early:
        record_optout(ann.phone, **out)
    judge(marketer)
    assert (row_of(ann).status, row_of(ann).reason) == (S.SKIPPED, OPTED_OUT)


def test_an_opt_out_of_another_channel_keeps_nobody_away(campaign, ann, marketer, make_channel):
    record_optout(ann.phone, source="staff", channel=make_channel("Another"))
    before_the_launch(campaign, ann, marketer)
    judge(marketer)
    assert row_of(ann).status == S.QUEUED


def test_one_of_two_doubts_gives_nothing_back(campaign, ann, marketer):
    before_the_launch(campaign, ann, marketer)
    doubt(campaign, ann)
    decide_review(open_reviews().first(), is_optout=False, by=marketer)
    assert row_of(ann).status == S.SKIPPED
    judge(marketer)
    assert row_of(ann).status == S.QUEUED


def test_what_went_out_is_not_given_back_by_a_later_judgement(campaign, ann, marketer):
    before_the_launch(campaign, ann, marketer)
    judge(marketer)
    Message.objects.update(status=S.DELIVERED)
    doubt(campaign, ann)
    judge(marketer)
    assert row_of(ann).status == S.DELIVERED
    assert Message.objects.filter(phone=ann.phone).count() == 1


def no_consent(campaign, ann):
    Contact.objects.filter(pk=ann.pk).update(consented_at=None)
    return Rung.NO_CONSENT


def landline(campaign, ann):
    Contact.objects.filter(pk=ann.pk).update(line=LineKind.LANDLINE)
    return Rung.LINE


def abroad(campaign, ann):
    Contact.objects.filter(pk=ann.pk).update(country="DE")
    return Rung.COUNTRY


def often(campaign, ann):
    Policy.objects.create(pk=1, cap_count=1, cap_days=7)
    other = Campaign.objects.create(
        name="Another", channel=campaign.channel, key="another", launched_at=timezone.now()
    )
    Message.objects.create(
        campaign=other,
        channel=campaign.channel,
        revision=campaign.mms.head,
        sender="12015550100",
        contact=ann,
        phone=ann.phone,
        reference="another",
        status=S.DELIVERED,
    )
    return Rung.CAPPED


@pytest.mark.parametrize("hindered", [no_consent, landline, abroad, often])
def test_who_would_be_left_out_for_something_else_stays_away(campaign, ann, marketer, hindered):
    rung = hindered(campaign, ann)
    before_the_launch(campaign, ann, marketer)
    rows = Message.objects.filter(campaign=campaign, phone=ann.phone)
    assert rows.get().reason == UNDER_REVIEW
    judge(marketer)
    assert (rows.get().status, rows.get().reason) == (S.SKIPPED, REASONS[rung])


def test_whose_consent_went_meanwhile_stays_away(campaign, ann, marketer):
    launch(campaign, marketer)
    doubt(campaign, ann)
    refresh_consented_at([ann.phone])  # the ledger holds none
    judge(marketer)
    assert (row_of(ann).status, row_of(ann).reason) == (S.SKIPPED, REASONS[Rung.NO_CONSENT])


def test_who_was_deleted_meanwhile_stays_away(campaign, ann, marketer):
    launch(campaign, marketer)
    doubt(campaign, ann)
    delete_contacts([ann], by=marketer)
    judge(marketer)
    assert (row_of(ann).status, row_of(ann).reason) == (S.SKIPPED, THEY_WERE_DELETED)
    assert OptOutReview.objects.get().decision == OptOutReview.Decision.NOT_ONE
