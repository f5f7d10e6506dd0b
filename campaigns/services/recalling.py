"""A stopped campaign is stopped at the provider, too: what of its batches was not handed on yet.

What was kept back is told by the provider's own reports; nothing is guessed here.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Min, QuerySet, Value
from django.db.models.functions import Left, StrIndex

from campaigns.gateways.base import Gateway
from campaigns.gateways.errors import GatewayError, Throttled
from campaigns.models import Campaign, Channel, Message
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.audit import record
from campaigns.services.channel_kinds import kinds_that
from campaigns.services.channels import open_gateway
from campaigns.services.journal import keep_exchanges
from campaigns.services.queue import held, ring

S = MessageStatus
#: No provider keeps a batch longer than this.
LONGEST = timedelta(days=3)
#: The sweep, once a minute, looks so far back for what was accepted after a stop.
LATE = timedelta(seconds=90)
SLICE_SECONDS = 20
LEASE_SECONDS = 120
MOST_WAIT = 5.0


@dataclass(slots=True)
class Tally:
    """What became of the batches asked about so far; `last` is where to go on."""

    stopped: int = 0
    gone: int = 0
    problem: str = ""
    last: int = 0
    has_more: bool = False

    @property
    def words(self) -> str:
        told = []
        if self.stopped:
            told.append(
                f"The provider sends nothing more of {_batches(self.stopped)}; what had gone out "
                "of it stays so."
            )
        if self.gone:
            told.append(f"For {_batches(self.gone)} it was too late: all of it had gone out.")
        if self.problem:
            told.append(
                f"The provider could not be asked to stop the rest: {self.problem} What it has "
                "goes out."
            )
        return " ".join(told)


def _batches(count: int) -> str:
    return "1 batch" if count == 1 else f"{count:,} batches"


def handed_over(now: datetime) -> QuerySet[Message]:
    """Of stopped campaigns: what a provider took in a batch, and may not have sent on."""
    return Message.objects.filter(
        campaign__status=CampaignStatus.CANCELLED,
        channel__kind__in=kinds_that("cancel"),
        status__in=(S.ACCEPTED, S.SENT),
        accepted_at__gte=now - LONGEST,
        provider_id__contains="/",
    )


def ring_for_late(now: datetime) -> None:
    """Campaigns with batches that were accepted after the stop: they were under way, or their
    answer was found later."""
    rows = _late(handed_over(now)).filter(accepted_at__gte=now - LATE).order_by()
    for campaign_id in rows.values_list("campaign_id", flat=True).distinct():
        ring("outbox.recall_late", campaign_id, 0)


def _late(rows: QuerySet[Message]) -> QuerySet[Message]:
    return rows.filter(accepted_at__gte=F("campaign__finished_at"))


def recall(campaign_id: int, after: int, now: datetime, *, only_late: bool = False) -> None:
    """Have the provider stop the batches of a stopped campaign whose first open row comes `after`
    this one, as many as fit in a slice. Stopping twice does no harm."""
    with held(f"recall:{campaign_id}", now, LEASE_SECONDS) as is_ours:
        if not is_ours:
            return
        campaign = Campaign.objects.get(pk=campaign_id)
        rows = handed_over(now).filter(campaign=campaign).order_by()
        _recall(campaign, _late(rows) if only_late else rows, after, now)


def _recall(campaign: Campaign, rows: QuerySet[Message], after: int, now: datetime) -> None:
    batches = _find_batches(rows, after)
    if not batches:
        return
    channels = Channel.objects.filter(pk__in={batch.channel_id for batch in batches})
    with ExitStack() as opened:
        gateways = {c: opened.enter_context(closing(open_gateway(c))) for c in channels}
        tally = _stop(gateways, batches, now)
    _tell(campaign, tally)
    if tally.has_more:
        ring("outbox.recall", campaign.pk, tally.last)


class Batch(NamedTuple):
    """One that the provider took; `first` is its first open row."""

    channel_id: int
    provider_id: str
    first: int


def _find_batches(rows: QuerySet[Message], after: int) -> list[Batch]:
    """In the order of their first rows; those of a detour are another channel's."""
    name = Left("provider_id", StrIndex("provider_id", Value("/")) - 1)
    named = rows.values_list("channel", name).annotate(first=Min("pk"))
    return [Batch(*found) for found in named.filter(first__gt=after).order_by("first")]


def _stop(gateways: dict[Channel, Gateway], batches: list[Batch], now: datetime) -> Tally:
    """A channel that cannot be asked is left alone; the others are asked all the same."""
    tally, asked = Tally(), {channel.pk: gateway for channel, gateway in gateways.items()}
    rate = min(channel.requests_per_second for channel in gateways)
    for batch, _ in zip(batches, _slots(rate), strict=False):
        tally.last = batch.first
        if batch.channel_id not in asked:
            continue
        try:
            if _cancel(asked[batch.channel_id], batch.provider_id):
                tally.stopped += 1
            else:
                tally.gone += 1
        except GatewayError as error:
            keep_exchanges(batch.channel_id, [error.exchange], now)
            tally.problem = str(error)
            del asked[batch.channel_id]
            if not asked:
                return tally
    tally.has_more = tally.last < batches[-1].first
    return tally


def _slots(rate: float) -> Iterator[None]:
    """No faster than the channels' contracts allow, until the slice is over."""
    ends_at = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < ends_at:
        yield
        time.sleep(min(1 / rate, MOST_WAIT))


def _cancel(gateway: Gateway, batch_id: str) -> bool:
    """Asked to come again, once more after the wait."""
    try:
        return gateway.cancel(batch_id)
    except Throttled as error:
        time.sleep(min(error.retry_after or 1, MOST_WAIT))
        return gateway.cancel(batch_id)


@transaction.atomic
def _tell(campaign: Campaign, tally: Tally) -> None:
    """On the page of the campaign, and in the audit."""
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if tally.words not in locked.status_reason:
        locked.status_reason = f"{locked.status_reason} {tally.words}".strip()
        locked.save(update_fields=["status_reason"])
    counted = {"stopped": tally.stopped, "too late": tally.gone, "problem": tally.problem}
    record("campaign.recalled", locked, by=None, after=counted)
