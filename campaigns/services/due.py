"""What is due on a lane: whether a claim would find anything, now or soon."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, Min, OuterRef, Q

from campaigns.models import Message, OptOut
from campaigns.rules.statuses import MessageStatus
from campaigns.services.detours import sending_on
from campaigns.services.outbox import TO_THE_OPTED_OUT

S = MessageStatus


def has_due(channel_id: int, now: datetime) -> bool:
    """Whether `claim` would find anything on the channel now."""
    waiting = Message.objects.waiting(now).filter(channel_id=channel_id)
    for of_one, channels in _claimable(channel_id, now):
        opted_out = OptOut.objects.on(*channels).filter(phone=OuterRef("phone"))
        may_go = Q(purpose__in=TO_THE_OPTED_OUT) | ~Exists(opted_out)
        if waiting.filter(may_go, of_one).exists():
            return True
    return False


def comes_back_soon(channel_id: int, now: datetime, soon: datetime) -> bool:
    """Whether rows that were put back will be due by `soon`."""
    put_back = Message.objects.filter(
        channel_id=channel_id, status=S.QUEUED, send_after__gt=now, send_after__lte=soon
    )
    return any(put_back.filter(of_one).exists() for of_one, _ in _claimable(channel_id, now))


def _claimable(channel_id: int, now: datetime) -> Iterator[tuple[Q, set[int]]]:
    """(the rows, the channels whose opt-outs hold) of those without a campaign, and of each
    sending campaign before its first unstarted wave: as `claim` sees them."""
    yield Q(campaign=None), {channel_id}
    unstarted = Min("waves__starts_at", filter=Q(waves__started_at=None))
    campaigns = sending_on(channel_id, now).order_by().annotate(unstarted=unstarted)
    for pk, own, before in campaigns.values_list("pk", "channel_id", "unstarted"):
        of_one = Q(campaign_id=pk, send_after__lt=before) if before else Q(campaign_id=pk)
        yield of_one, {channel_id, own}
