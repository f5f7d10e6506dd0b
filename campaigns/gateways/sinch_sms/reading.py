"""Asks for what callbacks did not bring (reference/sinch-sms-rest-api.md §5, §6.2, §8)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from campaigns.gateways.errors import Unreachable
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_sms.bodies import encode
from campaigns.gateways.sinch_sms.serviceplan import Request, ServicePlan

PAGE_SIZE = 100
#: A server that gives the same page for ever is left after this.
MOST_PAGES = 10_000
#: Batches can be listed for two weeks.
LISTED_FOR = timedelta(days=13)
#: Where the list does not heed our reference, so much of it is looked through.
LOOKED_THROUGH = 20


def poll(plan: ServicePlan, since: datetime, until: datetime) -> Iterator[bytes]:
    """Final reports, then replies, each as JSON of its own."""
    query = {"start_date": _moment(since), "end_date": _moment(until)}
    for page in _read_pages(plan, "delivery_reports", query):
        yield from map(_as_posted, page)
    # The newest come first; who writes STOP and then START means START.
    replies = [item for page in _read_pages(plan, "inbounds", query) for item in page]
    yield from map(_as_posted, reversed(replies))


def find_batch(plan: ServicePlan, reference: str, now: datetime) -> str | None:
    """The id of the batch with this reference of ours; None if there is none, or several: then
    nobody can tell who was in which."""
    if not reference:
        return None
    query = {"client_reference": reference, "start_date": _moment(now - LISTED_FOR)}
    found = {
        text(batch, "id", limit=100)
        for page in islice(_read_pages(plan, "batches", query), LOOKED_THROUGH)
        for batch in page
        if isinstance(batch, dict) and batch.get("client_reference") == reference
    } - {""}
    return found.pop() if len(found) == 1 else None


def _read_pages(plan: ServicePlan, name: str, query: dict[str, str]) -> Iterator[list[Any]]:
    """Page after page; the last is where all have been seen, or an empty one (§2)."""
    seen = 0
    for page in range(MOST_PAGES):
        asked = urlencode({"page": page, "page_size": PAGE_SIZE, **query})
        data, exchange = plan.ask(Request(name, "GET", f"{name}?{asked}"))
        items = data.get(name)
        if not isinstance(items, list):
            problem = Unreachable("The answer holds no list: check the base URL of the channel.")
            problem.exchange = exchange
            raise problem
        if not items:
            return
        yield items
        seen += len(items)
        if seen >= _count(data):
            return


def _count(data: dict[str, Any]) -> float:
    count = text(data, "count", limit=15)
    return int(count) if count.isascii() and count.isdigit() else float("inf")


def _as_posted(item: Any) -> bytes:
    return encode(item).encode("utf-8", "replace")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
