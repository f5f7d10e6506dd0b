"""Who is meant by the recipients of a batch: numbers, and the members of groups (§4.3, §9)."""

from collections.abc import Iterable

from campaigns.sandbox.sms.models import SmsGroup, SmsPlan
from campaigns.sandbox.sms.numbers import is_group_id
from campaigns.sandbox.sms.problems import Problem


def expand(plan: SmsPlan, recipients: Iterable[str]) -> list[str]:
    """Every number once, in order; a group that is gone counts as empty."""
    numbers: dict[str, None] = {}
    for recipient in recipients:
        if is_group_id(recipient):
            numbers |= dict.fromkeys(members_of(plan, recipient))
        else:
            numbers[recipient] = None
    return list(numbers)


def members_of(plan: SmsPlan, group_id: str) -> list[str]:
    """Its own and those of its child groups, however they are nested."""
    numbers: dict[str, None] = {}
    seen, waiting = set(), [group_id]
    while waiting:
        seen.update(waiting)
        groups = SmsGroup.objects.filter(plan=plan, group_id__in=waiting)
        waiting = []
        for group in groups:
            numbers |= dict.fromkeys(group.members)
            waiting += [child for child in group.child_groups if child not in seen]
    return list(numbers)


def check_groups(plan: SmsPlan, group_ids: Iterable[str]) -> None:
    wanted = set(group_ids)
    known = SmsGroup.objects.filter(plan=plan, group_id__in=wanted)
    if missing := sorted(wanted - set(known.values_list("group_id", flat=True))):
        raise Problem(403, "unknown_group", f"Unknown group {missing[0]}")
