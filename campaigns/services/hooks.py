"""Whether a channel's callbacks arrive and can be read: what is refused proves nothing."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Channel, WebhookPost
from campaigns.models.rows import states_are

Kept = WebhookPost.Status
IS_REFUSED = states_are(Kept.UNREADABLE, Kept.REFUSED)
IS_READ = states_are(Kept.DONE, Kept.WAITING, Kept.UNMATCHED)


@dataclass(frozen=True, slots=True)
class Arrived:
    """When the last one came that was read, or may be yet; why the newest was refused ("")."""

    last_at: datetime | None
    refused: str = ""


def find_arrived(channel: Channel) -> Arrived:
    """Looks at posts only where some came, and at those that were read only where some were
    refused."""
    if not (channel.pk and channel.last_hook_at):
        return Arrived(channel.last_hook_at)
    posts = WebhookPost.objects.filter(channel=channel, is_polled=False).order_by("-pk")
    refused = posts.filter(IS_REFUSED).values_list("pk", "reason").first()
    if refused is None:
        return Arrived(channel.last_hook_at)
    read = posts.filter(IS_READ).values_list("pk", "received_at").first()
    if read is None:
        return Arrived(None, refused[1])
    return Arrived(read[1], refused[1] if refused[0] > read[0] else "")
