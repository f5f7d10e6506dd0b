"""The page of a thread: opened at its end, the parts it fetches, and its buttons."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns.admin.polling import STOP_POLLING
from campaigns.admin.thread_changing import read_change
from campaigns.forms.inbox import ReplyForm
from campaigns.models import Contact, InboundMessage, OptOut, Thread, ThreadLabel
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services import replies, thread_changes
from campaigns.services.bubbles import Spot, Stretch, find_spot_after, read_end, read_news, read_one
from campaigns.services.contacts import explain_number
from campaigns.services.offers import find_files, find_templates
from campaigns.services.optouts import record_optout
from campaigns.services.reply_routes import find_route, plan_reply
from campaigns.services.whereabouts import find_whereabouts
from campaigns.templatetags.portal import masked

#: Other threads of the same person that are named beside.
MOST_OTHERS = 5
LISTS_SHOWN = 12
#: The page stays as it is; what is read aloud is not read again.
NOTHING_NEW = 204


def urls(page: admin.ModelAdmin) -> list[URLPattern]:
    view = page.admin_site.admin_view
    return [
        path("<int:pk>/earlier/", view(show_earlier), name="campaigns_thread_earlier"),
        path("<int:pk>/news/", view(show_news), name="campaigns_thread_news"),
        path("<int:pk>/state/<int:message>/", view(show_state), name="campaigns_thread_state"),
        path("<int:pk>/do/", view(require_POST(press)), name="campaigns_thread_do"),
    ]


def show(
    page: admin.ModelAdmin,
    request: HttpRequest,
    thread: Thread,
    *,
    form: ReplyForm | None = None,
    **context: Any,
) -> HttpResponse:
    """The whole page; `form` holds what somebody wrote and could not send."""
    now, reply = timezone.now(), _asked_reply(request, thread)
    before = find_spot_after(reply) if reply else Spot.read(request.GET.get("before", ""))
    stretch = read_end(thread, before)
    if request.user.has_perm("campaigns.change_inboundmessage") and request.method == "GET":
        thread_changes.mark_read(thread, by=request.user)
        thread.refresh_from_db()
    context = {
        **page.admin_site.each_context(request),
        **_about(request, thread),
        "title": f"Conversation with {_name(thread)}",
        "stretch": stretch,
        "is_at_end": before is None,
        "form": form or ReplyForm.begin(replies.find_last_reply(thread)),
        **_answering(request, thread),
        **context,
    }
    context["reach"] = explain_number(thread.phone, now)
    return render(request, "campaigns/inbox/thread.html", context)


def _asked_reply(request: HttpRequest, thread: Thread) -> InboundMessage | None:
    """The reply an older address names, unless the end of the thread shows it anyway."""
    pk = read_number(request.GET.get("reply"))
    reply = InboundMessage.objects.filter(thread=thread, pk=pk).first() if pk else None
    if reply is None or reply.pk >= _first_shown(read_end(thread)):
        return None
    return reply


def _first_shown(stretch: Stretch) -> int:
    return min((each.row.pk for each in stretch.bubbles if not each.is_ours), default=0)


def _name(thread: Thread) -> str:
    contact = Contact.objects.filter(phone=thread.phone).first() or thread.contact
    return str(contact) if contact else masked(thread.phone)


def _about(request: HttpRequest, thread: Thread) -> dict[str, Any]:
    """What stands beside the conversation."""
    contact = Contact.objects.filter(phone=thread.phone).first() or thread.contact
    others = Thread.objects.filter(phone=thread.phone)
    if contact is not None:
        others = others | Thread.objects.filter(contact=contact)
    return {
        "thread": thread,
        "contact": contact,
        "whereabouts": find_whereabouts(contact, timezone.now()) if contact else None,
        "lists": contact.lists.all()[:LISTS_SHOWN] if contact else (),
        "labels": thread.labels.all(),
        "other_labels": ThreadLabel.objects.exclude(threads=thread),
        "agents": thread_changes.find_agents(),
        "others": others.exclude(pk=thread.pk).order_by("-last_at")[:MOST_OTHERS],
        "is_gone": OptOut.objects.filter(phone=thread.phone, channel=None).exists(),
        "may_change": request.user.has_perm("campaigns.change_thread"),
    }


def _answering(request: HttpRequest, thread: Thread) -> dict[str, Any]:
    """Whether a reply may be written, how it goes, and when."""
    if not request.user.has_perm("campaigns.reply_thread"):
        return {"may_reply": False}
    route, turn, never = find_route(thread), None, ""
    try:
        turn = plan_reply(thread, timezone.now())
    except RuleBroken as problem:
        never = str(problem)
    may_hurry = request.user.has_perm("campaigns.hurry_thread")
    barrier = route.barrier or ("" if may_hurry else never)
    offers = {} if barrier else {**find_files(), **find_templates(thread, route)}
    return {
        "may_reply": True,
        "route": route,
        "barrier": barrier,
        "held": turn.held if turn else never,
        "is_answer": turn is not None and turn.is_answer,
        "may_hurry": may_hurry,
        **offers,
    }


# --- Parts ---------------------------------------------------------------------------------------


def show_earlier(request: HttpRequest, pk: int) -> HttpResponse:
    thread = find_thread(request, pk)
    stretch = read_end(thread, Spot.read(request.GET.get("before", "")))
    return render(request, "campaigns/inbox/_stretch.html", {"thread": thread, "stretch": stretch})


def show_news(request: HttpRequest, pk: int) -> HttpResponse:
    """What came since the page looked last. It looks only while somebody sees it: so it is read."""
    thread = find_thread(request, pk)
    stretch = read_news(thread, Spot.read(request.GET.get("after", "")) or Spot())
    if not stretch.bubbles:
        return HttpResponse(status=NOTHING_NEW)
    may_change = request.user.has_perm("campaigns.change_inboundmessage")
    if may_change and any(not bubble.is_ours for bubble in stretch.bubbles):
        thread_changes.mark_read(thread, by=request.user)
    return render(request, "campaigns/inbox/_news.html", {"thread": thread, "stretch": stretch})


def show_state(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """One message of ours as it is by now; final ones are not asked for again."""
    thread = find_thread(request, pk)
    bubble = read_one(thread, message)
    if bubble is None:
        return HttpResponse(status=STOP_POLLING)
    if request.GET.get("was") == str(bubble.row.status) and not bubble.is_final:
        return HttpResponse(status=NOTHING_NEW)
    status = STOP_POLLING if bubble.is_final else 200
    context = {"thread": thread, "bubble": bubble}
    return render(request, "campaigns/inbox/_bubble.html", context, status=status)


def find_thread(request: HttpRequest, pk: int) -> Thread:
    if not request.user.has_perm("campaigns.view_thread"):
        raise PermissionDenied
    return get_object_or_404(Thread, pk=pk)


# --- Buttons -------------------------------------------------------------------------------------


def press(request: HttpRequest, pk: int) -> HttpResponse:
    """A button of this thread."""
    thread, do = find_thread(request, pk), request.POST.get("do", "")
    try:
        if do == "opt_out":
            _opt_out(request, thread)
        else:
            _change(request, thread, do)
    except RuleBroken as problem:
        messages.error(request, str(problem))
    here = reverse("admin:campaigns_thread_change", args=[thread.pk])
    away = do in ("unread", "done")
    return redirect(f"{reverse('admin:campaigns_thread_changelist')}#thread-{pk}" if away else here)


def _change(request: HttpRequest, thread: Thread, do: str) -> None:
    if not request.user.has_perm("campaigns.change_thread"):
        raise PermissionDenied
    if do.startswith("unlabel-"):
        label = get_object_or_404(ThreadLabel, pk=read_number(do.removeprefix("unlabel-")))
        thread_changes.remove_label(thread, label, by=request.user)
        return
    read_change(request)(thread)


def _opt_out(request: HttpRequest, thread: Thread) -> None:
    """They asked for it, in whatever words: nobody writes to them any more."""
    if not request.user.has_perm("campaigns.add_optout"):
        raise PermissionDenied
    newest = InboundMessage.objects.filter(thread=thread).order_by("-id").first()
    said = " ".join(newest.text.split())[:200] if newest else ""
    record_optout(
        thread.phone,
        source=OptOut.Source.STAFF,
        evidence=f"They replied “{said}”." if said else "In the inbox",
        reply=newest,
        by=request.user,
    )
    messages.success(request, f"{masked(thread.phone)} is opted out and gets nothing more.")
