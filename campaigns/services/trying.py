"""Test messages: what is about to go out, tried on one's own phone."""

from secrets import token_hex

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from campaigns.models import Campaign, Channel, Message, Mms, MmsRevision, Sender
from campaigns.rules.problems import RuleBroken, check
from campaigns.services.audit import record
from campaigns.services.content import freeze
from campaigns.services.content_checks import find_mms_problems
from campaigns.services.optouts import has_opted_out
from campaigns.services.queue import ring
from campaigns.services.suppression import restore_optouts
from campaigns.services.wording import freeze_values


def send_test(
    revision: MmsRevision,
    channel: Channel,
    sender: Sender,
    phone: str,
    *,
    by: AbstractBaseUser,
) -> Message:
    """Send this revision to one number now, before all campaigns."""
    check(find_mms_problems(revision, channel)[0])
    restore_optouts([phone])
    if has_opted_out(phone, channel.pk):
        raise RuleBroken("This number opted out: it gets nothing, not even a test.")
    if channel.paused_at:
        raise RuleBroken(f"The channel is paused: {channel.paused_reason} Resume it first.")
    with transaction.atomic():
        message = Message.objects.create(
            purpose=Message.Purpose.TEST,
            channel=channel,
            revision=freeze(revision, timezone.now()),
            sender=sender.number,
            phone=phone,
            merge_values=freeze_values(phone, revision),
            reference=f"test-{token_hex(8)}",
            changed_at=timezone.now(),
        )
        record("mms.tested", revision.mms, by=by, after={"message": message.reference})
        ring("outbox.send_due", channel.pk)
    return message


def send_campaign_test(campaign: Campaign, phone: str, *, by: AbstractBaseUser) -> Message:
    """Try a draft on one number."""
    if not (campaign.mms and campaign.mms.head and campaign.channel and campaign.sender):
        raise RuleBroken("Choose the MMS and the number it comes from, and save, before a test.")
    return send_test(campaign.mms.head, campaign.channel, campaign.sender, phone, by=by)


def find_last_tests(mms: Mms | None) -> QuerySet[Message]:
    """The newest tests of this MMS, whatever page they were sent from."""
    if mms is None:
        return Message.objects.none()
    tests = Message.objects.filter(purpose=Message.Purpose.TEST, campaign=None, revision__mms=mms)
    return tests.select_related("revision").order_by("-id")[:3]
