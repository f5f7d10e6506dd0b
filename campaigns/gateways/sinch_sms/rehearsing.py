"""Sinch's dry run of batches (reference/sinch-sms-rest-api.md §5)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaigns.gateways.errors import Refused
from campaigns.gateways.outcomes import Rehearsal
from campaigns.gateways.outgoing import OutgoingMms
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_sms.batches import MOST_RECIPIENTS, Batch, part
from campaigns.gateways.sinch_sms.bodies import Options, batch_fields, encode, shorten
from campaigns.gateways.sinch_sms.serviceplan import Request, ServicePlan

_PATH = f"batches/dry_run?per_recipient=true&number_of_recipients={MOST_RECIPIENTS}"

#: A page waits for it, and the rate belongs to the messages.
MOST_REQUESTS = 20
NOT_ASKED = "Not rehearsed, for their subject or long text is their own."


def rehearse(
    plan: ServicePlan, messages: Sequence[OutgoingMms], options: Options, now: datetime
) -> Rehearsal:
    """What Sinch says would become of these messages; raises what concerns the account."""
    batches, refused = part(messages)
    problems: Counter[str] = Counter(map(str, refused.values()))
    recipients = parts = 0
    for batch in batches[MOST_REQUESTS:]:
        problems[NOT_ASKED] += len(batch.words)
    for batch in batches[:MOST_REQUESTS]:
        fields = batch_fields(batch, options, now)
        kept = shorten(fields)
        request = Request("dry_run", "POST", _PATH, encode(fields), batch.reference, kept)
        try:
            data, _ = plan.ask(request)
        except Refused as error:
            problems[str(error)] += len(batch.words)
            continue
        reached = _number(data, "number_of_recipients")
        recipients += reached
        parts += _number(data, "number_of_messages")
        problems["Sinch would leave this person out."] += max(0, len(batch.words) - reached)
        problems["A placeholder would arrive in place of the words."] += _count_gaps(batch, data)
    said = (f"{_people(count)}: {problem}" for problem, count in problems.items() if count)
    return Rehearsal(recipients, parts, tuple(said))


def _count_gaps(batch: Batch, data: dict[str, Any]) -> int:
    """People who would read a placeholder that is not of the author's own."""
    shown = data.get("per_recipient")
    people = [item for item in shown if isinstance(item, dict)] if isinstance(shown, list) else []
    return sum(1 for item in people if _has_gap(batch, item))


def _has_gap(batch: Batch, item: dict[str, Any]) -> bool:
    phone = text(item, "recipient", limit=30).lstrip("+")
    words = text(item, "body", limit=5000)
    return "${" in words and words != batch.words.get(phone)


def _number(data: dict[str, Any], name: str) -> int:
    digits = text(data, name, limit=9)
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"
