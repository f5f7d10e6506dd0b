"""What the last two digits of a number mean, told by interface."""

from collections.abc import Collection, Mapping
from typing import Protocol

from campaigns.sandbox.conversation.stories import STORIES as CONVERSATION_STORIES
from campaigns.sandbox.models import Api
from campaigns.sandbox.sms.stories import SMS_STORIES
from campaigns.sandbox.stories import DEFAULT, STORIES


class Told(Protocol):
    @property
    def tells(self) -> str: ...


BY_API: dict[Api, Mapping[str, Told]] = {
    Api.MMS: STORIES,
    Api.CONVERSATION: CONVERSATION_STORIES,
    Api.SMS: SMS_STORIES,
}


def every_story() -> list[tuple[str, Mapping[str, Told]]]:
    return [(api.label, endings) for api, endings in BY_API.items()]


def stories_of(number: str, apis: Collection[str]) -> list[tuple[str, Told]]:
    """What the number does on each of these interfaces."""
    return [
        (api.label, endings.get(number[-2:], DEFAULT))
        for api, endings in BY_API.items()
        if api in apis
    ]
