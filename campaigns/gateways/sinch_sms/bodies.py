"""What a batch says (reference/sinch-sms-rest-api.md §4)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from campaigns.gateways.sinch_sms.batches import LONGEST_VALUE, Batch, units

#: Made once: `json.dumps` makes its encoder anew for each call.
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

#: Sinch forgets a batch after this, whether we say so or not; a later moment is refused.
LONGEST_LIFE = timedelta(days=3)
#: So many numbers and personal words of a batch are enough for the journal.
KEPT = 5


@dataclass(frozen=True, slots=True)
class Options:
    """What the channel adds to every batch."""

    strict: bool = False
    feedback: bool = False
    callback_url: str = ""


def batch_fields(batch: Batch, options: Options, now: datetime) -> dict[str, Any]:
    """The body of the request; members that say nothing are left out."""
    template, parameters = _speak(batch.words)
    media = {"url": batch.url, "message": template, "subject": batch.subject}
    fields = {
        "type": "mt_media" if batch.url else "mt_text",
        "to": list(batch.words),
        "from": batch.content.sender,
        "body": _said(media) if batch.url else template,
        "parameters": parameters,
        "client_reference": batch.reference,
        "delivery_report": "per_recipient",
        "callback_url": options.callback_url,
        "expire_at": _moment(batch.content.expires_at, now),
        "feedback_enabled": options.feedback or None,
        "strict_validation": (options.strict and bool(batch.url)) or None,
    }
    return _said(fields)


def shorten(fields: dict[str, Any]) -> str:
    """The same for the journal: with the first few people of many, and without what only one of
    them reads (their row tells it, as long as they want it kept)."""
    short, words = dict(fields), fields.get("parameters")
    if len(fields["to"]) > KEPT:
        short["to"] = [*fields["to"][:KEPT], f"… and {len(fields['to']) - KEPT} more"]
    if words:
        short["parameters"] = {key: _first(values) for key, values in words.items()}
    return encode(short)


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None, {})}


def _first(values: Mapping[str, str]) -> dict[str, str]:
    few = {
        name: value if name == "default" else "…" for name, value in islice(values.items(), KEPT)
    }
    left = len(values) - len(few)
    return few | ({"…": f"and {left} more"} if left else {})


# --- Words ---------------------------------------------------------------------------------------


def _speak(words: Mapping[str, str]) -> tuple[str, dict[str, Mapping[str, str]]]:
    """The text of the batch, and what its placeholders stand for."""
    shared = set(words.values())
    if len(shared) > 1:
        return "${text}", {"text": words}
    return _literal(shared.pop())


def _literal(words: str) -> tuple[str, dict[str, Mapping[str, str]]]:
    """Words that arrive as they are: what a parameter stands for is not looked into again, so a
    "${" of the author's own goes in there (§4.2)."""
    if "${" not in words:
        return words, {}
    if units(words) <= LONGEST_VALUE:
        return "${text}", {"text": {"default": words}}
    return words.replace("${", "${dollar}{"), {"dollar": {"default": "$"}}


def _moment(at: datetime | None, now: datetime) -> str:
    if at is None or at > now + LONGEST_LIFE:
        return ""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
