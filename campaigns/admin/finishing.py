"""What a button of the composer does once the draft is saved, and what it was pressed with."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from campaigns.admin import saved
from campaigns.models import MmsRevision, Sender
from campaigns.rules.numbers import is_number
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken
from campaigns.services.content import find_pinned
from campaigns.services.trying import send_test


def find_chosen(rows: QuerySet, pk: str | None) -> Any:
    """The row somebody chose; the only one there is; or None."""
    if is_number(pk):
        return rows.filter(pk=pk).first()
    first = list(rows[:2])
    return first[0] if len(first) == 1 else None


def kept_choices(request: HttpRequest) -> str:
    """For the address of the page that comes back: what it was checked and read as."""
    posted = request.POST
    kept = {name: posted.get(name, "") for name in ("channel", "audience")}
    kept = {name: pk for name, pk in kept.items() if is_number(pk)}
    reader = posted.get("reader")
    if reader is not None and (reader == "" or is_number(reader)):
        kept["reader"] = reader
    return f"?{urlencode(kept)}" if kept else ""


def only_save(request: HttpRequest, revision: MmsRevision) -> None:
    version = f" as version {revision.number}" if revision.number > 1 else ""
    pinned = " and ".join(map(str, find_pinned(revision)))
    more = f" Campaigns under way keep version {pinned}." if pinned else ""
    messages.success(request, f"“{revision.mms}” is saved{version}.{more}")


def _send_test(request: HttpRequest, revision: MmsRevision) -> None:
    if not request.user.has_perm("campaigns.send_test"):
        raise PermissionDenied
    sender = find_chosen(Sender.objects.select_related("channel"), request.POST.get("sender"))
    if sender is None:
        raise RuleBroken("Choose the number that the test comes from.")
    phone = normalise(request.POST.get("phone", ""))
    send_test(revision, sender.channel, sender, phone, by=request.user)
    messages.success(request, "The test is on its way: look at your phone.")


DONE_WITH_IT: dict[str, Callable[[HttpRequest, MmsRevision], None]] = {
    "save": only_save,
    "done": only_save,
    "provide": saved.provide,
    "test": _send_test,
}
