"""What a batch may say, field by field (§4): reads a request into what is kept and echoed."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from campaigns.sandbox.sms.bodies import BODIES
from campaigns.sandbox.sms.models import SmsPlan
from campaigns.sandbox.sms.moments import read_moment, write_moment
from campaigns.sandbox.sms.numbers import read_recipient, read_sender
from campaigns.sandbox.sms.problems import Problem, bad_format, broken_rule
from campaigns.sandbox.sms.values import (
    check_url,
    read_count,
    read_list,
    read_switch,
    read_text,
)

MOST_RECIPIENTS = 1000
LONGEST_URL = LONGEST_REFERENCE = 2048
LONGEST_VALUE = 1600
LONGEST_LIFE = timedelta(days=3)
#: Clocks differ: that much beyond the longest is still taken.
GRACE = timedelta(minutes=5)
KEY = re.compile(r"[A-Za-z0-9_\-.]{1,16}")
REPORTS = {"none", "summary", "full", "per_recipient", "per_recipient_final"}
Read = Callable[[Any, str], Any]


def read_batch(plan: SmsPlan, body: dict, now: datetime) -> dict:
    """The fields as they are echoed; raises the first `Problem`."""
    kind = body.get("type") or "mt_text"
    if not isinstance(kind, str) or kind not in BODIES:
        raise broken_rule(f"{kind!s:.40} is not a valid type")
    fields = {"type": kind, "to": _recipients(body.get("to")), **_sender(plan, body)}
    fields |= BODIES[kind](body)
    for name, read in _readers(kind).items():
        if body.get(name) is not None:
            fields[name] = read(body[name], name)
    fields.setdefault("delivery_report", "none")
    fields.setdefault("feedback_enabled", False)
    if kind == "mt_media":
        fields.setdefault("strict_validation", False)
    _check_life(fields, now)
    if fields["delivery_report"] != "none" and not callback_url(plan, fields):
        raise Problem(403, "missing_callback_url", "No callback URL is set for delivery reports")
    return fields


def callback_url(plan: SmsPlan, fields: dict) -> str:
    return fields.get("callback_url") or plan.callback_url


def unknown_fields(body: dict) -> list[str]:
    """What is ignored of a body that was read, for the traffic page."""
    kind = body.get("type") or "mt_text"
    known = {"type", "to", "from", "body", "udh", *_readers(kind)}
    return sorted(body.keys() - known)


def _recipients(value: Any) -> list[str]:
    if not read_list(value, "to", MOST_RECIPIENTS):
        raise broken_rule("to is empty")
    return [read_recipient(recipient) for recipient in value]


def _sender(plan: SmsPlan, body: dict) -> dict:
    if body.get("from") is None:
        if not plan.default_sender:
            raise broken_rule("from is missing and no default originator is configured")
        return {}
    sender = read_sender(body["from"])
    if plan.senders and sender not in plan.senders:
        raise broken_rule(f"{sender} is not a number of this service plan")
    return {"from": sender}


def _readers(kind: str) -> dict[str, Read]:
    return COMMON | OF_ONE_TYPE[kind]


def _report(value: Any, name: str) -> str:
    if not isinstance(value, str) or value not in REPORTS:
        raise broken_rule(f"{value!s:.40} is not a valid {name}")
    return value


def _moment(value: Any, name: str) -> str:
    return write_moment(read_moment(value, name))


def _url(value: Any, name: str) -> str:
    return check_url(read_text(value, name, LONGEST_URL), name)


def _reference(value: Any, name: str) -> str:
    return read_text(value, name, LONGEST_REFERENCE)


def _parameters(value: Any, name: str) -> dict:
    if not isinstance(value, dict):
        raise bad_format(f"{name} is not an object")
    for key, values in value.items():
        if not KEY.fullmatch(key):
            raise broken_rule(f"{key:.40} is not a valid parameter key")
        if not isinstance(values, dict):
            raise bad_format(f"the values of parameter {key} are not an object")
        for one in values.values():
            read_text(one, f"a value of parameter {key}", LONGEST_VALUE)
    return value


def _check_life(fields: dict, now: datetime) -> None:
    """`expire_at` follows `send_at`, by at most three days, which is also its default."""
    starts_at = max(now, read_moment(fields.get("send_at", write_moment(now)), "send_at"))
    if "expire_at" not in fields:
        fields["expire_at"] = write_moment(starts_at + LONGEST_LIFE)
    expires_at = read_moment(fields["expire_at"], "expire_at")
    if expires_at <= starts_at:
        raise broken_rule("expire_at does not lie after send_at")
    if expires_at > starts_at + LONGEST_LIFE + GRACE:
        raise broken_rule(f"expire_at is more than {LONGEST_LIFE.days} days after send_at")


COMMON: dict[str, Read] = {
    "delivery_report": _report,
    "send_at": _moment,
    "expire_at": _moment,
    "callback_url": _url,
    "client_reference": _reference,
    "feedback_enabled": read_switch,
}
OF_ONE_TYPE: dict[str, dict[str, Read]] = {
    "mt_text": {
        "parameters": _parameters,
        "flash_message": read_switch,
        "max_number_of_message_parts": read_count,
        "truncate_concat": read_switch,
        "from_ton": read_count,
        "from_npi": read_count,
    },
    "mt_binary": {"from_ton": read_count, "from_npi": read_count},
    "mt_media": {"parameters": _parameters, "strict_validation": read_switch},
}
