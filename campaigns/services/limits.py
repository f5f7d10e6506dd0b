"""How often one person may be written to, over all campaigns, and who has had that by now."""

from datetime import datetime

from campaigns.models import Contact
from campaigns.services.ladder import capped


def count_capped(now: datetime) -> int | None:
    """Contacts who get nothing more for now; None without a limit."""
    holds = capped(now)
    return None if holds is None else Contact.objects.filter(holds).count()
