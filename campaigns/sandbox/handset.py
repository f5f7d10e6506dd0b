"""The handset: which phones there are, what one of them holds, and what it answers."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns.sandbox.checks import NUMBER
from campaigns.sandbox.conversation.models import ConversationMessage, ConversationProject
from campaigns.sandbox.conversation.replies import PLACE, save_reply
from campaigns.sandbox.conversation.switches import SwitchesForm
from campaigns.sandbox.conversation.transcoding import transcode
from campaigns.sandbox.encoding import TEMPLATE_STORIES
from campaigns.sandbox.lines import lines_of, send
from campaigns.sandbox.models import HandsetMessage, Postback, SandboxAccount, SmsPlan
from campaigns.sandbox.replyform import ReplyForm
from campaigns.sandbox.telling import every_story, stories_of
from campaigns.sandbox.written import BINARY_CARD, Written

MOST_PHONES = 30
MOST_MESSAGES = 60


@require_GET
def list_phones(request: HttpRequest) -> HttpResponse:
    """Recent phones with their last message; a whole number opens its phone."""
    query = "".join(filter(str.isdigit, request.GET.get("q", "")))
    if NUMBER.fullmatch(query) and len(query) > 9:
        return redirect("sandbox:phone", query)
    arrived = HandsetMessage.objects.filter(at__lte=timezone.now(), phone__contains=query)
    newest = arrived.values("phone").annotate(last=Max("pk")).order_by("-last")[:MOST_PHONES]
    phones = HandsetMessage.objects.filter(pk__in=[row["last"] for row in newest]).order_by("-pk")
    context = {
        "phones": phones,
        "query": query,
        "stories": every_story(),
        "template_stories": TEMPLATE_STORIES,
        "accounts": SandboxAccount.objects.filter(blocked=False),
        "projects": [
            (project, SwitchesForm(instance=project, prefix=project.project_id))
            for project in ConversationProject.objects.prefetch_related("apps")
        ],
        "plans": SmsPlan.objects.filter(blocked=False),
        "base_url": settings.SANDBOX_URL,
    }
    return render(request, "sandbox/phones.html", context)


@require_GET
def show_phone(request: HttpRequest, number: str) -> HttpResponse:
    context = _phone(number)
    is_fragment = request.headers.get("HX-Request") == "true"
    if is_fragment and request.GET.get("last") == context["last"]:
        return HttpResponse(status=204)  # nothing new: htmx leaves the page alone
    context["form"] = ReplyForm(context["lines"])
    template = "sandbox/_thread.html" if is_fragment else "sandbox/phone.html"
    return render(request, template, context)


@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """What the person holding the phone wrote goes out, as SMS or as MMS."""
    data = request.POST.copy()
    data["text"] = data.get("stop") or data.get("text", "")
    form = ReplyForm(lines_of(number), data, request.FILES)
    if form.is_valid():
        send(form.cleaned_data["to"], number, _written(form.cleaned_data), timezone.now())
    for problem in (text for texts in form.errors.values() for text in texts):
        messages.error(request, problem)
    return redirect("sandbox:phone", number)


def _written(said: dict[str, Any]) -> Written:
    """A place or a binary SMS goes out alone: it has a button of its own."""
    if said["binary"]:
        return Written(binary=BINARY_CARD)
    place = PLACE if said["place"] else None
    return Written(text="" if place else said["text"], pictures=said["picture"], place=place)


@require_POST
def tap(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """A choice of a message is tapped: its answer goes back by SMS."""
    shown = get_object_or_404(HandsetMessage, phone=number, token=token)
    asked = get_object_or_404(ConversationMessage, message_id=shown.provider_id)
    choices = transcode(asked.body, asked.channel).choices
    place = request.POST.get("choice", "")
    if not place.isdecimal() or int(place) >= len(choices):
        raise Http404
    written = Written(choice=choices[int(place)], answers=asked.message_id)
    save_reply(asked.app, number, shown.other, written, timezone.now())
    return redirect("sandbox:phone", number)


def _phone(number: str) -> dict:
    lines = lines_of(number)
    arrived = HandsetMessage.objects.filter(phone=number, at__lte=timezone.now())
    shown = list(arrived.order_by("-at", "-pk")[:MOST_MESSAGES])[::-1]
    return {
        "number": number,
        "stories": stories_of(number, {line.api for line in lines}),
        "thread": shown,
        "last": shown[-1].token if shown else "",
        "lines": lines,
        "reports": Postback.objects.filter(phone=number).order_by("-pk")[:12],
    }
