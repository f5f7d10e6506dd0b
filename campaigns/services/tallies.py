"""The tally: how many messages of each campaign are in each state, kept by the database itself.

Triggers count along with every statement that makes, changes or deletes messages
(`tallies_triggers.py`), so nothing has to walk through the outbox to show a number.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from django.db.models import Sum

from campaigns.models import Campaign, Tally, TallyDetail
from campaigns.rules.statuses import GONE_WRONG, MessageStatus

S = MessageStatus
#: As it stands in `detail`.
MINUTE = "%Y-%m-%d %H:%M"
Counts = dict[MessageStatus, int]


def count_of(campaigns: Collection[int]) -> dict[int, Counts]:
    """How many rows of each campaign are in each state; they add up to all its rows."""
    counts: dict[int, Counts] = {pk: {} for pk in campaigns}
    rows = Tally.objects.filter(campaign__in=campaigns).order_by("status")
    for pk, status, total in rows.values_list("campaign", "status").annotate(total=Sum("count")):
        if total > 0:
            counts[pk][S(status)] = total
    return counts


def count_minutes(campaign: Campaign, after: datetime) -> list[tuple[datetime, int]]:
    """(minute from which on they go out, how many) of what waits until later, soonest first."""
    since = after.astimezone(UTC).strftime(MINUTE)
    rows = TallyDetail.objects.filter(campaign=campaign, status=S.QUEUED, detail__gt=since)
    sums = rows.order_by("detail").values_list("detail").annotate(total=Sum("count"))
    found = [(datetime.strptime(detail, MINUTE).replace(tzinfo=UTC), n) for detail, n in sums]
    return [(at, count) for at, count in found if count > 0 and at > after]


def count_causes(campaign: Campaign, most: int) -> list[tuple[MessageStatus, str, int]]:
    """(state, code or reason, how many) of what went wrong, the commonest first."""
    rows = TallyDetail.objects.filter(campaign=campaign, status__in=GONE_WRONG)
    sums = rows.exclude(detail="").order_by().values_list("status", "detail")
    sums = sums.annotate(total=Sum("count")).filter(total__gt=0)
    commonest = sums.order_by("-total", "status", "detail")[:most]
    return [(S(status), detail, total) for status, detail, total in commonest]
