"""Who asked to be left alone. It takes effect at once, for waiting messages too."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from campaigns.models import Message, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import MessageStatus
from campaigns.services.audit import record
from campaigns.services.outbox import OPTED_OUT


def is_number(phone: str) -> bool:
    """Whether anything can be sent to it: digits with country code, as they are stored."""
    return phone.isascii() and phone.isdigit() and len(phone) <= 15


def record_optout(
    phone: str, *, source: str, evidence: str = "", by: AbstractBaseUser | None = None
) -> OptOut:
    """Never write to this number (digits with country code) again; a repeat changes nothing.

    The first evidence stays: that is since when it was known.
    """
    if not is_number(phone):
        raise RuleBroken("Write the number to opt out in digits, with its country code.")
    with transaction.atomic():
        optout, is_new = OptOut.objects.get_or_create(
            phone=phone, defaults={"source": source, "evidence": evidence, "by": by}
        )
        skip_waiting(phone)
        if is_new:
            record("optout.recorded", optout, by=by, after={"source": source})
    return optout


def skip_waiting(phone: str) -> int:
    """What waits for this number is not sent; how many messages that were."""
    waiting = Message.objects.filter(phone=phone, status=MessageStatus.QUEUED)
    return waiting.update(status=MessageStatus.SKIPPED, reason=OPTED_OUT, changed_at=timezone.now())
