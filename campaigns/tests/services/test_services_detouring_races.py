"""Many at once: movers, lanes, people who opt out; each message leaves once, from one lane."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns.models import Detour, Lane, Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services import detouring
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import Result, claim, settle
from campaigns.services.standins import find_stand_in
from campaigns.services.tallies_keeping import find_wrong
from campaigns.tests.outages import get_well

S = MessageStatus
PEOPLE = 400
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer"),
]


def all_at_once(*works):
    start = Barrier(len(works))

    def run(work):
        start.wait(10)
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(run, work) for work in works]]


def send_all(channel_id, campaign, owner):
    """A lane: who it wrote to, until it finds nothing three times."""
    sent, dry = [], 0
    while dry < 3:
        now = timezone.now()
        claimed = claim(channel_id, campaign.pk, 7, owner=owner, now=now)
        sent += [parcel.phone for parcel in claimed]
        with transaction.atomic():
            settle([Result(one.id, S.ACCEPTED, "x") for one in claimed], owner=owner, now=now)
        dry = 0 if claimed else dry + 1
    return sent


def test_two_movers_and_two_lanes(out, texts, monkeypatch):
    """Without their lease: the rows alone must be enough."""
    monkeypatch.setattr(detouring, "CHUNK", 15)
    monkeypatch.setattr(detouring, "held", lambda *args: nullcontext(True))
    campaign = out(contacts=PEOPLE)
    now = timezone.now()
    came = all_at_once(
        lambda: detouring.detour(campaign.channel_id, now),
        lambda: detouring.detour(campaign.channel_id, now),
        lambda: send_all(campaign.channel_id, campaign, "a"),
        lambda: send_all(texts.pk, campaign, "b"),
    )
    rest = send_all(texts.pk, campaign, "b") + send_all(campaign.channel_id, campaign, "a")
    sent = Counter(came[2] + came[3] + rest)
    assert len(sent) == PEOPLE
    assert set(sent.values()) == {1}
    moved = Message.objects.filter(channel=texts).count()
    assert came[0] + came[1] == moved == Detour.objects.get().count
    assert find_wrong(campaign.pk) == {}


def test_there_and_back_while_both_send(out, texts, monkeypatch):
    monkeypatch.setattr(detouring, "CHUNK", 15)
    campaign = out(contacts=PEOPLE)
    detouring.detour(campaign.channel_id, timezone.now())
    get_well(campaign.channel)
    assert find_stand_in(campaign.channel, timezone.now()) is None
    came = all_at_once(
        lambda: detouring.detour(campaign.channel_id, timezone.now()),
        lambda: send_all(texts.pk, campaign, "b"),
        lambda: send_all(campaign.channel_id, campaign, "a"),
    )
    rest = send_all(texts.pk, campaign, "b") + send_all(campaign.channel_id, campaign, "a")
    sent = Counter(came[1] + came[2] + rest)
    assert len(sent) == PEOPLE
    assert set(sent.values()) == {1}
    assert Detour.objects.get().count == Message.objects.filter(channel=texts).count()


def test_who_opts_out_meanwhile_is_left_alone(out, texts, monkeypatch):
    monkeypatch.setattr(detouring, "CHUNK", 5)
    campaign = out(contacts=60)
    phones = list(Message.objects.order_by("pk").values_list("phone", flat=True))

    def opt_out():
        for phone in phones[::3]:
            record_optout(phone, source="staff", channel=campaign.channel)

    all_at_once(lambda: detouring.detour(campaign.channel_id, timezone.now()), opt_out)
    Lane.objects.update(hold_until=None)
    sent = send_all(texts.pk, campaign, "b") + send_all(campaign.channel_id, campaign, "a")
    assert sorted(sent) == sorted(set(phones) - set(phones[::3]))
