"""The composer's quiet half: saving by itself, who else is here, and what to do in a conflict."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from campaigns.admin import saved
from campaigns.forms.content import find_lost, read_token
from campaigns.models import Mms, MmsRevision
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services import editing
from campaigns.services.content_writing import EditedMeanwhile, MmsGone
from campaigns.services.drafts import MmsDraft

#: No save ever raised a number to this: whoever names none has seen nothing.
UNSEEN = -1


def seen_number(request: HttpRequest) -> int:
    """The `edit_number` that this page was made from."""
    number = read_number(request.POST.get("edit_number"))
    return UNSEEN if number is None else number


def autosave(
    admin: ModelAdmin, request: HttpRequest, mms: Mms | None, draft: MmsDraft
) -> HttpResponse:
    """Keep what is written, and answer what the page must know to go on."""
    try:
        revision = keep(request, mms, draft)
    except EditedMeanwhile as conflict:
        return show_conflict(request, conflict.mms)
    except MmsGone:
        return show_gone(request)
    except RuleBroken as problem:
        return TemplateResponse(request, "campaigns/content/_autosave.html", {"problem": problem})
    context = _state(admin, request, revision, draft, is_new=mms is None)
    context["lost"] = find_lost(request.POST, draft)
    return TemplateResponse(request, "campaigns/content/_autosave.html", context)


def keep(request: HttpRequest, mms: Mms | None, draft: MmsDraft) -> MmsRevision:
    return editing.keep(
        mms,
        draft,
        by=request.user,
        tab=read_token(request.POST, "tab"),
        seen=seen_number(request),
        now=timezone.now(),
    )


def _state(
    admin: ModelAdmin,
    request: HttpRequest,
    revision: MmsRevision,
    draft: MmsDraft,
    *,
    is_new: bool,
) -> dict[str, Any]:
    """What changes on the page; more when it was the page of a new MMS."""
    mms = revision.mms
    state = {
        "mms": mms,
        "head": revision,
        "address": reverse("admin:campaigns_mms_change", args=[mms.pk]),
    }
    if is_new:
        state |= {"is_new": True, "may_add": True}
        state["may_delete"] = admin.has_delete_permission(request, mms)
        state |= saved.context(request, mms=mms, draft=draft, channel=None, sender=None)
    return state


def show_conflict(request: HttpRequest, mms: Mms) -> HttpResponse:
    """Nothing was written: who saved other words, and what can be done."""
    return TemplateResponse(request, "campaigns/content/_conflict.html", conflict_of(request, mms))


def conflict_of(request: HttpRequest, mms: Mms) -> dict[str, Any]:
    """What the notice about a conflict says."""
    who = "You" if mms.edited_by == request.user else editing.person_name(mms.edited_by)
    return {"theirs": mms, "who": who, "page": reverse("admin:campaigns_mms_change", args=[mms.pk])}


def show_gone(request: HttpRequest) -> HttpResponse:
    """It was deleted while this page was open."""
    context = {"is_gone": True, "page": reverse("admin:campaigns_mms_add")}
    return TemplateResponse(request, "campaigns/content/_conflict.html", context)


# --- Who is here -------------------------------------------------------------------------------


def be_present(request: HttpRequest, mms: Mms | None) -> HttpResponse:
    """A tab tells that it is open, and hears who else is."""
    context: dict[str, Any] = {}
    if mms:
        tab, now, user = read_token(request.POST, "tab"), timezone.now(), request.user
        editing.note_editor(mms, by=user, tab=tab, now=now)
        others = editing.find_others(mms, tab=tab, now=now)
        context["sentences"] = editing.say_others(mms, others, by=user, now=now)
        seen = seen_number(request)
        if mms.edit_number != editing.what_it_knows(mms, by=user, tab=tab, seen=seen):
            context |= conflict_of(request, mms)
    return TemplateResponse(request, "campaigns/content/_presence.html", context)


def leave(request: HttpRequest, mms: Mms | None) -> HttpResponse:
    if mms:
        tab = read_token(request.POST, "tab")
        editing.forget_editor(mms, by=request.user, tab=tab, now=timezone.now())
    return HttpResponse(status=204)


# --- What a person decided ---------------------------------------------------------------------


def keep_copy(request: HttpRequest, mms: Mms | None, draft: MmsDraft) -> HttpResponse:
    revision = editing.save_beside(mms, draft, by=request.user)
    messages.success(request, f"What you wrote is kept as “{revision.mms}”.")
    _tell_lost(request, draft)
    return _to(revision)


def overwrite(request: HttpRequest, mms: Mms, draft: MmsDraft) -> HttpResponse:
    """Raises `EditedMeanwhile` when a third version came between."""
    theirs, before = read_number(request.POST.get("theirs")), mms.head
    revision = editing.overwrite(mms, draft, by=request.user, seen=theirs)
    told = f"“{revision.mms}” is saved as you wrote it."
    if before and before != revision:
        told += f" The other words stay in version {before.number}."
    messages.success(request, told)
    _tell_lost(request, draft)
    return _to(revision)


def _tell_lost(request: HttpRequest, draft: MmsDraft) -> None:
    for sentence in find_lost(request.POST, draft):
        messages.warning(request, sentence)


def _to(revision: MmsRevision) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:campaigns_mms_change", args=[revision.mms_id]))
