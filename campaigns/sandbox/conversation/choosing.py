"""Which choice of a message was meant: by a tap, or by words that equal it (§5.3)."""

from campaigns.sandbox.conversation.models import ConversationMessage
from campaigns.sandbox.conversation.transcoding import label_of, transcode
from campaigns.sandbox.written import Written


def find_choice(written: Written, sent: list[ConversationMessage]) -> dict | None:
    """By a tap, or by words that equal a choice of the latest message that had some (assumed)."""
    if written.choice:
        return _response(written.answers, written.choice)
    for message in sent:
        choices = transcode(message.body, message.channel).choices
        if not choices:
            continue
        words = written.text.strip().casefold()
        chosen = (c for c in choices if "text_message" in c and label_of(c).casefold() == words)
        return next((_response(message.message_id, choice) for choice in chosen), None)
    return None


def _response(message_id: str, choice: dict) -> dict:
    data = choice.get("postback_data") or f"{message_id}_{label_of(choice)}"
    return {"message_id": message_id, "postback_data": data}
