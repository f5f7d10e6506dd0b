"""One message whose files come one by one: nothing in the callbacks ties them together
(reference/sinch-conversation-api.md §5.3), so it is done by what is equal and by the time."""

from datetime import datetime, timedelta

from django.db.models import Q

from campaigns.gateways.events import InboundEvent
from campaigns.models import InboundMessage, InboundPart

#: Files of one message come this soon after each other [assumed].
TOGETHER = timedelta(seconds=10)


def find_whole(
    channel_id: int, event: InboundEvent, provider_id: str, now: datetime
) -> InboundMessage | None:
    """The message that this file belongs to, or that this very callback brought before."""
    if not (event.comes_in_parts and event.media_urls):
        return None
    part = InboundPart.objects.filter(channel_id=channel_id, provider_id=provider_id).first()
    if part is not None:
        return part.message
    at = event.at or now
    span = (at - TOGETHER, at + TOGETHER)
    near = Q(sent_at__range=span) | Q(sent_at=None, received_at__range=span)
    alike = InboundMessage.objects.filter(
        near,
        channel_id=channel_id,
        phone=event.sender,
        to=event.to,
        text=event.text,
        subject=event.subject,
        media__isnull=False,
    )
    return alike.exclude(provider_id=provider_id).first()


def keep_part(message: InboundMessage, channel_id: int, provider_id: str) -> bool:
    """Whether this callback brings a file the message does not have yet."""
    _, is_new = InboundPart.objects.get_or_create(
        channel_id=channel_id, provider_id=provider_id, defaults={"message": message}
    )
    return is_new
