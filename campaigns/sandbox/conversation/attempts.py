"""Which channels are tried with a message, and what each of them reports (§3.1, §9.1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings

from campaigns.sandbox.conversation.attachments import Unfit, fetch_file
from campaigns.sandbox.conversation.models import OptedOut
from campaigns.sandbox.conversation.orders import Order, credentials_of
from campaigns.sandbox.conversation.stories import (
    DELIVERED,
    FAILED,
    QUEUED,
    SWITCHING,
    TIMED_OUT,
    Reason,
    Step,
    Story,
)
from campaigns.sandbox.conversation.transcoding import Carried, transcode
from campaigns.sandbox.conversation.ulids import new_ulid
from campaigns.sandbox.postbacks import pick_moment
from campaigns.sandbox.sms.parts import count_parts
from campaigns.sandbox.stories import LATER, SOON

NUMBER = re.compile(r"[1-9][0-9]{6,14}")
LONGEST_SUBJECT = 80


@dataclass(frozen=True)
class Report:
    """One delivery report to come."""

    status: str
    channel: str
    at: datetime
    reason: Reason | None = None
    twice: bool = False


@dataclass
class Run:
    """What becomes of a message: its reports, and what the phone has in the end, if anything."""

    reports: list[Report] = field(default_factory=list)
    channel: str = ""  # the last one tried
    carried: Carried = field(default_factory=Carried)
    files: list[dict] = field(default_factory=list)
    shown_at: datetime | None = None
    batch_id: str = field(default_factory=new_ulid)  # of the SMS channel


def run(order: Order, story: Story, now: datetime) -> Run:
    if not order.channels:
        reason = Reason("NO_CHANNEL_IDENTITY_FOR_CONTACT", "No identity on these channels")
        return Run([Report(FAILED, "", pick_moment(now, SOON), reason)])
    outcome = Run()
    ends_at = now + timedelta(seconds=order.ttl) / settings.SANDBOX_SPEED if order.ttl else None
    for place, channel in enumerate(order.channels):
        outcome.channel, outcome.carried = channel, transcode(order.message, channel)
        outcome.files = []
        is_last = place == len(order.channels) - 1
        steps = _steps(order, story, outcome)
        reports = list(_report(steps, channel, now, is_last))
        outcome.reports += reports
        if reports[-1].status != SWITCHING:
            break
        now = reports[-1].at
        if ends_at and now >= ends_at:  # no other channel is tried then
            outcome.reports[-1] = Report(FAILED, channel, now, Reason(TIMED_OUT))
            break
    outcome.shown_at = _shown_at(outcome.reports)
    return outcome


def _report(
    steps: tuple[Step, ...], channel: str, now: datetime, is_last: bool
) -> Iterator[Report]:
    for step in sorted(steps, key=lambda step: step.after[0]):
        reason, status = step.reason, step.status
        goes_on = not is_last and reason is not None and reason.code != TIMED_OUT
        if status == FAILED and goes_on:
            status = SWITCHING
        yield Report(status, channel, pick_moment(now, step.after), reason, step.twice)


def _steps(order: Order, story: Story, outcome: Run) -> tuple[Step, ...]:
    channel = outcome.channel
    if obstacle := _find_obstacle(order, outcome):
        return (Step(FAILED, SOON, obstacle),)
    if channel == "MMS" and story.mms_fails:
        return (Step(QUEUED, SOON), Step(FAILED, LATER, story.mms_fails))
    if order.ttl:
        last = float(order.ttl)
        return tuple(
            replace(step, after=(last, last)) if _is_timeout(step) else step for step in story.steps
        )
    return story.steps


def _is_timeout(step: Step) -> bool:
    return step.reason is not None and step.reason.code == TIMED_OUT


def _find_obstacle(order: Order, outcome: Run) -> Reason | None:
    """Why this channel cannot carry it; the second validation, of which only reports tell."""
    channel, carried, app = outcome.channel, outcome.carried, order.app
    sender = order.sender(channel)
    if credentials_of(app, channel) is None:
        return Reason("CHANNEL_CONFIGURATION_MISSING", f"The app has no credentials for {channel}")
    if not NUMBER.fullmatch(order.identities[channel]):
        return Reason("RECIPIENT_INVALID_CHANNEL_IDENTITY", "The identity is not a phone number")
    if OptedOut.objects.filter(app=app, phone=order.identities[channel]).exists():
        return Reason("RECIPIENT_NOT_OPTED_IN", "The recipient has opted out")
    if not sender:
        return Reason("CHANNEL_BAD_CONFIGURATION", "No sender: set MMS_SENDER or default_sender")
    if sender not in app.senders:
        return Reason("CHANNEL_REJECT", f"Sender {sender} is not ours", "INACTIVE_SENDER")
    if "template_message" in order.message:
        return Reason("TEMPLATE_NOT_FOUND", "There is no such template")
    return _find_mms_obstacle(order, outcome) if channel == "MMS" else _find_sms(order, carried)


def _find_mms_obstacle(order: Order, outcome: Run) -> Reason | None:
    if len(outcome.carried.subject) > LONGEST_SUBJECT:
        return Reason("BAD_REQUEST", "The title is longer than 80 characters")
    is_strict = order.properties.get("MMS_STRICT_VALIDATION", "").lower() == "true"
    seconds = order.app.project.cache_seconds
    try:
        for url in outcome.carried.files:
            file = fetch_file(url, is_strict=is_strict, cache_seconds=seconds)
            outcome.files.append(file)
    except Unfit as error:
        return error.reason
    return None


def _find_sms(order: Order, carried: Carried) -> Reason | None:
    most = order.properties.get("SMS_MAX_NUMBER_OF_MESSAGE_PARTS", "")
    parts = count_parts(carried.text)
    if most.isdecimal() and parts > int(most):
        return Reason("BAD_REQUEST", f"The message has {parts} parts, at most {most} were allowed")
    return None


def _shown_at(reports: list[Report]) -> datetime | None:
    """When the phone has it: with its receipt, or with the sending if none comes."""
    arrived = [report.at for report in reports if report.status == DELIVERED]
    if arrived:
        return arrived[0]
    last = reports[-1]
    return last.at if last.status == QUEUED else None
