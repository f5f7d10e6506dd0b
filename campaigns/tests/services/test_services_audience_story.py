"""The story of an audience: 100,000 people are imported, some left out, the others written to in
waves at their local time; a STOP arrives mid-campaign, and that person gets nothing more."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from campaigns.gateways.events import InboundEvent
from campaigns.models import (
    Campaign,
    Channel,
    Contact,
    ContactList,
    Membership,
    Message,
    WebhookPost,
)
from campaigns.rules.ladder import Rung
from campaigns.rules.statuses import MessageStatus
from campaigns.services import dispatch, import_rows, slices
from campaigns.services.answers import TOO_LATE
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.import_consent import Agreed
from campaigns.services.imports import confirm_import, start_import
from campaigns.services.inbox import record_inbound
from campaigns.services.outbox import count_statuses
from campaigns.services.starting import start_due
from campaigns.tests.fakes import FakeGateway

S = MessageStatus
#: Area codes of one state and one zone each: 10,000 numbers of the kind 555-xxxx in every one.
EASTERN = ("201", "212", "215", "404", "614", "617")
CENTRAL = ("312", "504", "612")
PACIFIC = ("213",)
DAY = date(2026, 12, 1)  # a Tuesday; nobody's clocks change
TEN = {"ET": datetime(2026, 12, 1, 15, tzinfo=UTC), "CT": datetime(2026, 12, 1, 16, tzinfo=UTC)}
PEOPLE = 100_000
FRIENDS = 5_000


@pytest.fixture
def clock(monkeypatch):
    """Sets the portal's clock."""
    monkeypatch.setattr(slices, "GATHER_SECONDS", 0.001)
    monkeypatch.setattr(slices, "LINGER_SECONDS", 0.0)

    def set_to(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    return set_to


def import_everybody(by):
    """As a person does it: a file, its consent, and a worker that reads it to the end."""
    lines = ["Phone,First name"]
    lines += [
        f"+1 {area} 555 {ending:04d},Ann {ending}"
        for area in (*EASTERN, *CENTRAL, *PACIFIC)
        for ending in range(10_000)
    ]
    file = ContentFile("\n".join(lines).encode(), name="everybody.csv")
    started = start_import(file, list_name="Everybody", by=by)
    agreed = Agreed("web", "Yes, text me offers.", "https://shop.example", timezone.now())
    confirm_import(started, started.mapping, agreed=agreed, by=by, in_background=False)
    import_rows.run_import(started.pk, timezone.now(), seconds=600)
    return ContactList.objects.get(name="Everybody")


def leave_out_friends():
    friends = ContactList.objects.create(name="Friends")
    first = Contact.objects.order_by("pk").values_list("pk", flat=True)[:FRIENDS]
    Membership.objects.bulk_create(
        (Membership(contact_list=friends, contact_id=pk) for pk in first), batch_size=1000
    )
    return friends


def launch(make_campaign, everybody, friends, by, **fields):
    campaign = make_campaign(contacts=0, **fields)
    campaign.channel.requests_per_second = 1_000_000
    campaign.channel.connections = 4
    campaign.channel.save()
    campaign.lists.set([everybody])
    campaign.excluded_lists.set([friends])
    launch_campaign(campaign, by=by)
    while not campaign.filled_at:
        fill_outbox(campaign.pk, timezone.now())
        campaign.refresh_from_db()
    return campaign


def send_all_due(campaign, gateway, clock):
    """Slice after slice until nothing more is due at this moment."""
    start_due(clock(timezone.now()))
    before = -1
    while sum(gateway.sent.values()) != before:
        before = sum(gateway.sent.values())
        dispatch.send_due(campaign.channel_id, gateway=gateway)


def hear(campaign, phone, words):
    post = WebhookPost.objects.create(
        channel=campaign.channel, body=b"{}", headers={}, received_at=timezone.now()
    )
    event = InboundEvent(
        key=f"reply-{phone}",
        provider_id=f"reply-{phone}",
        sender=phone,
        to=campaign.sender.number,
        text=words,
        at=timezone.now(),
    )
    record_inbound(post, event, timezone.now())


def test_who_says_stop_mid_campaign_gets_nothing_more(make_campaign, marketer, clock):
    clock(datetime(2026, 11, 30, 12, tzinfo=UTC))
    everybody, friends = import_everybody(marketer), leave_out_friends()
    assert Contact.objects.count() == PEOPLE

    local = {"start": Campaign.Start.LOCAL, "local_date": DAY, "local_time": time(10)}
    campaign = launch(make_campaign, everybody, friends, marketer, **local)
    assert campaign.ladder["excluded"] == FRIENDS
    waves = [(wave.starts_at, wave.people_count) for wave in campaign.waves.all()]
    assert waves == [
        (TEN["ET"], 60_000 - FRIENDS),
        (TEN["CT"], 30_000),
        (TEN["CT"] + timedelta(hours=2), 10_000),
    ]

    gateway = FakeGateway()
    send_all_due(campaign, gateway, clock)
    assert not gateway.sent  # the day before

    clock(TEN["ET"] + timedelta(seconds=1))
    send_all_due(campaign, gateway, clock)
    assert sum(gateway.sent.values()) == 60_000 - FRIENDS

    heard, waiting = "12125550123", "13125550123"
    assert gateway.sent[heard] == 1
    assert gateway.sent[waiting] == 0
    for phone in (heard, waiting):
        hear(campaign, phone, "Stop!")
    send_all_due(campaign, gateway, clock)  # the one confirmation, and nothing after it
    assert (gateway.sent[heard], gateway.sent[waiting]) == (2, 1)

    for at in (TEN["CT"], TEN["CT"] + timedelta(hours=2)):
        clock(at + timedelta(seconds=1))
        Channel.objects.update(last_hook_at=at)  # reports come in
        send_all_due(campaign, gateway, clock)
    assert (gateway.sent.pop(heard), gateway.sent.pop(waiting)) == (2, 1)
    assert set(gateway.sent.values()) == {1}
    friend = Membership.objects.filter(contact_list=friends).first().contact
    assert gateway.sent[friend.phone] == 0
    assert count_statuses(campaign) == {S.ACCEPTED: PEOPLE - FRIENDS - 1, S.SKIPPED: 1}

    again = launch(make_campaign, everybody, friends, marketer, name="The next one")
    assert again.ladder["opted_out"] == 2
    rows = Message.objects.filter(campaign=again, phone__in=[heard, waiting])
    assert {(row.status, row.rung) for row in rows} == {(S.SKIPPED, Rung.OPTED_OUT)}


def test_a_confirmation_that_waited_too_long_is_not_sent(make_campaign, clock):
    """The channel was busy or paused: five minutes after the STOP nothing is said any more."""
    now = clock(datetime(2026, 12, 1, 15, tzinfo=UTC))
    campaign = make_campaign(contacts=1)
    campaign.channel.requests_per_second = 1000
    campaign.channel.save()
    hear(campaign, Contact.objects.get().phone, "Stop")
    gateway = FakeGateway()
    clock(now + timedelta(minutes=5, seconds=1))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert not gateway.sent
    answer = Message.objects.get(purpose=Message.Purpose.CONFIRMATION)
    assert (answer.status, answer.reason) == (S.SKIPPED, TOO_LATE)


def test_a_lane_at_work_starts_what_is_due(make_campaign, marketer, clock):
    """Every worker may be sending, and nobody free to hear the doorbell of a start."""
    now = clock(datetime(2026, 12, 1, 15, tzinfo=UTC))
    at = {"start": Campaign.Start.AT, "starts_at": now + timedelta(minutes=10)}
    campaign = make_campaign(contacts=2, **at)
    campaign.channel.requests_per_second = 1000
    campaign.channel.save()
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, now)
    gateway = FakeGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert not gateway.sent
    clock(now + timedelta(minutes=10))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert set(gateway.sent.values()) == {1}
    assert len(gateway.sent) == 2
