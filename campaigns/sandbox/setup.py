"""Opens or changes an account of the pretend Sinch."""

from collections.abc import Sequence

from campaigns.sandbox.models import SandboxAccount


def ensure_account(
    key: str, service_id: str, senders: Sequence[str], postback_url: str, rate: float
) -> None:
    """Create the account of this key or bring it to these values; its other switches stay."""
    SandboxAccount.objects.update_or_create(
        key=key,
        defaults={
            "service_id": service_id,
            "senders": list(senders),
            "postback_url": postback_url,
            "rate": rate,
        },
    )
