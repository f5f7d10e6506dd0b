"""What an accepted message leaves behind: its answer, its reports, and what the phone shows."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from campaigns.sandbox import postbacks
from campaigns.sandbox.inbound import draw_picture, plan_reply
from campaigns.sandbox.models import HandsetMessage, Postback, SandboxAccount, SavedTemplate
from campaigns.sandbox.stories import DEFAULT, NO_FALLBACK, Story

ACCEPTED = "MMS request accepted and queued for processing and delivery."
REPLY_AFTER = (8, 10)


@dataclass
class Outcome:
    """The answer to an accepted request and what it leaves behind, not saved yet."""

    answer: dict
    story: Story = DEFAULT
    postbacks: list[Postback] = field(default_factory=list)
    messages: list[HandsetMessage] = field(default_factory=list)
    template: SavedTemplate | None = None


@dataclass(frozen=True)
class Content:
    """What a phone will show, from the request or from its template."""

    slides: list[dict]
    subject: str
    fallback_text: str
    without_fallback: bool
    without_link: bool


def accept(
    account: SandboxAccount, body: dict, story: Story, content: Content, now: datetime
) -> Outcome:
    if story.needs_fallback and content.without_fallback:
        story = NO_FALLBACK
    sent = postbacks.Sent(
        account,
        new_tracking_id(),
        to=body["to"],
        sender=body["from"],
        reference=body.get("client-reference", ""),
        mask=body.get("from-mask", ""),
    )
    outcome = Outcome(
        {
            "status": "success",
            "to": sent.to,
            "tracking-id": sent.tracking_id,
            "status-details": ACCEPTED,
        },
        story,
        postbacks.plan_reports(sent, story, now),
    )
    if at := postbacks.shown_at(story, now):
        group = body.get("to-displayonly", "")
        outcome.messages.append(_on_the_phone(sent, content, story, at, group))
    if story.reply:
        _plan_reply(sent, story, outcome, now, body.get("to-displayonly", ""))
    return outcome


def _on_the_phone(
    sent: postbacks.Sent, content: Content, story: Story, at: datetime, group: str
) -> HandsetMessage:
    message = HandsetMessage(
        token=secrets.token_urlsafe(12), phone=sent.to, other=sent.sender, at=at
    )
    if story.needs_fallback:
        link = "" if content.without_link else f"{settings.SANDBOX_URL}/seen/{message.token}/"
        message.is_sms = True
        message.slides = [
            {"text": content.fallback_text, "media": [], "link": link},
            *([] if content.without_link else content.slides),
        ]
    else:
        message.subject, message.group, message.slides = content.subject, group, content.slides
    return message


def _plan_reply(
    sent: postbacks.Sent, story: Story, outcome: Outcome, now: datetime, group: str
) -> None:
    message, postback = plan_reply(
        sent.account,
        phone=sent.to,
        to=sent.sender,
        text=story.reply.text,
        pictures=[draw_picture()] if story.reply.with_picture else [],
        others=[number.strip() for number in group.split(",")] if group else [],
        at=postbacks.pick_moment(now, REPLY_AFTER),
    )
    outcome.messages.append(message)
    outcome.postbacks.append(postback)


def new_tracking_id() -> str:
    """Opaque, and with the `/`, `+` and `=` that trap careless addresses (§3.1)."""
    return base64.b64encode(secrets.token_bytes(16)).decode()
