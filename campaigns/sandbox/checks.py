"""What is asked of every request, each question with its code (§4.1)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.sandbox.codes import Refusal
from campaigns.sandbox.models import SandboxAccount

NUMBER = re.compile(r"[1-9][0-9]{6,14}")
LONGEST = {"subject": 80, "reference": 64, "mask": 50, "name": 255}
#: Field → how far ahead of the request it may lie (§2).
FARTHEST = {
    "mms-expiry-timestamp": timedelta(days=3),
    "fallback-sms-link-expiration": timedelta(days=365),
}
#: Clocks differ: that much beyond the farthest is still taken.
GRACE = timedelta(minutes=5)
SWITCHES = ("disable-fallback-sms", "disable-fallback-sms-link", "cache-content")


def check_account(account: SandboxAccount | None, ip: str) -> None:
    if account is None:
        raise Refusal("E104")
    if account.blocked:
        raise Refusal("E103")
    if not account.has_api_access:
        raise Refusal("E105")
    if account.allowed_ips and ip not in account.allowed_ips:
        raise Refusal("E112")


def check_service(account: SandboxAccount, body: dict) -> None:
    if account.service_id and body.get("service-id") != account.service_id:
        raise Refusal("E627")


def check_numbers(account: SandboxAccount, body: dict) -> None:
    shown = body.get("to-displayonly", "")
    others = [part.strip() for part in shown.split(",")] if isinstance(shown, str) and shown else []
    if not isinstance(shown, str) or not all(map(_is_number, [body.get("to"), *others])):
        raise Refusal("E110")
    if body.get("from") not in account.senders:
        raise Refusal("E111")
    if body["to"] in account.blacklist:
        raise Refusal("E114")
    if not _is_text(body.get("from-mask", ""), LONGEST["mask"]):
        raise Refusal("E115")


def check_lengths(body: dict) -> None:
    if not _is_text(body.get("message-subject", ""), LONGEST["subject"]):
        raise Refusal("E314")
    if not _is_text(body.get("client-reference", ""), LONGEST["reference"]):
        raise Refusal("E100", "client-reference is longer than 64 characters or not a string")
    for field in SWITCHES:
        if not isinstance(body.get(field, False), bool):
            raise Refusal("E100", f"{field} is not a boolean")


def check_dates(body: dict, now: datetime) -> None:
    for field, farthest in FARTHEST.items():
        if field not in body:
            continue
        moment = _parse_moment(body[field])
        if moment is None:
            raise Refusal("E100", f"{field} is not an ISO 8601 date and time")
        if moment <= now:
            raise Refusal("E100", f"{field} lies in the past")
        if moment > now + farthest + GRACE:
            raise Refusal("E100", f"{field} is more than {farthest.days} days ahead")


def check_fallback(body: dict, saved_text: str = "", saved_off: bool = False) -> None:
    """A fallback text is demanded unless the fallback is off (here or in the template)."""
    text = body.get("fallback-sms-text", saved_text)
    is_off = body.get("disable-fallback-sms", saved_off)
    if not isinstance(text, str) or not (text.strip() or is_off):
        raise Refusal("E622")


def check_name(body: dict) -> None:
    name = body.get("name")
    if not name or not _is_text(name, LONGEST["name"]):
        raise Refusal("E311")


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and NUMBER.fullmatch(value) is not None


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest


def _parse_moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
