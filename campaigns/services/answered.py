"""Which of our messages a reply answers, where the reply itself names it."""

from campaigns.gateways.events import InboundEvent
from campaigns.models import EarlierSend, GatewayCall, Message
from campaigns.services.accounts import find_same_account
from campaigns.services.choices import find_chosen_from

#: So many of the newest messages to a person may be meant.
MOST_MEANT = 50


def find_named(channel_id: int, event: InboundEvent) -> Message | None:
    """The message whose choice was tapped, or the one to them in the batch that the reply names."""
    return find_chosen_from(channel_id, event) or _find_in_batch(channel_id, event)


def _find_in_batch(channel_id: int, event: InboundEvent) -> Message | None:
    """Their row has the provider's id of its batch, and the journal our reference of that. Without
    the journal (it is pruned) only a message still in doubt is found: its row has the reference."""
    if not event.batch_reference:
        return None
    channels = find_same_account(channel_id)
    by_batch = _batches_of(event.sender, channels)
    if event.batch_reference in by_batch:
        return by_batch[event.batch_reference]
    sent = GatewayCall.objects.filter(
        channel_id__in=channels,
        reference__in=by_batch,
        request__contains=f'"{event.batch_reference}"',
    )
    named = sent.values_list("reference", flat=True).first()
    return by_batch.get(named or "")


def _batches_of(phone: str, channels: tuple[int, ...]) -> dict[str, Message]:
    """Batch → the message to this person in it, of earlier sends too."""
    messages = Message.objects.filter(
        phone=phone, channel_id__in=channels, provider_id__contains="/"
    )
    newest = {message.pk: message for message in messages.order_by("-id")[:MOST_MEANT]}
    earlier = EarlierSend.objects.filter(message__in=newest)
    names = [
        *earlier.values_list("provider_id", "message_id"),
        *((message.provider_id, pk) for pk, message in newest.items()),
    ]
    return {name.rpartition("/")[0]: newest[pk] for name, pk in names}
