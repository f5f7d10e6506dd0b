"""Waves start once, in time or on a person's word; nothing of one goes out before."""

import random
import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import AuditEntry, Campaign, Contact, Message, Wave
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import starting
from campaigns.services.campaigns import (
    cancel_campaign,
    launch_campaign,
    pause_campaign,
    resume_campaign,
)
from campaigns.services.due import has_due
from campaigns.services.filling import fill_outbox
from campaigns.services.outbox import claim, count_statuses
from campaigns.services.planning import LATE
from campaigns.services.starting import (
    find_missed,
    is_movable,
    is_start_due,
    move_missed,
    move_start,
    start_due,
    start_missed,
)
from campaigns.services.sweep import cancel_stopped

S, C, Start = MessageStatus, CampaignStatus, Campaign.Start
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EASTERN, CENTRAL = "US;NY;America/New_York", "US;IL;America/Chicago"


@pytest.fixture
def schedule(make_campaign, marketer):
    """A scheduled campaign: three people in the east, two in the central zone."""

    def make(**fields):
        campaign = make_campaign(contacts=5, **fields)
        ids = campaign.lists.get().contacts.order_by("pk").values_list("pk", flat=True)
        Contact.objects.filter(pk__in=ids[:3]).update(place=EASTERN)
        Contact.objects.filter(pk__in=ids[3:]).update(place=CENTRAL)
        launch_campaign(campaign, by=marketer)
        refill(campaign)
        return campaign

    return make


def refill(campaign):
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()


@pytest.fixture
def at_ten(schedule):
    """One wave, tomorrow at ten."""
    return schedule(start=Start.AT, starts_at=timezone.now().replace(microsecond=0) + DAY)


@pytest.fixture
def local(schedule):
    """Two waves, the day after tomorrow at ten at their place."""
    day = timezone.now().date() + 2 * DAY
    return schedule(start=Start.LOCAL, local_date=day, local_time=time(10))


def go_out(campaign, now):
    """How many rows somebody can claim."""
    return len(claim(campaign.channel_id, campaign.pk, 100, owner="w", now=now))


def status_of(campaign):
    return Campaign.objects.get(pk=campaign.pk).status


def shift_waves(campaign, by):
    """As if time had passed: the waves, their rows and the filling lie back."""
    for wave in campaign.waves.all():
        rows = Message.objects.filter(campaign=campaign, send_after=wave.starts_at)
        rows.update(send_after=wave.starts_at - by)
    for wave in campaign.waves.order_by("starts_at"):
        Wave.objects.filter(pk=wave.pk).update(starts_at=wave.starts_at - by)
    Campaign.objects.filter(pk=campaign.pk).update(filled_at=campaign.filled_at - by)
    campaign.refresh_from_db()


# --- In time -------------------------------------------------------------------------------------


def test_a_campaign_for_later_is_scheduled(at_ten):
    assert at_ten.status == C.SCHEDULED
    wave = at_ten.waves.get()
    assert (wave.starts_at, wave.people_count) == (at_ten.starts_at, 5)


def test_a_wave_starts_at_its_moment_and_not_before(at_ten):
    before = at_ten.starts_at - timedelta(seconds=1)
    assert not is_start_due(before)
    assert start_due(before) == 0
    assert go_out(at_ten, before) == 0
    assert is_start_due(at_ten.starts_at)
    assert start_due(at_ten.starts_at) == 1
    assert status_of(at_ten) == C.SENDING
    assert go_out(at_ten, at_ten.starts_at) == 5


def test_a_wave_starts_once(at_ten):
    started = [start_due(at_ten.starts_at + n * MINUTE) for n in range(5)]
    assert started == [1, 0, 0, 0, 0]
    assert AuditEntry.objects.filter(verb="campaign.wave_started").count() == 1


def test_nothing_of_a_wave_goes_out_before_it_is_marked(local):
    first, second = local.waves.all()
    start_due(first.starts_at)
    late = second.starts_at + MINUTE
    assert go_out(local, late) == first.people_count
    assert not has_due(local.channel_id, late)
    start_due(late)
    assert has_due(local.channel_id, late)
    assert go_out(local, late) == second.people_count


def test_waves_follow_local_time(local):
    first, second = local.waves.all()
    assert second.starts_at - first.starts_at == HOUR
    assert (first.label, first.people_count) == ("ET 10:00", 3)
    assert (second.label, second.people_count) == ("CT 10:00", 2)


@pytest.mark.parametrize("seed", range(12))
def test_a_start_fires_once_under_twenty_clock_jumps(at_ten, seed):
    """Whatever the clock says, it goes out once, or a person is asked."""
    clock = random.Random(seed)
    true = at_ten.starts_at - HOUR
    fired = claimed = 0
    for _ in range(20):
        true += 6 * MINUTE
        now = true + clock.uniform(-2, 2) * HOUR
        fired += start_due(now)
        claimed += go_out(at_ten, now)
    fired += start_due(true)
    claimed += go_out(at_ten, true)
    asked = status_of(at_ten) == C.PAUSED
    assert fired + asked == 1
    assert claimed == (5 if fired else 0)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_twenty_workers_at_once_start_a_wave_once(at_ten):
    gate, started = threading.Barrier(20), []

    def work():
        gate.wait()
        try:
            started.append(start_due(at_ten.starts_at))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(started) == [0] * 19 + [1]
    assert AuditEntry.objects.filter(verb="campaign.wave_started").count() == 1


# --- Paused, stopped -----------------------------------------------------------------------------


def test_a_paused_schedule_does_not_start(at_ten, marketer):
    pause_campaign(at_ten, by=marketer)
    assert start_due(at_ten.starts_at) == 0
    assert go_out(at_ten, at_ten.starts_at) == 0


def test_a_paused_schedule_resumed_in_time_is_scheduled_again(at_ten, marketer):
    pause_campaign(at_ten, by=marketer)
    resume_campaign(at_ten, by=marketer)
    assert at_ten.status == C.SCHEDULED
    assert start_due(at_ten.starts_at + MINUTE) == 1


def test_a_stopped_schedule_never_starts(at_ten, marketer):
    cancel_campaign(at_ten, by=marketer)
    cancel_stopped(timezone.now())
    assert start_due(at_ten.starts_at) == 0
    assert count_statuses(at_ten) == {S.CANCELLED: 5}


def test_a_row_sent_again_is_not_held_by_a_later_wave(local):
    first, _ = local.waves.all()
    start_due(first.starts_at)
    Message.objects.filter(campaign=local, send_after=first.starts_at).update(
        send_after=first.starts_at + MINUTE
    )
    assert go_out(local, first.starts_at + MINUTE) == 3


# --- Missed --------------------------------------------------------------------------------------


def miss(campaign, by=2 * HOUR):
    """Nobody was at work at the start; somebody looks now."""
    first = campaign.waves.earliest("starts_at").starts_at
    shift_waves(campaign, first - timezone.now() + by)
    start_due(timezone.now())
    campaign.refresh_from_db()


def test_a_missed_start_asks_instead_of_firing(at_ten):
    miss(at_ten)
    assert at_ten.status == C.PAUSED
    assert at_ten.status_reason.startswith("It should have started at ")
    assert "nobody was at work" in at_ten.status_reason
    assert go_out(at_ten, timezone.now()) == 0
    assert find_missed(at_ten, timezone.now()).people == 5


def test_a_little_late_is_not_missed(at_ten):
    miss(at_ten, by=14 * MINUTE)
    assert at_ten.status == C.SENDING


def test_nothing_of_a_missed_wave_goes_out_before_somebody_looked(at_ten):
    shift_waves(at_ten, DAY + HOUR)
    assert go_out(at_ten, timezone.now()) == 0
    assert not has_due(at_ten.channel_id, timezone.now())


def test_a_start_during_the_preparation_is_not_missed(at_ten):
    shift_waves(at_ten, DAY + HOUR)
    Campaign.objects.filter(pk=at_ten.pk).update(filled_at=timezone.now() - MINUTE)
    assert start_due(timezone.now()) == 1


def test_a_missed_wave_of_a_sending_campaign_pauses_it(local):
    first, second = local.waves.all()
    start_due(first.starts_at)
    start_due(second.starts_at + HOUR)
    assert status_of(local) == C.PAUSED
    assert local.waves.filter(started_at=None).count() == 1


def test_a_missed_wave_in_which_nobody_waits_asks_nobody(at_ten):
    Message.objects.filter(campaign=at_ten).update(status=S.SKIPPED)
    miss(at_ten)
    assert at_ten.status == C.SENDING


def test_a_missed_start_is_not_resumed_without_an_answer(at_ten, marketer):
    miss(at_ten)
    with pytest.raises(RuleBroken, match="missed"):
        resume_campaign(at_ten, by=marketer)
    assert status_of(at_ten) == C.PAUSED


def test_start_now_is_an_answer(at_ten, marketer):
    miss(at_ten)
    start_missed(at_ten, by=marketer)
    assert at_ten.status == C.SENDING
    assert go_out(at_ten, timezone.now()) == 5
    assert start_due(timezone.now()) == 0
    assert AuditEntry.objects.filter(verb="campaign.started_late", actor=marketer).exists()


def test_tomorrow_is_an_answer(at_ten, marketer):
    miss(at_ten)
    missed_at = at_ten.waves.get().starts_at
    Campaign.objects.filter(pk=at_ten.pk).update(starts_at=missed_at)
    move_missed(at_ten, by=marketer)
    assert go_out(at_ten, timezone.now()) == 0
    refill(at_ten)
    assert at_ten.status == C.SCHEDULED
    wave = at_ten.waves.get()
    assert (wave.starts_at, wave.people_count) == (missed_at + DAY, 5)
    assert start_due(missed_at + DAY) == 1
    assert go_out(at_ten, missed_at + DAY) == 5


def test_a_missed_local_start_moves_only_who_missed_it(local, marketer):
    """Their time passed in the east; in the central zone it is yet to come."""
    first, second = local.waves.all()
    gap = first.starts_at - timezone.now() + HOUR / 2
    shift_waves(local, gap)
    zone_day = timezone.now()
    Campaign.objects.filter(pk=local.pk).update(
        local_date=(first.starts_at - gap).astimezone(_zone("America/New_York")).date(),
        local_time=(first.starts_at - gap).astimezone(_zone("America/New_York")).time(),
    )
    start_due(timezone.now())
    local.refresh_from_db()
    move_missed(local, by=marketer)
    refill(local)
    waves = list(local.waves.all())
    assert [wave.people_count for wave in waves] == [2, 3]
    assert waves[0].starts_at - zone_day < HOUR
    assert waves[1].starts_at - (first.starts_at - gap) == DAY
    assert second.people_count == 2


def _zone(key):
    from zoneinfo import ZoneInfo

    return ZoneInfo(key)


def test_a_missed_start_is_answered_once(at_ten, marketer):
    miss(at_ten)
    start_missed(at_ten, by=marketer)
    for answer in (start_missed, move_missed):
        with pytest.raises(RuleBroken, match="decided"):
            answer(at_ten, by=marketer)


def test_tomorrow_is_no_answer_past_not_after(at_ten, marketer):
    miss(at_ten)
    Campaign.objects.filter(pk=at_ten.pk).update(not_after=timezone.now() + HOUR)
    with pytest.raises(RuleBroken, match="not after"):
        move_missed(at_ten, by=marketer)


# --- Moving --------------------------------------------------------------------------------------


def new_start(**fields):
    return {
        "start": Start.AT,
        "starts_at": None,
        "local_date": None,
        "local_time": None,
        "late": Campaign.Late.TOMORROW,
        **fields,
    }


def test_the_start_is_moved(at_ten, marketer):
    later = at_ten.starts_at + DAY
    move_start(at_ten, new_start(starts_at=later), by=marketer)
    assert at_ten.status == C.FILLING
    assert go_out(at_ten, later) == 0
    refill(at_ten)
    assert at_ten.status == C.SCHEDULED
    assert [wave.starts_at for wave in at_ten.waves.all()] == [later]
    assert start_due(later - DAY) == 0
    assert start_due(later) == 1
    assert go_out(at_ten, later) == 5
    entry = AuditEntry.objects.get(verb="campaign.start_moved")
    assert entry.before["starts_at"] != entry.after["starts_at"]


def test_the_start_is_moved_to_local_times_and_back_to_now(at_ten, marketer):
    day = timezone.now().date() + 3 * DAY
    wanted = new_start(start=Start.LOCAL, local_date=day, local_time=time(9))
    move_start(at_ten, wanted, by=marketer)
    refill(at_ten)
    assert [wave.label for wave in at_ten.waves.all()] == ["ET 09:00", "CT 09:00"]
    move_start(at_ten, new_start(start=Start.NOW), by=marketer)
    refill(at_ten)
    assert at_ten.status == C.SENDING
    assert not at_ten.waves.exists()
    assert go_out(at_ten, timezone.now()) == 5


def test_a_move_brings_back_who_was_left_out_for_their_time(schedule, marketer):
    now = timezone.now()
    past = now.astimezone(_zone("America/New_York")) - MINUTE
    campaign = schedule(
        start=Start.LOCAL,
        local_date=past.date(),
        local_time=past.time(),
        late=Campaign.Late.SKIP,
    )
    rows = Message.objects.filter(campaign=campaign)
    assert rows.filter(status=S.SKIPPED, reason=LATE).count() == 3
    move_start(campaign, new_start(starts_at=now + DAY), by=marketer)
    refill(campaign)
    assert count_statuses(campaign) == {S.QUEUED: 5}


def test_a_move_that_dies_half_way_is_done_again(at_ten, marketer, monkeypatch):
    later = at_ten.starts_at + DAY
    move_start(at_ten, new_start(starts_at=later), by=marketer)
    monkeypatch.setattr("campaigns.services.filling.FILL_SECONDS", -1)
    refill(at_ten)
    assert at_ten.status == C.FILLING
    monkeypatch.undo()
    refill(at_ten)
    assert at_ten.status == C.SCHEDULED
    assert set(Message.objects.values_list("send_after", flat=True)) == {later}


def test_a_move_paused_half_way_does_not_send_at_the_old_time(at_ten, marketer):
    move_start(at_ten, new_start(starts_at=at_ten.starts_at + DAY), by=marketer)
    pause_campaign(at_ten, by=marketer)
    resume_campaign(at_ten, by=marketer)
    assert at_ten.status == C.FILLING


def test_what_has_begun_is_not_moved(local, marketer):
    assert is_movable(local)
    start_due(local.waves.first().starts_at)
    local.refresh_from_db()
    assert not is_movable(local)
    with pytest.raises(RuleBroken, match="begun"):
        move_start(local, new_start(starts_at=timezone.now() + DAY), by=marketer)


def test_a_move_into_the_past_is_refused(at_ten, marketer):
    with pytest.raises(RuleBroken, match="has passed"):
        move_start(at_ten, new_start(starts_at=timezone.now() - DAY), by=marketer)
    assert status_of(at_ten) == C.SCHEDULED


def test_a_start_that_passed_since_the_draft_was_saved_is_not_launched(make_campaign, marketer):
    campaign = make_campaign(start=Start.AT, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(RuleBroken, match="has passed"):
        launch_campaign(campaign, by=marketer)


def test_the_limit_is_a_quarter_of_an_hour(at_ten):
    """`starting` asks the very rule that pages show."""
    assert starting.Wave.objects.missed(at_ten.starts_at + 16 * MINUTE).exists()
    assert not starting.Wave.objects.missed(at_ten.starts_at + 15 * MINUTE - MINUTE).exists()
