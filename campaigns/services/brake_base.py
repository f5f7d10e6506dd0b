"""What the safety brake counts from: everything, or what came after a person released it."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from campaigns.models import Campaign, Message, OptOut
from campaigns.rules.brake import Counted
from campaigns.rules.statuses import MessageStatus
from campaigns.services.outbox import count_statuses

S = MessageStatus
Counts = dict[MessageStatus, int]
FAILED = (S.FAILED, S.EXPIRED)
#: The provider has them, and more is to come.
UNDER_WAY = (S.ACCEPTED, S.SENT)
REACHED = (*UNDER_WAY, S.NO_RECEIPT, S.DELIVERED, S.DELIVERED_AS_SMS)


def _sum(counts: Counts, statuses: tuple[MessageStatus, ...]) -> int:
    return sum(counts.get(status, 0) for status in statuses)


def count_from_here(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """What is subtracted from now on, as JSON. What is under way is judged by what becomes of
    it, so it is not among the settled."""
    counts = count_statuses(campaign)
    failed, reached = _sum(counts, FAILED), _sum(counts, REACHED)
    settled = failed + reached - _sum(counts, UNDER_WAY)
    return {"at": now.isoformat(), "settled": settled, "failed": failed, "reached": reached}


def released_at(campaign: Campaign) -> datetime | None:
    """When a person let it go on."""
    at = campaign.brake_base.get("at")
    return datetime.fromisoformat(at) if at else None


def count_since(campaign: Campaign) -> Counted:
    """What became of its messages since then."""
    counts, base = count_statuses(campaign), campaign.brake_base
    failed, reached = _sum(counts, FAILED), _sum(counts, REACHED)
    return Counted(
        gone=max(failed + reached - base.get("settled", 0), 0),
        failed=max(failed - base.get("failed", 0), 0),
        reached=max(reached - base.get("reached", 0), 0),
        opted_out=_count_optouts(campaign),
    )


def _count_optouts(campaign: Campaign) -> int:
    """People it was sent to since then who opted out by reply; walks from the newest opt-out
    back to the first that is older."""
    since = released_at(campaign) or campaign.launched_at
    older = OptOut.objects.filter(created_at__lt=since).order_by("-pk")
    last = older.values_list("pk", flat=True).first() or 0
    sent = Message.objects.filter(
        campaign=campaign, phone=OuterRef("phone"), accepted_at__gte=since
    )
    newer = OptOut.objects.filter(pk__gt=last, source=OptOut.Source.REPLY)
    return newer.filter(Exists(sent)).values("phone").distinct().count()
