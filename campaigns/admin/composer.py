"""The composer: an MMS as it is being written, and what its buttons do."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from campaigns.admin import arrival, personal, phone, saved
from campaigns.forms.content import arrange, attach, read_draft
from campaigns.forms.media import take_files
from campaigns.models import Channel, MediaFile, Message, Mms, MmsRevision, Sender
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken
from campaigns.rules.slides import judge_weight
from campaigns.rules.smsparts import count_parts
from campaigns.services.campaigns import send_test
from campaigns.services.content import (
    MmsDraft,
    capacity_of,
    draft_of,
    find_draft_problems,
    find_pinned,
    save_draft,
)
from campaigns.services.reach import check_public
from campaigns.services.templates import save_to_provider


class Composer(admin.ModelAdmin):
    """The pages where an MMS is written, new or known."""

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
        draft = read_draft(request.POST)
        step = request.POST.get("do", "")
        if step == "look":
            return self._render(request, "campaigns/content/_look.html", mms, draft)
        if step in _DONE_WITH_IT:
            return self._save(request, mms, draft, step)
        return self._arrange(request, mms, draft, step)

    def _arrange(
        self, request: HttpRequest, mms: Mms | None, draft: MmsDraft, step: str
    ) -> HttpResponse:
        """Nothing is saved: the page comes back with the slides in their new order."""
        draft, note = arrange(draft, step)
        draft, upload_notes = self._take(request, draft, step)
        if not request.htmx:
            return self._show(request, mms, draft, note=note, refusals=upload_notes)
        more = {"note": note, "refusals": upload_notes, "swapped": True}
        response = self._render(request, "campaigns/content/_slides.html", mms, draft, **more)
        response["HX-Trigger-After-Settle"] = "arranged"
        return response

    def _take(self, request: HttpRequest, draft: MmsDraft, step: str) -> tuple[MmsDraft, list[str]]:
        """Uploaded files and the one picked in the library, put on their slides."""
        verb, *numbers = step.split("-")
        if verb == "attach" and len(numbers) == 2 and all(number.isdigit() for number in numbers):
            media = get_object_or_404(MediaFile, pk=numbers[1])
            draft = attach(draft, int(numbers[0]), media)
        notes: list[str] = []
        for number in range(len(draft.slides)):
            files = request.FILES.getlist(f"slide-{number}-files")
            if not files:
                continue
            if not request.user.has_perm("campaigns.add_mediafile"):
                raise PermissionDenied
            upload = take_files(files, by=request.user)
            notes += upload.refusals + upload.surprises
            for media in upload.kept:
                draft = attach(draft, number, media)
        return draft, notes

    def _save(
        self, request: HttpRequest, mms: Mms | None, draft: MmsDraft, step: str
    ) -> HttpResponse:
        draft, notes = self._take(request, draft, "")
        try:
            revision = save_draft(mms, draft, by=request.user)
        except RuleBroken as problem:
            return self._show(request, mms, draft, refusals=[*notes, *problem.problems])
        for note in notes:
            messages.warning(request, note)
        try:
            _DONE_WITH_IT[step](request, revision)
        except RuleBroken as problem:
            _only_save(request, revision)
            for sentence in problem.problems:
                messages.error(request, sentence)
        url = reverse("admin:campaigns_mms_change", args=[revision.mms_id])
        chosen = request.POST.get("channel", "")
        return HttpResponseRedirect(f"{url}?channel={chosen}" if chosen.isdigit() else url)

    def _show(
        self, request: HttpRequest, mms: Mms | None, draft: MmsDraft, **more: Any
    ) -> HttpResponse:
        return self._render(request, "campaigns/content/composer.html", mms, draft, **more)

    def _render(
        self, request: HttpRequest, template: str, mms: Mms | None, draft: MmsDraft, **more: Any
    ) -> TemplateResponse:
        asked = request.POST or request.GET
        channel = _chosen(Channel.objects.all(), asked.get("channel"))
        capacity = capacity_of(channel)
        problems, warnings = find_draft_problems(draft, channel)
        head = mms.head if mms else None
        context = {
            **self.admin_site.each_context(request),
            "title": mms.name if mms else "New MMS",
            "opts": self.opts,
            "mms": mms,
            "head": head,
            "draft": draft,
            "problems": problems,
            "warnings": warnings,
            "capacity": capacity,
            "weight": judge_weight(draft.size, capacity),
            "is_blank": mms is None and draft == MmsDraft(),
            "sms": count_parts(draft.fallback_text),
            "face": "sms" if asked.get("face") == "sms" else "mms",
            "channel": channel,
            "channels": Channel.objects.all(),
            "senders": Sender.objects.select_related("channel"),
            "last_tests": _last_tests(mms),
            "phone_number": asked.get("phone", ""),
            "has_view_permission": self.has_view_permission(request),
            "may_edit": self.has_change_permission(request, mms) if mms else True,
            "may_test": request.user.has_perm("campaigns.send_test"),
            "may_save_to_provider": request.user.has_perm("campaigns.add_savedmms"),
            "may_delete": bool(mms) and self.has_delete_permission(request, mms),
            **self._beside(request, mms, draft, channel),
            **more,
        }
        return TemplateResponse(request, template, context)

    def _beside(
        self, request: HttpRequest, mms: Mms | None, draft: MmsDraft, channel: Channel | None
    ) -> dict[str, Any]:
        """What the parts around the editor need: each has a module of its own."""
        asked = request.POST or request.GET
        sender = _chosen(Sender.objects.all(), asked.get("sender"))
        found: dict[str, Any] = {"sender": sender}
        for part in (personal, phone, saved, arrival):
            found |= part.context(request, mms=mms, draft=draft, channel=channel, sender=sender)
        return found


def _chosen(rows: QuerySet, pk: str | None) -> Any:
    """The row somebody chose; the only one there is; or None."""
    if pk and pk.isascii() and pk.isdigit():
        return rows.filter(pk=pk).first()
    first = list(rows[:2])
    return first[0] if len(first) == 1 else None


def _last_tests(mms: Mms | None) -> QuerySet:
    tests = Message.objects.filter(campaign=None).select_related("revision")
    return tests.filter(revision__mms=mms).order_by("-id")[:3] if mms else tests.none()


# --- What a button does once the draft is saved --------------------------------------------------


def _only_save(request: HttpRequest, revision: MmsRevision) -> None:
    version = f" as version {revision.number}" if revision.number > 1 else ""
    pinned = " and ".join(map(str, find_pinned(revision)))
    more = f" Campaigns under way keep version {pinned}." if pinned else ""
    messages.success(request, f"“{revision.mms}” is saved{version}.{more}")


def _check_fetching(request: HttpRequest, revision: MmsRevision) -> None:
    _only_save(request, revision)
    media = MediaFile.objects.filter(uses__slide__revision=revision).distinct()
    if not media:
        messages.info(request, "There is no file on it that Sinch would have to fetch.")
    for medium in media:
        findings = check_public(medium)
        for finding in findings:
            level = messages.SUCCESS if finding.good else messages.ERROR
            messages.add_message(request, level, finding.text)
        if not all(finding.good for finding in findings):
            return  # the others would say the same


def _save_to_provider(request: HttpRequest, revision: MmsRevision) -> None:
    if not request.user.has_perm("campaigns.add_savedmms"):
        raise PermissionDenied
    channel = _chosen(Channel.objects.all(), request.POST.get("channel"))
    if channel is None:
        raise RuleBroken("Choose a channel to save it to.")
    save_to_provider(revision, channel, by=request.user)
    messages.success(request, f"“{revision.mms}” is on its way to {channel}.")


def _send_test(request: HttpRequest, revision: MmsRevision) -> None:
    if not request.user.has_perm("campaigns.send_test"):
        raise PermissionDenied
    sender = _chosen(Sender.objects.select_related("channel"), request.POST.get("sender"))
    if sender is None:
        raise RuleBroken("Choose the number that the test comes from.")
    phone = normalise(request.POST.get("phone", ""))
    send_test(revision, sender.channel, sender, phone, by=request.user)
    messages.success(request, "The test is on its way: look at your phone.")


_DONE_WITH_IT: dict[str, Callable[[HttpRequest, MmsRevision], None]] = {
    "save": _only_save,
    "check": _check_fetching,
    "provide": _save_to_provider,
    "test": _send_test,
}
