"""The composer: an MMS as it is being written, and what its buttons do."""

import secrets
from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from campaigns.admin import arrival, editing, fitting_all, formats, personal, phone, saved
from campaigns.admin.finishing import DONE_WITH_IT, find_chosen, kept_choices, only_save
from campaigns.forms.content import find_lost, read_draft, read_token
from campaigns.forms.formats import LEFT_OUT
from campaigns.forms.media import take_files
from campaigns.forms.steps import FULL, Arranged, arrange, put_on, with_keys
from campaigns.models import Channel, Mms, MmsRevision, Sender
from campaigns.rules.numbers import is_number
from campaigns.rules.problems import RuleBroken
from campaigns.services.content_checks import capacity_of, find_draft_problems
from campaigns.services.content_writing import EditedMeanwhile
from campaigns.services.drafts import MmsDraft, draft_of, media_of
from campaigns.services.editing import find_begun, is_untitled
from campaigns.services.fitting import find_need, start_fitting
from campaigns.services.fitting_together import target_on
from campaigns.services.trying import find_last_tests


class Composer(admin.ModelAdmin):
    """The pages where an MMS is written, new or known."""

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Mms | None:
        """Without what the gallery reads of every version: a page asks at every pause."""
        if not is_number(object_id):
            return None
        return Mms.objects.select_related("edited_by").filter(pk=object_id).first()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._compose(request, None)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        mms = self.get_object(request, object_id)
        if mms is None and request.method == "POST":
            return self._outlive(request)
        if mms is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, mms):
            raise PermissionDenied
        return self._compose(request, mms)

    def _compose(self, request: HttpRequest, mms: Mms | None) -> HttpResponse:
        if request.method != "POST":
            return self._show(request, mms, draft_of(mms.head if mms else None))
        if mms and not self.has_change_permission(request, mms):
            raise PermissionDenied
        # A page that does not know its new address yet goes on with the MMS it began.
        mms = mms or find_begun(read_token(request.POST, "tab"), by=request.user)
        step = request.POST.get("do", "")
        if step in _PRESENCE:
            return _PRESENCE[step](request, mms)
        try:
            draft = read_draft(request.POST)
        except RuleBroken as problem:
            return self._refuse(request, mms, problem)
        if step in _DECISIONS:
            return self._decide(request, mms, draft, step)
        if _verb(step) in DONE_WITH_IT:
            return self._save(request, mms, draft, step)
        if step == "autosave":
            return editing.autosave(self, request, mms, draft)
        if step == "look":
            return self._render(request, "campaigns/content/_look.html", mms, draft)
        return self._arrange(request, mms, draft, step)

    def _arrange(
        self, request: HttpRequest, mms: Mms | None, draft: MmsDraft, step: str
    ) -> HttpResponse:
        """Nothing is saved: the page comes back with the slides in their new order."""
        lost = find_lost(request.POST, draft)
        arranged = Arranged(draft) if step in _AS_POSTED else arrange(draft, step)
        self._start_fitting(request, draft, arranged.draft)
        if step == fitting_all.STEP:
            channel = find_chosen(Channel.objects.all(), request.POST.get("channel"))
            fitting_all.start(request, draft, channel)
        draft, refusals = self._take(request, arranged.draft)
        selected = arranged.selected or read_token(request.POST, "selected")
        refusals = [*lost, *refusals, *([FULL] if arranged.note == FULL else [])]
        more = {"note": arranged.note, "refusals": refusals, "selected": selected}
        more["is_reformed"] = _verb(step) == "format"
        more["left_out"] = "".join(arranged.note.partition(LEFT_OUT)[1:])
        if not request.htmx:
            return self._show(request, mms, draft, **more)
        return self._render(request, "campaigns/content/_arranged.html", mms, draft, **more)

    def _start_fitting(self, request: HttpRequest, before: MmsDraft, after: MmsDraft) -> None:
        """What was just put on a slide and is too much for the channel is made to fit at once."""
        if not request.user.has_perm("campaigns.add_mediafile"):
            return
        channel = find_chosen(Channel.objects.all(), request.POST.get("channel"))
        capacity, known = capacity_of(channel), media_of(before)
        for media in media_of(after) - known:
            if find_need(media, capacity):
                target = target_on(after, media, channel)
                start_fitting(media, channel, by=request.user, target_bytes=target)

    def _take(self, request: HttpRequest, draft: MmsDraft) -> tuple[MmsDraft, list[str]]:
        """Files that came with the page itself (a browser without scripts sends them so)."""
        notes: list[str] = []
        for number in reversed(range(len(draft.slides))):
            files = request.FILES.getlist(f"slide-{number}-files")
            if not files:
                continue
            if not request.user.has_perm("campaigns.add_mediafile"):
                raise PermissionDenied
            upload = take_files(files, by=request.user)
            notes += upload.refusals + upload.surprises
            draft = put_on(draft, number, upload.kept).draft
        return draft, notes

    def _decide(
        self, request: HttpRequest, mms: Mms | None, draft: MmsDraft, step: str
    ) -> HttpResponse:
        """What somebody chose when two had written at once."""
        if step == "copy" or mms is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return editing.keep_copy(request, mms, draft)
        try:
            return editing.overwrite(request, mms, draft)
        except EditedMeanwhile as conflict:
            return self._show(request, mms, draft, **editing.conflict_of(request, conflict.mms))
        except RuleBroken as problem:
            return self._show(request, mms, draft, refusals=problem.problems)

    def _outlive(self, request: HttpRequest) -> HttpResponse:
        """It was deleted while somebody wrote on it: what they wrote is theirs to keep."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.POST.get("do") in _PRESENCE or request.htmx:
            return editing.show_gone(request)
        try:
            return editing.keep_copy(request, None, read_draft(request.POST))
        except RuleBroken as problem:
            return self._refuse(request, None, problem)

    def _refuse(self, request: HttpRequest, mms: Mms | None, problem: RuleBroken) -> HttpResponse:
        if request.htmx:
            template = "campaigns/content/_trouble.html"
            return TemplateResponse(request, template, {"trouble": problem})
        draft = draft_of(mms.head if mms else None)
        return self._show(request, mms, draft, refusals=problem.problems)

    def _save(
        self, request: HttpRequest, mms: Mms | None, draft: MmsDraft, step: str
    ) -> HttpResponse:
        lost = find_lost(request.POST, draft)
        draft, notes = self._take(request, draft)
        notes = [*lost, *notes]
        try:
            with transaction.atomic():  # nobody writes between saving and what is done with it
                revision = editing.keep(request, mms, draft)
                self._do_with_it(request, revision, step, notes)
        except EditedMeanwhile as conflict:
            return self._show(request, mms, draft, **editing.conflict_of(request, conflict.mms))
        except RuleBroken as problem:
            return self._show(request, mms, draft, refusals=[*notes, *problem.problems])
        if step == "done":
            return HttpResponseRedirect(reverse("admin:campaigns_mms_changelist"))
        url = reverse("admin:campaigns_mms_change", args=[revision.mms_id])
        return HttpResponseRedirect(f"{url}{kept_choices(request)}")

    def _do_with_it(
        self, request: HttpRequest, revision: MmsRevision, step: str, notes: list[str]
    ) -> None:
        """What the button says; where that cannot be, it is saved and the reason is told."""
        for note in notes:
            messages.warning(request, note)
        try:
            with transaction.atomic():
                DONE_WITH_IT[_verb(step)](request, revision)
        except RuleBroken as problem:
            only_save(request, revision)
            for sentence in problem.problems:
                messages.error(request, sentence)

    def _show(
        self, request: HttpRequest, mms: Mms | None, draft: MmsDraft, **more: Any
    ) -> HttpResponse:
        """The whole page."""
        page = {
            **self.admin_site.each_context(request),
            "title": mms.name if mms else "New MMS",
            "opts": self.opts,
            "tab": read_token(request.POST, "tab") or secrets.token_hex(8),
            "edit_number": self._number_of(request, mms),
            "is_untitled": is_untitled(draft.name),
            "channels": Channel.objects.all(),
            "senders": Sender.objects.select_related("channel"),
            "last_tests": find_last_tests(mms),
            "phone_number": (request.POST or request.GET).get("phone", ""),
            "has_view_permission": self.has_view_permission(request),
            "may_test": request.user.has_perm("campaigns.send_test"),
            "may_save_to_provider": request.user.has_perm("campaigns.add_savedmms"),
            "may_add": self.has_add_permission(request),
            "may_delete": bool(mms) and self.has_delete_permission(request, mms),
        }
        draft = replace(draft, slides=with_keys(draft.slides))
        return self._render(
            request, "campaigns/content/composer.html", mms, draft, **{**page, **more}
        )

    def _number_of(self, request: HttpRequest, mms: Mms | None) -> int:
        """A page that comes back unsaved has still seen no more than before."""
        if request.method == "POST":
            return editing.seen_number(request)
        return mms.edit_number if mms else 0

    def _render(
        self, request: HttpRequest, template: str, mms: Mms | None, draft: MmsDraft, **more: Any
    ) -> TemplateResponse:
        asked = request.POST or request.GET
        channel = find_chosen(Channel.objects.all(), asked.get("channel"))
        capacity = capacity_of(channel)
        context = {
            "mms": mms,
            "head": mms.head if mms else None,
            "draft": draft,
            "address": self._address_of(mms),
            "capacity": capacity,
            "needs": [media.pk for media in media_of(draft) if find_need(media, capacity)],
            "is_blank": mms is None and draft == MmsDraft(),
            "channel": channel,
            "selected": read_token(request.POST, "selected"),
            "may_edit": self.has_change_permission(request, mms) if mms else True,
            **self._beside(request, mms, draft, channel),
            **more,
        }
        keys = [slide.key for slide in draft.slides]
        if context["selected"] not in keys:
            context["selected"] = next(iter(keys), "")
        return TemplateResponse(request, template, context)

    def _address_of(self, mms: Mms | None) -> str:
        if mms is None:
            return reverse("admin:campaigns_mms_add")
        return reverse("admin:campaigns_mms_change", args=[mms.pk])

    def _beside(
        self, request: HttpRequest, mms: Mms | None, draft: MmsDraft, channel: Channel | None
    ) -> dict[str, Any]:
        """What the parts around the editor need: each has a module of its own."""
        asked = request.POST or request.GET
        sender = find_chosen(Sender.objects.all(), asked.get("sender"))
        problems, warnings = find_draft_problems(draft, channel, sender=sender)
        found: dict[str, Any] = {
            "sender": sender,
            "problems": problems,
            "warnings": warnings,
        }
        for part in (personal, phone, saved, arrival, fitting_all, formats):
            found |= part.context(request, mms=mms, draft=draft, channel=channel, sender=sender)
        found["problems"] = [*problems, *found["merge_problems"]]
        found["warnings"] = [*warnings, *found["merge_warnings"]]
        return found


def _verb(step: str) -> str:
    """provide-3 → provide"""
    return step.partition("-")[0]


#: Steps of a page that tells it is open, or was closed.
_PRESENCE = {"here": editing.be_present, "leave": editing.leave}
#: Ways out of a conflict.
_DECISIONS = ("copy", "overwrite")
#: The page comes back as it was posted: an older state of it, with files put on, or without those
#: that were deleted.
_AS_POSTED = ("restore", "upload", "redraw", fitting_all.STEP, "")
