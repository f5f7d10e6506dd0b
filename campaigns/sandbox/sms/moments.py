"""Moments as this API reads and writes them (§2)."""

from datetime import UTC, datetime
from typing import Any

from campaigns.sandbox.sms.problems import bad_format

YEARS = range(1970, 9000)


def read_moment(value: Any, field: str) -> datetime:
    """Without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.year not in YEARS:
        raise bad_format(f"{field} is not an ISO 8601 date and time")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def write_moment(moment: datetime) -> str:
    """UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
