"""Asks for what callbacks did not bring (reference/sinch-sms-rest-api.md §5, §6.2, §8)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode

from campaigns.gateways.errors import Unreachable
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_sms.bodies import encode
from campaigns.gateways.sinch_sms.members import digits, members
from campaigns.gateways.sinch_sms.serviceplan import Request, ServicePlan

PAGE_SIZE = 100
#: A server that gives the same page for ever is left after this.
MOST_PAGES = 10_000
#: Batches can be listed for two weeks.
LISTED_FOR = timedelta(days=13)
#: Each may hold the words of 1,000 people.
BATCHES_ON_A_PAGE = 10
#: Where the list does not heed our reference, so many pages of it are looked through.
LOOKED_THROUGH = 100


def poll(plan: ServicePlan, since: datetime, until: datetime) -> Iterator[bytes]:
    """Final reports, then replies, each as JSON of its own."""
    query = {"start_date": _moment(since), "end_date": _moment(until)}
    for page in _read_pages(plan, "delivery_reports", query):
        yield from map(_as_posted, page)
    # The newest come first; who writes STOP and then START means START.
    replies = [item for page in _read_pages(plan, "inbounds", query) for item in page]
    yield from map(_as_posted, reversed(replies))


def find_people(plan: ServicePlan, reference: str, now: datetime) -> dict[str, str]:
    """Number → id of the batch with this reference of ours that it is in; "" of who is
    in several: nobody can tell which is which."""
    if not reference:
        return {}
    query = {"client_reference": reference, "start_date": _moment(now - LISTED_FOR)}
    pages = _read_pages(plan, "batches", query, size=BATCHES_ON_A_PAGE)
    found: dict[str, set[str]] = {}
    for batch in chain.from_iterable(islice(pages, LOOKED_THROUGH)):
        # A list that does not heed the reference holds others, too.
        if isinstance(batch, dict) and batch.get("client_reference") == reference:
            for number in members(batch, "to"):
                found.setdefault(digits(number), set()).add(text(batch, "id", limit=100))
    return {
        number: ids.pop() if len(ids) == 1 else "" for number, ids in found.items() if "" not in ids
    }


def _read_pages(
    plan: ServicePlan, name: str, query: dict[str, str], *, size: int = PAGE_SIZE
) -> Iterator[list[Any]]:
    """Page after page; the last is where all have been seen, or an empty one (§2)."""
    seen = 0
    for page in range(MOST_PAGES):
        asked = urlencode({"page": page, "page_size": size, **query})
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
