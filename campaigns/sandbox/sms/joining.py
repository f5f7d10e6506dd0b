"""Keywords by which people join and leave a group; the platform does no more with STOP (§9)."""

from collections.abc import Iterable

from django.utils import timezone

from campaigns.sandbox.sms.models import SmsGroup, SmsInbound
from campaigns.sandbox.sms.numbers import plain


def join_and_leave(inbounds: Iterable[SmsInbound]) -> None:
    """To be called while writing."""
    texts = [inbound for inbound in inbounds if inbound.body["type"] == "mo_text"]
    plans = {inbound.plan_id for inbound in texts}
    for group in SmsGroup.objects.filter(plan__in=plans, auto_update__isnull=False):
        for inbound in texts:
            if (inbound.plan_id, inbound.to) == (group.plan_id, plain(group.auto_update["to"])):
                _heed(group, inbound.body["from"], inbound.body["body"].upper().split())


def _heed(group: SmsGroup, phone: str, words: list[str]) -> None:
    if _says(words, group.auto_update.get("add")) and phone not in group.members:
        _change(group, [*group.members, phone])
    elif _says(words, group.auto_update.get("remove")) and phone in group.members:
        _change(group, [member for member in group.members if member != phone])


def _says(words: list[str], keywords: dict | None) -> bool:
    if not keywords:
        return False
    wanted = [keywords["first_word"], keywords.get("second_word")]
    return words[: len(list(filter(None, wanted)))] == [word.upper() for word in wanted if word]


def _change(group: SmsGroup, members: list[str]) -> None:
    group.members, group.modified_at = members, timezone.now()
    group.save(update_fields=["members", "modified_at"])
