"""Chosen answers: which message they belong to, and what was tapped."""

from campaigns.gateways.events import InboundEvent
from campaigns.models import Message
from campaigns.rules.formats import read_choices
from campaigns.services.accounts import find_same_account


def find_chosen_from(channel_id: int, event: InboundEvent) -> Message | None:
    """The message whose choice was tapped, or that the reply names."""
    if not event.answered_id:
        return None
    offered = Message.objects.filter(
        provider_id=event.answered_id,
        phone=event.sender,
        channel_id__in=find_same_account(channel_id),
    )
    return offered.select_related("revision").first()


def name_choice(message: Message | None, postback: str) -> str:
    """The words on the choice that carries this; the provider makes up a postback of its message
    id, an underscore, and the words (reference/sinch-conversation-api.md §4)."""
    if message is None or not postback:
        return postback
    revision = message.revision
    stored = [*revision.choices, *(each for s in revision.slides.all() for each in s.choices)]
    for choice in read_choices(stored):
        if postback in (choice.postback, f"{message.provider_id}_{choice.title}"):
            return choice.title
    return postback.removeprefix(f"{message.provider_id}_")
