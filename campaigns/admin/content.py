"""The composer, the gallery of MMS, and the list of templates saved at a provider."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from campaigns.admin.paging import BoundedPaginator
from campaigns.forms.content import arrange, attach, read_draft
from campaigns.forms.media import take_files
from campaigns.models import (
    Channel,
    MediaFile,
    Message,
    Mms,
    MmsRevision,
    SavedMms,
    Sender,
    Slide,
)
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken
from campaigns.rules.slides import judge_weight
from campaigns.rules.smsparts import count_parts
from campaigns.rules.statuses import SavedStatus
from campaigns.services.campaigns import send_test
from campaigns.services.content import (
    MmsDraft,
    capacity_of,
    check_deletable,
    delete_mms,
    draft_of,
    duplicate_mms,
    find_draft_problems,
    find_pinned,
    save_draft,
)
from campaigns.services.reach import check_public
from campaigns.services.templates import save_to_provider

#: Files offered at a time by the picker; the search finds the others.
PICKED = 24


@admin.register(Mms)
class MmsAdmin(admin.ModelAdmin):
    list_display = ("name",)
    search_fields = ("name",)
    list_per_page = 24
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        slides = Slide.objects.prefetch_related("media__media_file")
        revisions = MmsRevision.objects.order_by("-number").prefetch_related(
            Prefetch("slides", slides), "saved__channel"
        )
        rows = super().get_queryset(request).prefetch_related(Prefetch("revisions", revisions))
        return rows.annotate(campaign_count=Count("campaign", distinct=True))

    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            wrapped = self.admin_site.admin_view(view)
            return path(f"<int:pk>/{name}/", wrapped, name=f"campaigns_mms_{name}")

        pick = self.admin_site.admin_view(self.pick_view)
        return [
            path("pick/", pick, name="campaigns_mms_pick"),
            page("duplicate", self.duplicate_view),
            page("saved", self.saved_view),
            *super().get_urls(),
        ]

    # --- The composer ----------------------------------------------------------------------------

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
            "sender": _chosen(Sender.objects.all(), asked.get("sender")),
            **_saved(mms),
            "last_tests": _last_tests(mms),
            "phone_number": asked.get("phone", ""),
            "has_view_permission": self.has_view_permission(request),
            "may_edit": self.has_change_permission(request, mms) if mms else True,
            "may_test": request.user.has_perm("campaigns.send_test"),
            "may_save_to_provider": request.user.has_perm("campaigns.add_savedmms"),
            "may_delete": bool(mms) and self.has_delete_permission(request, mms),
            **more,
        }
        return TemplateResponse(request, template, context)

    # --- Around it -------------------------------------------------------------------------------

    def pick_view(self, request: HttpRequest) -> HttpResponse:
        """Files of the library to put on a slide."""
        if not request.user.has_perm("campaigns.view_mediafile"):
            raise PermissionDenied
        words, slide = request.GET.get("words", ""), request.GET.get("slide", "0")
        pk = request.GET.get("mms", "")
        change = reverse("admin:campaigns_mms_change", args=[pk]) if pk.isdigit() else ""
        files = MediaFile.objects.filter(name__icontains=words) if words else MediaFile.objects
        context = {
            "files": files.all()[:PICKED],
            "words": words,
            "composer": change or reverse("admin:campaigns_mms_add"),
            "slide": int(slide) if slide.isascii() and slide.isdigit() else 0,
        }
        return TemplateResponse(request, "campaigns/content/_picker.html", context)

    def saved_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The states of the templates saved at providers, asked for again and again."""
        mms = get_object_or_404(Mms, pk=pk)
        if not self.has_view_permission(request, mms):
            raise PermissionDenied
        context = {"mms": mms, "head": mms.head, **_saved(mms)}
        return TemplateResponse(request, "campaigns/content/_saved.html", context)

    def duplicate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST" or not self.has_add_permission(request):
            raise PermissionDenied
        copy = duplicate_mms(get_object_or_404(Mms, pk=pk), by=request.user)
        messages.success(request, f"This is “{copy}”. The original stays as it was.")
        return HttpResponseRedirect(reverse("admin:campaigns_mms_change", args=[copy.pk]))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """What is used is refused before anybody is asked whether they are sure."""
        mms = self.get_object(request, object_id)
        try:
            if mms and self.has_delete_permission(request, mms):
                check_deletable(mms)
            return super().delete_view(request, object_id, extra_context)
        except RuleBroken as problem:
            messages.error(request, str(problem))
            return HttpResponseRedirect(reverse("admin:campaigns_mms_change", args=[object_id]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict, set, list]:
        """The MMS and its versions; what stands in the way is told by the service."""
        return [str(obj) for obj in objs], {"MMS": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Mms) -> None:
        delete_mms(obj, by=request.user)


def _chosen(rows: QuerySet, pk: str | None) -> Any:
    """The row somebody chose; the only one there is; or None."""
    if pk and pk.isascii() and pk.isdigit():
        return rows.filter(pk=pk).first()
    first = list(rows[:2])
    return first[0] if len(first) == 1 else None


def _saved(mms: Mms | None) -> dict[str, Any]:
    """Templates of this MMS, and whether news of one is awaited."""
    rows = list(SavedMms.objects.filter(revision__mms=mms).select_related("revision", "channel"))
    underway = (SavedStatus.SAVING, SavedStatus.TRANSCODING)
    return {"saved": rows, "waiting": any(row.status in underway for row in rows)}


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
