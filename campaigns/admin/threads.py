"""The inbox: threads as a list, changed one by one or several at once."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from campaigns.admin import thread_page, thread_reply
from campaigns.admin.reading import ReadOnly
from campaigns.admin.thread_changing import read_change
from campaigns.forms.inbox import FilterForm
from campaigns.models import InboundMessage, Thread
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services import thread_changes
from campaigns.services.bubbles import find_newest
from campaigns.services.thread_list import (
    VIEWS,
    Cursor,
    find_opted_out,
    find_people,
    read_list,
)


@admin.register(Thread)
class ThreadAdmin(ReadOnly):
    def get_urls(self) -> list[URLPattern]:
        many = self.admin_site.admin_view(require_POST(self.change_many))
        return [
            path("many/", many, name="campaigns_thread_many"),
            *thread_page.urls(self),
            *thread_reply.urls(self),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = FilterForm(request.GET)
        wanted = form.wanted(request.user.pk)
        page = read_list(wanted, Cursor.read(request.GET.get("before", "")))
        context = {
            **self.admin_site.each_context(request),
            "title": "Inbox",
            "form": form,
            "wanted": wanted,
            "tabs": [(key, words, _address(request.GET, view=key)) for key, words in _tabs()],
            "lines": _lines(page.threads),
            "older": _address(request.GET, before=str(page.older)) if page.older else "",
            "newest": _address(request.GET) if "before" in request.GET else "",
            "may_change": request.user.has_perm("campaigns.change_thread"),
            "here": request.get_full_path(),
            "agents": thread_changes.find_agents(),
            "labels": form.labels,
            "is_empty": not page.threads and not Thread.objects.exists(),
        }
        return render(request, "campaigns/inbox/list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        thread = Thread.objects.filter(pk=read_number(object_id)).first()
        if thread is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return thread_page.show(self, request, thread)

    def change_many(self, request: HttpRequest) -> HttpResponse:
        """One button of the list, for every thread that is ticked."""
        if not request.user.has_perm("campaigns.change_thread"):
            raise PermissionDenied
        ids = [pk for each in request.POST.getlist("thread") if (pk := read_number(each))]
        try:
            change = read_change(request)
            count = thread_changes.change_many(ids, change) if ids else 0
        except RuleBroken as problem:
            messages.error(request, str(problem))
        else:
            if count:
                told = "1 conversation is" if count == 1 else f"{count} conversations are"
                messages.success(request, f"{told} changed.")
            else:
                messages.warning(request, "Tick the conversations first.")
        return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """To the list as it was filtered."""
    here = request.POST.get("here", "")
    is_ours = url_has_allowed_host_and_scheme(here, {request.get_host()}, request.is_secure())
    return here if is_ours else reverse("admin:campaigns_thread_changelist")


def _tabs() -> list[tuple[str, str]]:
    return [(key, words) for key, (words, _) in VIEWS.items()]


def _address(asked: QueryDict, **changed: str) -> str:
    """This list with something else in its address; another tab begins at its beginning."""
    kept = asked.copy()
    kept.pop("before", None)
    for name, value in changed.items():
        kept[name] = value
    return f"?{kept.urlencode()}"


def _lines(threads: tuple[Thread, ...]) -> list[dict[str, Any]]:
    """A thread, who it is, what was said last, and whether they opted out."""
    people, gone, newest = find_people(threads), find_opted_out(threads), find_newest(threads)
    return [
        {
            "thread": thread,
            "contact": people.get(thread.phone) or thread.contact,
            "newest": newest.get(thread.pk),
            "is_ours": not isinstance(newest.get(thread.pk), InboundMessage),
            "is_gone": thread.phone in gone,
        }
        for thread in threads
    ]
