"""Quiet hours at the instant of sending: nobody is written to outside their window."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns.models import Contact, Message
from campaigns.rules.pacing import Pace
from campaigns.rules.quiethours import Window
from campaigns.rules.statuses import MessageStatus
from campaigns.services import clock, dispatch, hours, slices
from campaigns.services.campaigns import launch_campaign
from campaigns.services.crew import Crew
from campaigns.services.filling import fill_outbox
from campaigns.services.flights import FlightLog
from campaigns.services.hours import MARGIN_SECONDS, OpenHours, expiry_of
from campaigns.services.outbox import Claimed
from campaigns.services.planning import NO_WINDOW, PAST_NOT_AFTER
from campaigns.services.trying import send_test
from campaigns.tests.fakes import FakeGateway

S = MessageStatus
NOW = datetime(2026, 6, 1, 16, 0, tzinfo=UTC)
OPEN = Window(NOW - timedelta(hours=4), NOW + timedelta(hours=8))
LATER = Window(NOW + timedelta(hours=2), NOW + timedelta(hours=14))


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(slices, "GATHER_SECONDS", 0.001)
    monkeypatch.setattr(slices, "LINGER_SECONDS", 0.0)


@pytest.fixture
def windows(monkeypatch):
    """place → its window; elsewhere it is always open."""
    found = {}

    def next_window(table, place, after):
        return found.get(place.key, Window(after, hours.ENDLESS))

    monkeypatch.setattr(hours, "next_window", next_window)
    return found


def parcel(place, **fields):
    given = {"id": 1, "campaign_id": 1, "revision_id": 1, "phone": "12015550101"}
    rest = {"sender": "12015550100", "reference": "a-1", "resend_count": 0, "retry_count": 0}
    return Claimed(**given, **rest, place=place, **fields)


def part(*parcels, not_after=None, now=NOW):
    return OpenHours(table=()).part(list(parcels), lambda _: not_after, now)


def test_who_is_awake_is_written_to_until_shortly_before_the_window_closes(windows):
    windows["US;NJ;"] = OPEN
    [awake], asleep = part(parcel("US;NJ;"))
    assert asleep == []
    assert awake.closes_at == OPEN.closes_at.timestamp() - MARGIN_SECONDS


def test_who_is_asleep_waits_for_the_next_opening(windows):
    windows["US;NJ;"] = LATER
    awake, [held] = part(parcel("US;NJ;"))
    assert awake == []
    assert (held.status, held.send_after) == (S.QUEUED, LATER.opens_at)


def test_shortly_before_the_closing_nobody_is_written_to_any_more(monkeypatch):
    closing = Window(NOW - timedelta(hours=4), NOW + timedelta(seconds=MARGIN_SECONDS - 1))
    answers = iter([closing, LATER])
    windows_of = OpenHours(table=())
    monkeypatch.setattr(hours, "next_window", lambda *_: next(answers))
    awake, [held] = windows_of.part([parcel("US;NJ;")], lambda _: None, NOW)
    assert awake == []
    assert held.send_after == LATER.opens_at


def test_an_opening_after_not_after_skips_with_the_reason(windows):
    windows["US;NJ;"] = LATER
    _, [skipped] = part(parcel("US;NJ;"), not_after=LATER.opens_at)
    assert (skipped.status, skipped.reason) == (S.SKIPPED, PAST_NOT_AFTER)


def test_without_any_window_somebody_is_skipped_with_the_reason(windows):
    windows["US;NJ;"] = None
    _, [skipped] = part(parcel("US;NJ;"))
    assert (skipped.status, skipped.reason) == (S.SKIPPED, NO_WINDOW)


HEEDING = (Message.Purpose.CAMPAIGN, Message.Purpose.REPLY)


@pytest.mark.parametrize("purpose", [p for p in Message.Purpose if p not in HEEDING])
def test_tests_and_answers_go_out_at_any_hour(windows, purpose):
    windows["US;NJ;"] = LATER
    [awake], _ = part(parcel("US;NJ;", purpose=purpose))
    assert awake.closes_at == float("inf")


def test_a_reply_goes_out_at_any_hour_only_where_it_answers_at_once(windows):
    windows["US;NJ;"] = windows[""] = LATER
    [awake], _ = part(parcel("", purpose=Message.Purpose.REPLY))
    assert awake.closes_at == float("inf")
    _, [held] = part(parcel("US;NJ;", purpose=Message.Purpose.REPLY))
    assert held.send_after == LATER.opens_at


def test_the_provider_gives_up_with_the_window_or_with_the_campaign():
    endless, closing = parcel(""), parcel("", closes_at=OPEN.closes_at.timestamp() - MARGIN_SECONDS)
    soon, late = NOW + timedelta(hours=1), NOW + timedelta(days=2)
    assert expiry_of(endless, None) is None
    assert expiry_of(endless, late) == late
    assert expiry_of(closing, None) == OPEN.closes_at
    assert expiry_of(closing, soon) == soon
    assert expiry_of(closing, late) == OPEN.closes_at


def test_a_parcel_whose_window_closed_in_the_queue_of_the_threads_stays_here():
    crew = Crew(FakeGateway(), Pace(rate=1000), FlightLog("me"))
    assert crew._is_revoked(parcel("", closes_at=time.time() - 0.01))
    assert not crew._is_revoked(parcel("", closes_at=time.time() + 60))


def test_its_window_closes_by_the_clock_of_all_machines(settings, monkeypatch):
    """Threads ask nobody: they go by what the database said last."""
    settings.USE_DATABASE_CLOCK = True
    ahead = clock._Known(
        timezone.now() + timedelta(hours=2), time.clock_gettime(clock._STEADY_CLOCK)
    )
    monkeypatch.setattr(clock, "_known", ahead)
    crew = Crew(FakeGateway(), Pace(rate=1000), FlightLog("me"))
    assert crew._is_revoked(parcel("", closes_at=time.time() + 3600))
    assert not crew._is_revoked(parcel("", closes_at=time.time() + 3 * 3600))


# --- The whole way --------------------------------------------------------------------------------


@pytest.fixture
def launched(make_campaign, marketer, windows):
    """Four people, two of them in Florida."""
    campaign = make_campaign(contacts=4)
    campaign.channel.requests_per_second = 5000
    campaign.channel.save()
    florida = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[:2])
    Contact.objects.update(place="US;NJ;America/New_York")
    Contact.objects.filter(pk__in=florida).update(place="US;FL;America/New_York")
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    return campaign


def send(campaign):
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    return gateway


def test_hours_that_became_stricter_after_the_launch_are_heeded(launched, windows):
    opens = timezone.now() + timedelta(hours=3)
    windows["US;FL;America/New_York"] = Window(opens, opens + timedelta(hours=12))
    gateway = send(launched)
    assert len(gateway.sent) == 2
    held = Message.objects.filter(status=S.QUEUED)
    assert {row.place for row in held} == {"US;FL;America/New_York"}
    assert {row.send_after for row in held} == {opens}
    assert all(row.reason for row in held)


def test_what_goes_out_expires_with_the_window_of_its_reader(launched, windows):
    closes = (timezone.now() + timedelta(hours=5)).replace(microsecond=0)
    windows["US;FL;America/New_York"] = Window(timezone.now() - timedelta(hours=1), closes)
    gateway = send(launched)
    expiries = sorted(str(mms.content.expires_at) for mms in gateway.messages)
    assert expiries == sorted(["None", "None", str(closes), str(closes)])


def test_a_test_to_oneself_goes_out_at_night(make_campaign, marketer, windows):
    campaign = make_campaign(contacts=0)
    windows[";;"] = LATER
    head, sender = campaign.mms.head, campaign.sender
    send_test(head, campaign.channel, sender, "12015550199", by=marketer)
    assert send(campaign).sent == {"12015550199": 1}
