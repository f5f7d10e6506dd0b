"""Who opted out or in by a word, where a project has its consent managed (§11)."""

from datetime import datetime

from campaigns.sandbox.conversation import callbacks
from campaigns.sandbox.conversation.models import ConversationApp, OptedOut
from campaigns.sandbox.conversation.ulids import new_ulid
from campaigns.sandbox.models import Postback
from campaigns.sandbox.writing import writing

#: Words that, alone, end or renew a consent (§11).
STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START_WORDS = {"START", "YES", "UNSTOP"}


def heed_consent(app: ConversationApp, phone: str, text: str, at: datetime) -> list[Postback]:
    """Only where the project has its consent managed; the keyword must be the whole text (§11)."""
    word = text.strip().upper()
    if not app.project.manages_consent or word not in STOP_WORDS | START_WORDS:
        return []
    is_stop = word in STOP_WORDS
    with writing():
        OptedOut.objects.filter(app=app, phone=phone).delete()
        if is_stop:
            OptedOut.objects.create(app=app, phone=phone)
    name = "opt_out" if is_stop else "opt_in"
    payload = {
        "request_id": new_ulid(),
        "contact_id": "",
        "channel": "SMS",
        "identity": phone,
        "status": f"{name.upper()}_SUCCEEDED",
        "processing_mode": callbacks.mode_of(app),
    }
    body = callbacks.envelope(app, {f"{name}_notification": payload}, at)
    trigger = callbacks.OPT_OUT if is_stop else callbacks.OPT_IN
    return callbacks.plan(app, trigger, body, phone=phone, due_at=at)
