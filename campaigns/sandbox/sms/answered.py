"""What a reply answers: the batch that the phone got last from that number, whose reference the
reply repeats where the account is set up for it (§8)."""

from datetime import datetime

from campaigns.sandbox.sms.models import SmsBatch, SmsMessage, SmsPlan


def repeated_reference(plan: SmsPlan, phone: str, to: str, at: datetime) -> str:
    """The `client_reference` of a reply that is written now; "" where it has none."""
    if not plan.repeats_references:
        return ""
    sent = SmsMessage.objects.filter(
        batch__plan=plan, batch__sender=to, recipient=phone, leaves_at__lte=at
    ).exclude(token="")
    last = sent.select_related("batch").order_by("-leaves_at", "-pk").first()
    return last.batch.client_reference if last else ""


def reference_of(batch: SmsBatch) -> str:
    """The same of a reply to this very batch."""
    return batch.client_reference if batch.plan.repeats_references else ""
