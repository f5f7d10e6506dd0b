"""What Prometheus reads: asked of the database at each scrape, so it is true for all processes."""

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import connection
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from campaigns.gateways.told import code_of
from campaigns.models import Campaign, GatewayCall, Message
from campaigns.models.audience import MANY
from campaigns.models.rows import states_are
from campaigns.rules.health import ORDER, worst
from campaigns.rules.statuses import MessageStatus
from campaigns.services import clock
from campaigns.services.health import FOLLOWED, Stock, examine, take_stock
from campaigns.services.standing import (
    LaneStanding,
    count_in_hand_of_nobody,
    holder_of,
)
from campaigns.services.tallies import count_of

S = MessageStatus
LATELY = timedelta(minutes=5)
#: Of the answers of five minutes so many, the newest, are looked at; they stand for the others.
MOST_ANSWERS = 1_000

CONTENT_TYPE = CONTENT_TYPE_LATEST
Labels = tuple[str, ...]
Rows = Iterable[tuple[Labels, float]]


def write_metrics() -> bytes:
    """The exposition, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Portal(clock.now()))
    return generate_latest(registry)


class Portal(Collector):
    """All of the portal at one moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        started = time.process_time()
        stock = take_stock(self.now)
        yield from _of_workers(stock)
        yield from _of_lanes(stock)
        yield from _of_messages(stock)
        yield from _of_callbacks(stock)
        yield from _of_storage(stock)
        yield from _of_checks(stock)
        spent = time.process_time() - started
        yield _gauge(
            "scrape_cpu_seconds", "What this answer cost this process.", rows=[((), spent)]
        )


def _gauge(name: str, means: str, labels: Labels = (), rows: Rows = ()) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"magpie_{name}", means, labels=labels)
    for values, number in rows:
        family.add_metric(values, float(number))
    return family


def _one(name: str, means: str, number: float) -> GaugeMetricFamily:
    return _gauge(name, means, rows=[((), number)])


def _age(now: datetime, moment: datetime | None) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


# --- Workers -------------------------------------------------------------------------------------


def _of_workers(stock: Stock) -> Iterator[GaugeMetricFamily]:
    yield _one("bells_waiting", "Doorbells nobody has heard yet.", stock.bells)
    workers: Counter[Labels] = Counter()
    heard_at: dict[Labels, datetime] = {}
    for worker in stock.workers:
        cluster = (worker.cluster,)
        workers["busy" if worker.work else "waiting",] += 1
        heard_at[cluster] = max(worker.heard_at, heard_at.get(cluster, worker.heard_at))
    told = [((state,), workers[state,]) for state in ("busy", "waiting")]
    yield _gauge("workers", "Worker processes heard within a minute.", ("state",), told)
    ages = [(cluster, _age(stock.now, moment)) for cluster, moment in heard_at.items()]
    means = "Since a cluster was heard: its bell rings every ten seconds."
    yield _gauge("heartbeat_age_seconds", means, ("cluster",), ages)
    yield _gauge(
        "lease_seconds_left",
        "Who holds which piece of work, and for how long if it is not renewed.",
        ("lease", "machine"),
        [
            ((lease.name, holder_of(lease.owner)[0]), (lease.until - stock.now).total_seconds())
            for lease in stock.leases
        ],
    )


# --- Lanes ---------------------------------------------------------------------------------------

LANE_MEANS = {
    "messages_due": "Messages that may go now.",
    "messages_due_age_seconds": "Of the oldest of them.",
    "messages_unattended_seconds": "For how long something is due and nobody sends.",
    "messages_waiting": "Messages that may go now or later.",
    "messages_in_hand": "Claimed by whoever sends.",
    "lane_busy": "1 while somebody sends.",
    "lane_sent_per_second": "Messages a second, now.",
    "lane_allowed_per_second": "Messages a second that may go, slowed down or not.",
    "lane_contract_per_second": "Messages a second that the contract allows.",
    "lane_pace_share": "Sent of what the contract allows, 0 to 1.",
    "lane_factor": "Share of the rate in use; less than 1 is slowed down.",
}


def _of_lanes(stock: Stock) -> Iterator[GaugeMetricFamily]:
    numbers = [(lane.channel.name, _of_lane(lane, stock.now)) for lane in stock.lanes]
    for name, means in LANE_MEANS.items():
        rows = [((channel,), told[name]) for channel, told in numbers]
        yield _gauge(name, means, ("channel",), rows)
    held = [((lane.channel.name, why), on) for lane in stock.lanes for why, on in _holds(lane)]
    yield _gauge("lane_held", "1 while nothing goes out.", ("channel", "why"), held)


def _of_lane(lane: LaneStanding, now: datetime) -> dict[str, float]:
    return {
        "messages_due": lane.due,
        "messages_due_age_seconds": _age(now, lane.due_since),
        "messages_unattended_seconds": _age(now, lane.unattended_since),
        "messages_waiting": lane.waiting,
        "messages_in_hand": lane.in_hand,
        "lane_busy": bool(lane.owner),
        "lane_sent_per_second": lane.sent_per_second,
        "lane_allowed_per_second": lane.allowed,
        "lane_contract_per_second": lane.channel.requests_per_second,
        "lane_pace_share": lane.share,
        "lane_factor": lane.factor,
    }


def _holds(lane: LaneStanding) -> tuple[tuple[str, bool], ...]:
    return (
        ("paused", lane.is_paused),
        ("trouble", lane.hold_until is not None),
        ("used_up", bool(lane.used_up)),
    )


# --- Messages ------------------------------------------------------------------------------------


def _of_messages(stock: Stock) -> Iterator[GaugeMetricFamily]:
    yield _one(
        "messages_abandoned",
        "In the hands of nobody who is alive; the sweep settles them.",
        count_in_hand_of_nobody(stock.leases),
    )
    states = [((state.name.lower(),), _count(state)) for state in (S.UNKNOWN, S.UNRESOLVED)]
    yield _gauge(
        "messages_in_doubt",
        f"They may have gone, and nobody confirmed; {MANY + 1} means more.",
        ("state",),
        states,
    )
    shares = [count / max(people, 1) for _, count, people in stock.doubts]
    yield _one("campaign_doubt_share", "The largest of any campaign.", max(shares, default=0))
    yield _gauge(
        "messages",
        "Of the campaigns that are not over, by state.",
        ("channel", "state"),
        _tallied(),
    )
    yield _gauge(
        "answers_5m",
        "Answers to requests of the last five minutes, by code; of very many an estimate.",
        ("channel", "code"),
        _answers(stock),
    )


def _count(state: MessageStatus) -> int:
    in_doubt = Message.objects.filter(states_are(S.UNKNOWN, S.UNRESOLVED))
    return in_doubt.filter(status=state).order_by()[: MANY + 1].count()


def _tallied() -> Rows:
    """Never by counting messages: the database keeps the tally."""
    followed = Campaign.objects.filter(status__in=FOLLOWED).values_list("pk", "channel__name")
    channels = dict(followed.order_by())
    sums: Counter[Labels] = Counter()
    for pk, counts in count_of(list(channels)).items():
        for state, count in counts.items():
            sums[channels[pk] or "", state.name.lower()] += count
    return sorted(sums.items())


def _answers(stock: Stock) -> Rows:
    """From the tail of the journal: its ids rise with the time."""
    calls = GatewayCall.objects.order_by("-pk").values_list(
        "channel", "http_status", "answer", "at"
    )
    tail = list(calls[:MOST_ANSWERS])
    recent = [call for call in tail if call[3] > stock.now - LATELY]
    is_part = len(recent) == MOST_ANSWERS
    span = max(_age(stock.now, recent[-1][3]), 1) if is_part else LATELY.total_seconds()
    names = {lane.channel.pk: lane.channel.name for lane in stock.lanes}
    counts = Counter((names[pk], code_of(said, status)) for pk, status, said, _ in recent)
    return [(labels, n * LATELY.total_seconds() / span) for labels, n in sorted(counts.items())]


# --- Callbacks, storage, checks ------------------------------------------------------------------


def _of_callbacks(stock: Stock) -> Iterator[GaugeMetricFamily]:
    yield _one("callbacks_unread", f"Callbacks to be read; {MANY + 1} means more.", stock.unread)
    age = _age(stock.now, stock.unread_since)
    yield _one("callbacks_unread_age_seconds", "For how long the first could have been.", age)
    heard = [lane.channel for lane in stock.lanes if lane.channel.last_hook_at]
    yield _gauge(
        "callback_age_seconds",
        "Since a channel's last callback came.",
        ("channel",),
        [((channel.name,), _age(stock.now, channel.last_hook_at)) for channel in heard],
    )


def _of_storage(stock: Stock) -> Iterator[GaugeMetricFamily]:
    yield _one("disk_free_bytes", "Where the data is kept.", stock.disk_free)
    yield _one("database_bytes", "The size of the database.", _database_bytes())


def _database_bytes() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]
    name = str(connection.settings_dict["NAME"])
    return os.path.getsize(name) if os.path.exists(name) else 0


def _of_checks(stock: Stock) -> Iterator[GaugeMetricFamily]:
    checks = examine(stock)
    rows = [((check.name,), ORDER.index(check.state)) for check in checks]
    yield _gauge("check", "The checks of /readyz: 0 ok, 1 warn, 2 bad.", ("check",), rows)
    yield _one("health", "The worst of them.", ORDER.index(worst(check.state for check in checks)))
