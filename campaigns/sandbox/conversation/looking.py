"""What is asked beside sending: a preview of a message, and what a number can receive (§2, §6)."""

from campaigns.sandbox.conversation import callbacks
from campaigns.sandbox.conversation.doors import Asked
from campaigns.sandbox.conversation.errors import invalid
from campaigns.sandbox.conversation.messages import check_message, check_object
from campaigns.sandbox.conversation.orders import check_channel
from campaigns.sandbox.conversation.stories import story_of
from campaigns.sandbox.conversation.transcoding import preview
from campaigns.sandbox.conversation.ulids import new_ulid
from campaigns.sandbox.models import Postback
from campaigns.sandbox.postbacks import pick_moment
from campaigns.sandbox.stories import SOON
from campaigns.sandbox.writing import writing


def transcode_message(asked: Asked) -> dict:
    asked.app(asked.body.get("app_id"))
    check_message(asked.body.get("app_message"), "app_message")
    channels = asked.body.get("channels")
    if not isinstance(channels, list) or not channels:
        raise invalid("channels", "must be a list that is not empty")
    for number, channel in enumerate(channels):
        check_channel(channel, f"channels[{number}]")
    message = asked.body["app_message"]
    return {"transcoded_message": {channel: preview(message, channel) for channel in channels}}


def query_capability(asked: Asked) -> dict:
    """The answer is a callback: an MMS reaches whom stories do not let fall back to SMS."""
    app = asked.app(asked.body.get("app_id"))
    check_object(asked.body.get("recipient"), "recipient")
    identified = asked.body["recipient"].get("identified_by") or {}
    entries = identified.get("channel_identities") or []
    if not entries:
        raise invalid("recipient.identified_by.channel_identities", "must not be empty")
    request_id = asked.body.get("request_id") or new_ulid()
    rows: list[Postback] = []
    for number, entry in enumerate(entries):
        where = f"recipient.identified_by.channel_identities[{number}]"
        check_object(entry, where)
        check_channel(entry.get("channel"), f"{where}.channel")
        phone = str(entry.get("identity", "")).lstrip("+")
        story = story_of(phone)
        can = not story.mms_fails or entry["channel"] != "MMS"
        payload = {
            "contact_id": "",
            "identity": phone,
            "channel": entry["channel"],
            "capability_status": "CAPABILITY_FULL" if can else "NO_CAPABILITY",
            "request_id": request_id,
            "channel_capabilities": [],
        }
        due_at = pick_moment(asked.now, SOON)
        body = callbacks.envelope(app, {"capability_notification": payload}, due_at)
        trigger = callbacks.CAPABILITY
        rows += callbacks.plan(app, trigger, body, phone=phone[:20], due_at=due_at)
    with writing():
        Postback.objects.bulk_create(rows)
    return {"app_id": app.app_id, "recipient": asked.body["recipient"], "request_id": request_id}
