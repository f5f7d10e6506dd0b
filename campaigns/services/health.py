"""Whether all is well: named checks, each a state and a sentence, for monitors and people."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from campaigns.models import Campaign, Lease, Message, WebhookPost
from campaigns.models.audience import MANY
from campaigns.models.rows import states_are
from campaigns.rules import health as rules
from campaigns.rules.health import Health, grade
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import spool
from campaigns.services.journal import SEEN_EVERY
from campaigns.services.queue import queue_health
from campaigns.services.standing import (
    LaneStanding,
    Worker,
    read_lanes,
    read_leases,
    read_workers,
)
from campaigns.services.tallies import count_of

S = MessageStatus
_Kept = WebhookPost.Status
#: Campaigns whose outcomes may still be waited for.
FOLLOWED = (CampaignStatus.SENDING, CampaignStatus.PAUSED, CampaignStatus.SENT)
#: Of the messages without a report so many, the oldest, are looked at.
MOST_LOOKED_AT = 1_000
NO_WORKERS = (
    "No worker is alive: nothing is sent and no callback is read. Start “manage.py watch_workers” "
    "on the server."
)


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: Health
    sentence: str


@dataclass(slots=True)
class Stock:
    """All that is looked at, at one moment."""

    now: datetime
    leases: list[Lease]
    lanes: list[LaneStanding]
    workers: list[Worker]
    bells: int
    unread: int
    unread_since: datetime | None
    disk_free: int
    spooled: spool.Measured
    #: Why none could be kept on disk; "" where they could.
    spool_trouble: str
    #: Campaigns with messages in doubt: its name, how many, of how many.
    doubts: list[tuple[str, int, int]] = field(default_factory=list)


def take_stock(now: datetime) -> Stock:
    leases = read_leases(now)
    unread = WebhookPost.objects.filter(states_are(_Kept.NEW.value, _Kept.WAITING.value))
    return Stock(
        now=now,
        leases=leases,
        lanes=read_lanes(now, leases),
        workers=read_workers(now),
        bells=int(queue_health(now)["waiting"]),
        unread=unread.order_by()[: MANY + 1].count(),
        unread_since=_unread_since(now),
        disk_free=shutil.disk_usage(settings.DATA_DIR).free,
        spooled=spool.measure(),
        spool_trouble=spool.find_trouble(),
        doubts=_count_doubts(),
    )


def _unread_since(now: datetime) -> datetime | None:
    """Since when the first could have been read: an early report waits for its message."""
    moments = WebhookPost.objects.to_read(now).values_list("try_after", "received_at").first()
    return moments[0] or moments[1] if moments else None


def _count_doubts() -> list[tuple[str, int, int]]:
    followed = Campaign.objects.filter(status__in=FOLLOWED).order_by()
    known = {pk: rest for pk, *rest in followed.values_list("pk", "name", "recipient_count")}
    doubts = []
    for pk, counts in count_of(list(known)).items():
        if count := counts.get(S.UNKNOWN, 0) + counts.get(S.UNRESOLVED, 0):
            doubts.append((known[pk][0], count, known[pk][1]))
    return doubts


def examine(stock: Stock) -> list[Check]:
    """Every check, in a fixed order."""
    return [check(stock) for check in CHECKS]


# --- The checks ----------------------------------------------------------------------------------


def check_workers(stock: Stock) -> Check:
    if not (stock.workers or stock.leases):
        return Check("workers", Health.BAD, NO_WORKERS)
    if not stock.workers:
        said = "No worker was heard for a minute, though somebody is at work."
        return Check("workers", Health.WARN, said)
    busy = sum(1 for worker in stock.workers if worker.work)
    said = f"{_many(len(stock.workers), 'worker')} there, {busy} of them busy."
    return Check("workers", Health.OK, said)


def check_sending(stock: Stock) -> Check:
    """Due, and nobody sends it."""
    found = [lane for lane in stock.lanes if lane.unattended_since]
    first = min(found, key=lambda lane: lane.unattended_since, default=None)
    if first is None:
        return Check("sending", Health.OK, "All that is due is being sent.")
    seconds = _seconds(stock.now, first.unattended_since)
    said = (
        f"On {first.channel.name} {_many(first.due, 'message')} due for {seconds:.0f} s, "
        "and nobody sends."
    )
    return Check("sending", grade(seconds, *rules.UNATTENDED), said)


def check_lanes(stock: Stock) -> Check:
    held = [lane for lane in stock.lanes if lane.is_held]
    if not held:
        return Check("lanes", Health.OK, "No channel is paused or held.")
    said = " ".join(f"{lane.channel.name}: {lane.why_held}" for lane in held[:5])
    more = f" And {len(held) - 5} more." if len(held) > 5 else ""
    return Check("lanes", Health.WARN, f"{said}{more}")


def check_callbacks(stock: Stock) -> Check:
    if stock.unread_since is None:
        return Check("callbacks", Health.OK, "Every callback is read.")
    seconds = _seconds(stock.now, stock.unread_since)
    many = "over " if stock.unread > MANY else ""
    count = min(stock.unread, MANY)
    said = f"{many}{_many(count, 'callback')} to be read, the oldest for {seconds:.0f} s."
    return Check("callbacks", grade(seconds, *rules.UNREAD), said)


def check_reports(stock: Stock) -> Check:
    """Whether the reports of what was accepted arrive."""
    name, seconds = _find_silent(stock)
    state = grade(seconds, *rules.SILENT)
    if state == Health.OK:
        return Check("reports", state, "Reports come in for all that was accepted.")
    said = (
        f"No report on {name} for {seconds / 60:.0f} min, though messages were accepted: does its "
        "callback address still reach this portal?"
    )
    return Check("reports", state, said)


def _find_silent(stock: Stock) -> tuple[str, float]:
    """The channel of the oldest accepted message since which no callback came at all, and for how
    many seconds it waits."""
    patient_until = stock.now - timedelta(seconds=rules.SILENT[0])
    quiet = {lane.channel.pk: lane for lane in stock.lanes if _is_quiet(lane, patient_until)}
    if not quiet:
        return "", 0
    open_ones = Message.objects.filter(states_are(S.UNKNOWN, S.ACCEPTED, S.SENT))
    accepted = open_ones.filter(status=S.ACCEPTED, changed_at__lte=patient_until)
    heard = {pk: lane.channel.last_hook_at for pk, lane in quiet.items()}
    if all(heard.values()):
        accepted = accepted.filter(changed_at__gt=min(heard.values()))
    rows = accepted.order_by("changed_at").values_list("channel", "changed_at")
    for pk, since in rows[:MOST_LOOKED_AT]:
        if pk in quiet and (heard[pk] is None or since > heard[pk]):
            return quiet[pk].channel.name, _seconds(stock.now, since)
    return "", 0


def _is_quiet(lane: LaneStanding, patient_until: datetime) -> bool:
    """Something was sent since the last callback, which was long ago."""
    heard, sent = lane.channel.last_hook_at, lane.last_sent_at
    if lane.channel.polls or sent is None:
        return False
    return heard is None or (heard < patient_until and sent - heard > SEEN_EVERY)


def check_doubt(stock: Stock) -> Check:
    counted = [doubt for doubt in stock.doubts if doubt[1] >= rules.FEWEST_IN_DOUBT]
    shares = {name: count / max(people, 1) for name, count, people in counted}
    name = max(shares, key=shares.__getitem__, default="")
    share = shares.get(name, 0)
    state = grade(share, *rules.IN_DOUBT)
    if state == Health.OK:
        return Check("doubt", state, "No campaign has many messages in doubt.")
    said = f"{share:.1%} of “{name}” are in doubt: they may have gone, and nobody confirmed."
    return Check("doubt", state, said)


def check_disk(stock: Stock) -> Check:
    said = f"{stock.disk_free / 1e9:,.1f} GB are free where the data is kept."
    return Check("disk", rules.grade_disk(stock.disk_free), said)


def check_spool(stock: Stock) -> Check:
    """On this machine; each that takes callbacks has its own."""
    return grade_spool(stock.spooled, stock.spool_trouble)


def grade_spool(spooled: spool.Measured, trouble: str) -> Check:
    """It needs no database, so it can be told without one."""
    if trouble:
        said = f"{trouble} While the database is away, callbacks are refused."
        return Check("spool", Health.BAD, said)
    if spooled.files:
        said = f"{_many(spooled.files, 'callback')} on disk, to be stored and read."
        return Check("spool", Health.WARN, said)
    if spooled.broken:
        said = f"{_many(spooled.broken, 'callback')} on disk that cannot be stored: see the log."
        return Check("spool", Health.WARN, said)
    return Check("spool", Health.OK, "No callback waits on disk for the database.")


CHECKS: tuple[Callable[[Stock], Check], ...] = (
    check_workers,
    check_sending,
    check_lanes,
    check_callbacks,
    check_reports,
    check_doubt,
    check_disk,
    check_spool,
)


def _seconds(now: datetime, since: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


def _many(count: int, noun: str) -> str:
    """“1 worker is”, “7 messages are”."""
    told = f"{count:,}"
    return f"{told} {noun} is" if count == 1 else f"{told} {noun}s are"
