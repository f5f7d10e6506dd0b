"""The handset: which phones there are, what one of them holds, and what it answers."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns.sandbox.checks import NUMBER
from campaigns.sandbox.encoding import TEMPLATE_STORIES
from campaigns.sandbox.inbound import Picture, plan_reply
from campaigns.sandbox.models import HandsetMessage, Postback, SandboxAccount
from campaigns.sandbox.stories import STORIES, story_of
from campaigns.sandbox.writing import writing

MOST_PHONES = 30
MOST_MESSAGES = 60
LARGEST_PICTURE = 1_000_000
PICTURE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}


class ReplyForm(forms.Form):
    to = forms.ChoiceField(label="To")
    text = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 1, "placeholder": "Message", "aria-label": "Message"}),
    )
    picture = forms.ImageField(required=False)

    def __init__(self, senders: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(sender, sender) for sender in senders]

    def clean_picture(self) -> Any:
        picture = self.cleaned_data["picture"]
        if picture and picture.size > LARGEST_PICTURE:
            raise ValidationError("Choose a picture below 1 MB.")
        if picture and picture.image.format not in PICTURE_TYPES:
            raise ValidationError("Choose a JPEG, PNG or GIF picture.")
        return picture

    def clean(self) -> dict:
        if not self.errors and not (self.cleaned_data["text"] or self.cleaned_data["picture"]):
            raise ValidationError("Write something or choose a picture.")
        return self.cleaned_data


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
        "stories": STORIES,
        "template_stories": TEMPLATE_STORIES,
        "accounts": SandboxAccount.objects.filter(blocked=False),
        "base_url": settings.SANDBOX_URL,
    }
    return render(request, "sandbox/phones.html", context)


@require_GET
def show_phone(request: HttpRequest, number: str) -> HttpResponse:
    context = _phone(number)
    is_fragment = request.headers.get("HX-Request") == "true"
    if is_fragment and request.GET.get("last") == context["last"]:
        return HttpResponse(status=204)  # nothing new: htmx leaves the page alone
    context["form"] = ReplyForm(context["senders"])
    template = "sandbox/_thread.html" if is_fragment else "sandbox/phone.html"
    return render(request, template, context)


@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """What the person holding the phone wrote goes out as an MO message."""
    data = request.POST.copy()
    data["text"] = data.get("stop") or data.get("text", "")
    form = ReplyForm(_senders(number), data, request.FILES)
    if form.is_valid():
        _send(number, form.cleaned_data)
    for problem in (text for texts in form.errors.values() for text in texts):
        messages.error(request, problem)
    return redirect("sandbox:phone", number)


def _send(number: str, reply: dict) -> None:
    message, postback = plan_reply(
        _account_of(reply["to"]),
        phone=number,
        to=reply["to"],
        text=reply["text"],
        picture=_read(reply["picture"]),
        at=timezone.now(),
    )
    with writing():
        message.save()
        if postback.url:
            postback.save()


def _read(upload: UploadedFile | None) -> Picture | None:
    if not upload:
        return None
    upload.seek(0)  # the form has looked into it
    return Picture(upload.read(), PICTURE_TYPES[upload.image.format])


def _phone(number: str) -> dict:
    arrived = HandsetMessage.objects.filter(phone=number, at__lte=timezone.now())
    shown = list(arrived.order_by("-at", "-pk")[:MOST_MESSAGES])[::-1]
    return {
        "number": number,
        "story": story_of(number),
        "thread": shown,
        "last": shown[-1].token if shown else "",
        "senders": _senders(number),
        "reports": Postback.objects.filter(phone=number).order_by("-pk")[:12],
    }


def _senders(number: str) -> list[str]:
    """Whom this phone can write to: who wrote last comes first, then everybody else."""
    wrote = HandsetMessage.objects.filter(phone=number).order_by("-pk")
    known = list(wrote.values_list("other", flat=True)[:20])
    every = [sender for account in SandboxAccount.objects.all() for sender in account.senders]
    return [sender for sender in dict.fromkeys([*known, *every]) if sender in every]


def _account_of(sender: str) -> SandboxAccount:
    """The form offers only senders of accounts, so there is one."""
    accounts = SandboxAccount.objects.order_by("pk")
    return next(account for account in accounts if sender in account.senders)
