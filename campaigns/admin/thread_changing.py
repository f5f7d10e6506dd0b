"""What a pressed button of the inbox does with a thread, on the list and on its own page."""

from collections.abc import Callable
from functools import partial

from django.contrib.auth.models import User
from django.http import HttpRequest

from campaigns.models import Thread
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services import thread_changes

_SIMPLE = {
    "read": thread_changes.mark_read,
    "unread": thread_changes.mark_unread,
    "done": thread_changes.finish,
    "reopen": thread_changes.reopen,
}


def read_change(request: HttpRequest) -> Callable[[Thread], object]:
    """Raises `RuleBroken` where it is no button, or misses its word or its person."""
    by, do = request.user, request.POST.get("do", "")
    if do == "assign":
        return partial(thread_changes.assign, user=_read_agent(request), by=by)
    if do == "mine":
        return partial(thread_changes.assign, user=by, by=by)
    if do == "label":
        name = request.POST.get("label", "").replace("\0", "")
        return partial(thread_changes.add_label, name=name, by=by)
    if do not in _SIMPLE:
        raise RuleBroken("Press one of the buttons.")
    return partial(_SIMPLE[do], by=by)


def _read_agent(request: HttpRequest) -> User | None:
    pk = request.POST.get("agent", "")
    if not pk:
        return None
    agent = thread_changes.find_agents().filter(pk=read_number(pk)).first()
    if agent is None:
        raise RuleBroken("Choose somebody of the list, or nobody.")
    return agent
