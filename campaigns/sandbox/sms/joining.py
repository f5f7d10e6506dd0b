"""Keywords by which people join and leave a group; the platform does no more with STOP (§9)."""

from django.utils import timezone

from campaigns.sandbox.sms.models import SmsGroup, SmsInbound
from campaigns.sandbox.sms.numbers import plain


def join_and_leave(inbound: SmsInbound) -> None:
    """To be called while writing."""
    if inbound.body["type"] != "mo_text":
        return
    words = inbound.body["body"].upper().split()
    phone = inbound.body["from"]
    for group in SmsGroup.objects.filter(plan=inbound.plan, auto_update__isnull=False):
        rule = group.auto_update
        if plain(rule["to"]) != inbound.to:
            continue
        if _says(words, rule.get("add")) and phone not in group.members:
            _change(group, [*group.members, phone])
        elif _says(words, rule.get("remove")) and phone in group.members:
            _change(group, [member for member in group.members if member != phone])


def _says(words: list[str], keywords: dict | None) -> bool:
    if not keywords:
        return False
    wanted = [keywords["first_word"], keywords.get("second_word")]
    return words[: len(list(filter(None, wanted)))] == [word.upper() for word in wanted if word]


def _change(group: SmsGroup, members: list[str]) -> None:
    group.members, group.modified_at = members, timezone.now()
    group.save(update_fields=["members", "modified_at"])
