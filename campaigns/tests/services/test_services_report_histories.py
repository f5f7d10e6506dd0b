"""A thousand histories of reports, repeated and in disorder (RELIABILITY F33 to F36)."""

import json
from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.management.chaos.twins import last_write_wins
from campaigns.models import Channel, Message, MessageEvent, WebhookPost
from campaigns.rules.statuses import STRENGTH, MessageStatus
from campaigns.services import dispatch, outbox, receipts
from campaigns.services.journal import keep_post
from campaigns.services.outbox import count_statuses
from campaigns.services.posts import Reader
from campaigns.services.sweep import give_up_waiting
from campaigns.tests.fakes import FakeGateway

S = MessageStatus
Kept = WebhookPost.Status
HISTORIES = 1000
MEANS = {"N101": S.SENT, "N102": S.DELIVERED, "N103": S.EXPIRED, "E102": S.FAILED}
MOST_REPEATS = 6


def body_of(message, code):
    said = {"origin": "MMS_MT", "code": code, "to": message.phone, "tracking-id": f"T-{message.pk}"}
    said |= {"client-reference": message.reference, "timestamp": "2026-04-24T18:34:00Z"}
    return json.dumps(said).encode()


def post(message, code, now=None):
    keep_post(message.channel_id, timezone.now(), {}, body_of(message, code), now or timezone.now())


def read_all(now=None):
    reader = Reader()
    while reader.read_chunk(now or timezone.now()):
        pass
    reader.finish_campaigns()


@pytest.fixture
def accepted(launch):
    def make(count):
        launch(contacts=count)
        Message.objects.update(status=S.ACCEPTED, accepted_at=timezone.now())
        return list(Message.objects.order_by("pk"))

    return make


def tell(messages, seed):
    """Of each a history, each report up to six times, all of them shuffled; the expected ends."""
    chance = Random(1)
    told, ends = [], {}
    for message in messages:
        codes = chance.sample(sorted(MEANS), chance.randint(1, 3))
        strongest = max((MEANS[code] for code in codes), key=STRENGTH.__getitem__)
        ends[message.pk] = STRENGTH[strongest]
        repeats = [chance.randint(1, MOST_REPEATS) for _ in codes]
        told += [(message, code) for code, n in zip(codes, repeats, strict=True) for _ in range(n)]
    Random(seed).shuffle(told)
    for message, code in told:
        post(message, code)
    return ends, Counter((message.pk, code) for message, code in told)


def strengths():
    rows = Message.objects.values_list("pk", "status")
    return {pk: STRENGTH[MessageStatus(status)] for pk, status in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_in_whatever_order_they_come_the_strongest_counts_once(accepted, seed):
    messages = accepted(HISTORIES)
    ends, told = tell(messages, seed)
    read_all()
    assert strengths() == ends
    assert MessageEvent.objects.count() == len(told)  # repeats are no events
    assert WebhookPost.objects.filter(status=Kept.DONE).count() == told.total()
    counted = Counter(Message.objects.values_list("status", flat=True))
    assert count_statuses(messages[0].campaign) == {S(each): n for each, n in counted.items()}


def test_who_believes_the_last_word_is_caught(accepted, monkeypatch):
    """The bad twin."""
    for module, name in ((receipts, "_strengthen"), (receipts, "_RAISE"), (outbox, "_OPEN")):
        monkeypatch.setattr(module, name, getattr(module, name))
    last_write_wins.install()
    ends, _ = tell(accepted(100), 1)
    read_all()
    assert strengths() != ends


@pytest.mark.parametrize("days", [4, 40])
@pytest.mark.parametrize("given_up", [S.NO_RECEIPT, S.EXPIRED, S.UNRESOLVED])
def test_a_report_that_comes_days_late_counts(accepted, days, given_up):
    """After “no receipt”, the end of the campaign, or a doubt that nobody resolved."""
    message = accepted(3)[0]
    Message.objects.update(status=given_up)
    later = timezone.now() + timedelta(days=days)
    post(message, "N102", later)
    read_all(later)
    message.refresh_from_db()
    assert message.status == S.DELIVERED
    assert count_statuses(message.campaign) == {S.DELIVERED: 1, given_up: 2}


def test_who_got_no_report_in_the_end_is_listed_as_such(accepted, settings):
    """The report of a gap longer than the provider's patience."""
    messages = accepted(5)
    for message in messages[:2]:
        post(message, "N102")
    read_all()
    later = timezone.now() + settings.NO_RECEIPT_AFTER + timedelta(minutes=1)
    assert give_up_waiting(later) == 3
    silent = Message.objects.filter(status=S.NO_RECEIPT).order_by("pk")
    assert [row.pk for row in silent] == [message.pk for message in messages[2:]]


@pytest.mark.django_db(transaction=True)
def test_reports_that_come_before_the_answer_find_their_message(launch, quick):
    """Every one, at once: the row is there before the request, under the same reference."""
    campaign = launch(contacts=300)
    Channel.objects.update(connections=1)

    def report_first(mms):
        row = Message.objects.get(reference=mms.reference)
        for code in ("N101", "N102"):
            post(row, code)
        Reader().read_chunk(timezone.now())
        connection.close()

    dispatch.send_due(campaign.channel_id, gateway=FakeGateway(report_first))
    assert count_statuses(campaign) == {S.DELIVERED: 300}
    assert set(WebhookPost.objects.values_list("status", flat=True)) == {Kept.DONE}
    assert MessageEvent.objects.count() == 600
