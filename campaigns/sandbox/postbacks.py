"""The callbacks of a send and of a template: their bodies and when they are due (§5)."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from campaigns.sandbox.models import Postback, SandboxAccount, SavedTemplate
from campaigns.sandbox.stories import Span, Step, Story

#: Code → (`status`, `status-details`), as v2 words them (§5.3).
STATUSES: dict[str, tuple[str, str]] = {
    "N101": ("Sent", "Message Sent"),
    "N102": ("Delivered", "Message Delivered"),
    "N103": ("Expired", "Message Expired"),
    "N202": ("Delivered", "Message Delivered"),
    "N013": ("Sent", "Transcoding successful and sending triggered"),
    "N777": ("Sent", "A report that no list knows"),
    "E101": ("Failed", "Message Failed"),
    "E102": ("Rejected", "Recipient blocked by mobile operator"),
    "E202": ("Failed", "Message Failed"),
    "E011": ("Failed", "Error fetching dynamic content"),
    "E013": ("Failed", "Transcoding failed"),
    "E999": ("Failed", "Queue processing error"),
    "E777": ("Failed", "An error that no list knows"),
}
OPERATORS = (("0001470", "AT&T"), ("31003", "Verizon"), ("310012", "T-Mobile"))
#: Reports by which a phone has the message in hand.
ON_THE_PHONE = {"N101", "N102", "N202"}
#: Kind of the file that failed → the field that names it (§5.3).
NAMED = {"audio": "audio-name", "video": "video-name", "image": "image-name"}


@dataclass(frozen=True)
class Sent:
    """An accepted message, as its reports name it."""

    account: SandboxAccount
    tracking_id: str
    to: str
    sender: str
    reference: str = ""
    mask: str = ""


def pick_moment(now: datetime, span: Span) -> datetime:
    return now + timedelta(seconds=random.uniform(*span) / settings.SANDBOX_SPEED)


def plan_reports(sent: Sent, story: Story, now: datetime) -> list[Postback]:
    """The unsaved callbacks of a story, in the order in which they fall due."""
    return [
        _postback(sent.account, body, sent.to, due_at)
        for step, due_at in _timed(story, now)
        for body in [_report(sent, step, due_at)] * (2 if step.twice else 1)
    ]


def shown_at(story: Story, now: datetime) -> datetime | None:
    """When the phone has the message: with its receipt, or with the sending if none comes."""
    codes = [step.code for step in story.steps]
    if not codes or codes[-1].startswith("E") or codes[-1] == "N103":
        return None
    last = max((step for step in story.steps if step.code in ON_THE_PHONE), key=_start)
    return pick_moment(now, (last.after[0], last.after[0]))


def plan_template(template: SavedTemplate, reference: str, failing: dict | None) -> Postback:
    """N003, or the failure of the encoding, naming the file that failed. E011 names only the
    template."""
    body = {"origin": "MMS_MT", "code": template.failed_code or "N003", "mms-id": template.mms_id}
    if failing:
        body[NAMED[failing["kind"]]] = failing["url"]
    if reference and body["code"] != "E011":
        body["client-reference"] = reference
    return _postback(template.account, body, "", template.ready_at)


def plan_inbound(account: SandboxAccount, body: dict, due_at: datetime) -> Postback:
    return _postback(account, body, body["from"], due_at)


def _start(step: Step) -> float:
    return step.after[0]


def _timed(story: Story, now: datetime) -> Iterator[tuple[Step, datetime]]:
    for step in sorted(story.steps, key=_start):
        yield step, pick_moment(now, step.after)


def _postback(account: SandboxAccount, body: dict, phone: str, due_at: datetime) -> Postback:
    url = account.postback_url
    return Postback(url=url, body=body, code=body["code"], phone=phone, due_at=due_at)


def _report(sent: Sent, step: Step, at: datetime) -> dict:
    status, details = STATUSES[step.code]
    operator_id, operator = OPERATORS[int(sent.to[-3:]) % len(OPERATORS)]
    body = {
        "origin": "MMS_MT",
        "code": step.code,
        "sent-as": step.sent_as,
        "status": status,
        "status-details": details,
        "to": sent.to,
        "from": sent.sender,
        "timestamp": _stamp(at, step.code),
        "tracking-id": sent.tracking_id,
        "client-reference": sent.reference,
        "from-mask": sent.mask,
        "operator-id": operator_id,
        "operator-name": operator,
    }
    bare = {"sent-as", "timestamp"} if step.bare else set()
    return {field: value for field, value in body.items() if value and field not in bare}


def _stamp(at: datetime, code: str) -> str:
    """Both spellings that were seen: `…Z` and `….990498+00:00` (§5.3)."""
    return at.isoformat() if code == "N102" else at.strftime("%Y-%m-%dT%H:%M:%SZ")
