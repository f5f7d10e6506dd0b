"""Opens or changes a service plan of the pretend Sinch."""

from collections.abc import Sequence

from campaigns.sandbox.sms.models import SmsPlan


def ensure_plan(
    service_plan_id: str,
    *,
    token: str,
    senders: Sequence[str],
    callback_url: str,
    callback_secret: str,
    rate: float,
    repeats_references: bool = False,
) -> None:
    """Create this plan or bring it to these values; its other switches stay."""
    SmsPlan.objects.update_or_create(
        service_plan_id=service_plan_id,
        defaults={
            "token": token,
            "senders": list(senders),
            "callback_url": callback_url,
            "callback_secret": callback_secret,
            "rate": rate,
            "repeats_references": repeats_references,
        },
    )
