"""Delivery feedback: who answered has surely got it, and providers that want to know are told."""

from contextlib import closing
from datetime import datetime

from campaigns.gateways.errors import GatewayError
from campaigns.models import InboundMessage, Message
from campaigns.services.channel_kinds import kinds_that
from campaigns.services.channels import open_gateway
from campaigns.services.inbox import find_answered
from campaigns.services.journal import keep_exchanges


def tell_received(reply_id: int, now: datetime) -> None:
    """Tell the provider that the message this reply answers was received. What goes wrong stands
    in the journal, and nothing depends on it."""
    reply = InboundMessage.objects.select_related("channel").get(pk=reply_id)
    message = _find_untold(reply)
    if message is None:
        return
    batch_id, _, phone = message.provider_id.rpartition("/")
    with closing(open_gateway(reply.channel)) as gateway:
        try:
            gateway.tell_received(batch_id, [phone])
        except GatewayError as error:
            keep_exchanges(reply.channel_id, [error.exchange], now)


def _find_untold(reply: InboundMessage) -> Message | None:
    """The message in a batch that is answered for the first time by this reply."""
    if reply.channel.kind not in kinds_that("tell_received"):
        return None
    message = find_answered(reply)
    if message is None or "/" not in message.provider_id:
        return None
    earlier = InboundMessage.objects.filter(
        channel_id=reply.channel_id,
        phone=reply.phone,
        to=reply.to,
        received_at__gte=message.accepted_at,
        pk__lt=reply.pk,
    )
    return None if earlier.exists() else message
