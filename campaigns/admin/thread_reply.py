"""Answering in a thread: the reply itself, its length while it is written, files and templates to
choose from."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns.admin import thread_page
from campaigns.forms.inbox import ReplyForm
from campaigns.forms.media import take_file
from campaigns.models import MediaFile, Message, Mms, Thread
from campaigns.rules.mergefields import names_of
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.rules.smsparts import count_parts, name_forcing
from campaigns.services import replies
from campaigns.services.content_checks import capacity_of
from campaigns.services.drafts import draft_of
from campaigns.services.offers import find_files, find_templates
from campaigns.services.personal import fields_of, personalise, values_for_phone
from campaigns.services.reply_routes import find_route


def urls(page: admin.ModelAdmin) -> list[URLPattern]:
    view = page.admin_site.admin_view

    def reply_view(request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":  # signed in anew after their session had ended
            return redirect("admin:campaigns_thread_change", pk)
        return reply(page, request, pk)

    back = view(require_POST(take_back))
    return [
        path("<int:pk>/reply/", view(reply_view), name="campaigns_thread_reply"),
        path("<int:pk>/count/", view(require_POST(count)), name="campaigns_thread_count"),
        path("<int:pk>/offer/", view(offer), name="campaigns_thread_offer"),
        path("<int:pk>/back/<int:message>/", back, name="campaigns_thread_back"),
    ]


def reply(page: admin.ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Send it, or show the page again with what was written and why it was not sent."""
    thread = _find_thread(request, pk)
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        problems = [str(each) for errors in form.errors.values() for each in errors]
        return _again(page, request, thread, form, problems)
    uploaded = None
    try:
        uploaded = take_file(form.file, by=request.user)[0] if form.file else None
        sent = _send(request, thread, form, uploaded)
    except replies.RepliedMeanwhile as problem:
        told = {"uploaded": uploaded, "overtaken": problem.message}
        return _again(page, request, thread, form, [str(problem)], **told)
    except RuleBroken as problem:
        return _again(page, request, thread, form, list(problem.problems), uploaded=uploaded)
    page_url = reverse("admin:campaigns_thread_change", args=[thread.pk])
    return redirect(f"{page_url}#message-{sent.pk}")


def _send(
    request: HttpRequest, thread: Thread, form: ReplyForm, uploaded: MediaFile | None
) -> Message:
    said = form.cleaned_data
    hurry = said["hurry"] and request.user.has_perm("campaigns.hurry_thread")
    return replies.send_reply(
        thread,
        form.wording(uploaded),
        token=said["token"],
        seen=said["seen"] or 0,
        hurry=hurry,
        by=request.user,
        now=timezone.now(),
    )


def _again(
    page: admin.ModelAdmin,
    request: HttpRequest,
    thread: Thread,
    form: ReplyForm,
    problems: list[str],
    *,
    uploaded: MediaFile | None = None,
    overtaken: Message | None = None,
) -> HttpResponse:
    """With the same token: what was sent after all is not sent twice."""
    shown = form.data.copy()
    if uploaded:
        shown["media"] = str(uploaded.pk)
    if overtaken:
        shown["seen"] = str(overtaken.pk)
    context = {
        "form": ReplyForm(shown),
        "problems": problems,
        "overtaken": overtaken,
        **_as_read(_chosen(shown.get("media"), shown.get("mms")), thread),
    }
    return thread_page.show(page, request, thread, **context)


def _chosen(media: str | None, mms: str | None) -> dict[str, Any]:
    """The file or template that is chosen already."""
    file = MediaFile.objects.filter(pk=read_number(media)).first() if media else None
    template = Mms.objects.filter(pk=read_number(mms)).first() if mms else None
    return {"file": file, "template": template}


def _as_read(chosen: dict[str, Any], thread: Thread) -> dict[str, Any]:
    """With the template as they would read it."""
    head = chosen["template"].head if chosen["template"] else None
    if head is None:
        return chosen
    draft = draft_of(head)
    values = values_for_phone(thread.phone, names_of(fields_of(draft)))
    return {**chosen, "as_read": personalise(draft, values)}


# --- While it is written -------------------------------------------------------------------------


def count(request: HttpRequest, pk: int) -> HttpResponse:
    """How long the words are, as what they would go out, and what is chosen besides."""
    thread = _find_thread(request, pk)
    text, route = request.POST.get("text", ""), find_route(thread)
    chosen = _as_read(_chosen(request.POST.get("media"), request.POST.get("mms")), thread)
    is_sms = route.has_sms and not chosen["file"] and not chosen["template"]
    text = text.replace("\r\n", "\n").strip()
    sms = count_parts(text)
    context = {
        "thread": thread,
        "length": len(text),
        "room": capacity_of(route.channel).text,
        "is_sms": is_sms,
        "sms": sms,
        "forcing": name_forcing(sms)[:6] if is_sms else [],
        **chosen,
    }
    return render(request, "campaigns/inbox/_count.html", context)


def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Files of the library, or templates, that hold these words, the newest first; what is chosen
    stays among them."""
    thread, words = _find_thread(request, pk), request.GET.get("words", "")[:200].strip()
    is_file = request.GET.get("what") != "mms"
    found = find_files(words) if is_file else find_templates(thread, find_route(thread), words)
    chosen = _chosen(request.GET.get("media"), request.GET.get("mms"))
    context = {"thread": thread, "words": words, **found, **chosen}
    template = "_files.html" if is_file else "_templates.html"
    return render(request, f"campaigns/inbox/{template}", context)


def take_back(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """A reply that waits is not sent."""
    thread = _find_thread(request, pk)
    row = get_object_or_404(replies.sent_replies(thread), pk=message)
    try:
        replies.take_back(row, by=request.user, now=timezone.now())
    except RuleBroken as problem:
        messages.error(request, str(problem))
    return redirect("admin:campaigns_thread_change", thread.pk)


def _find_thread(request: HttpRequest, pk: int) -> Thread:
    if not request.user.has_perm("campaigns.reply_thread"):
        raise PermissionDenied
    return get_object_or_404(Thread, pk=pk)
