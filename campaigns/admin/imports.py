"""Imports: choose a file, check what it says, import it, see what became of it, or undo it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django_htmx.http import HttpResponseClientRedirect

from campaigns.admin.import_results import (
    MOVING,
    PEOPLE,
    may_undo,
    paginate_people,
    result_context,
)
from campaigns.admin.paging import BoundedPaginator
from campaigns.admin.polling import STOP_POLLING
from campaigns.forms.imports import AgreedForm, LayoutForm, UploadForm
from campaigns.models import ContactImport
from campaigns.rules.numbers import is_number
from campaigns.rules.problems import RuleBroken
from campaigns.services import imports as services
from campaigns.services.import_files import sheets_of
from campaigns.services.import_preview import preview
from campaigns.services.import_reading import tell_reading
from campaigns.services.import_rejects import write_rejects
from campaigns.services.import_undo import UNDO_WITHIN, is_undoable, plan_undo, start_undo
from campaigns.templatetags.portal import ago, number, status_pill

#: A change of these changes what the person has looked at.
LOOKED_AT = services.READING | {"country"}
GONE = "The file is no longer there: import it again."
Status = ContactImport.Status


@admin.register(ContactImport)
class ContactImportAdmin(admin.ModelAdmin):
    list_display = ("file_name", "list_name", "state", "imported", "rejected", "uploaded", "by")
    list_filter = ("status",)
    list_select_related = ("by",)
    search_fields = ("file_name", "list_name")
    search_help_text = "Search by file or list"
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    change_list_template = "campaigns/imports/change_list.html"

    @admin.display(description="Status", ordering="status")
    def state(self, contact_import: ContactImport) -> str:
        return status_pill(contact_import)

    @admin.display(description="Imported")
    def imported(self, contact_import: ContactImport) -> str:
        return _say_count(contact_import, contact_import.imported_count)

    @admin.display(description="Not imported", ordering="problem_count")
    def rejected(self, contact_import: ContactImport) -> str:
        return _say_count(contact_import, contact_import.problem_count)

    @admin.display(description="When", ordering="created_at")
    def uploaded(self, contact_import: ContactImport) -> str:
        return ago(contact_import.created_at)

    # --- Who may ---------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was imported is history; until then whoever may import may correct it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The page of an import has its own buttons."""
        return False

    def _get(self, request: HttpRequest, pk: int, *, to_add: bool = False) -> ContactImport:
        """The import, if this person may look at it (or, `to_add`, may import)."""
        has_permission = self.has_add_permission if to_add else self.has_view_permission
        if not has_permission(request):
            raise PermissionDenied
        return get_object_or_404(ContactImport.objects.select_related("contact_list", "by"), pk=pk)

    # --- Addresses -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponse], more: str = "") -> URLPattern:
            return path(
                f"<int:pk>/{name}/{more}",
                self.admin_site.admin_view(view),
                name=f"campaigns_contactimport_{name}",
            )

        return [
            page("layout", self.change_layout),
            page("confirm", self.confirm),
            page("progress", self.show_progress),
            page("people", self.show_people, "<slug:name>/"),
            page("rejects", self.download_rejects),
            page("undo", self.undo),
            page("discard", self.discard),
            *super().get_urls(),
        ]

    def _render(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, f"campaigns/imports/{template}.html", context)

    # --- The file comes in ---------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(
            request.POST or None,
            request.FILES or None,
            initial={"contact_list": request.GET.get("list")},
        )
        if request.method == "POST" and form.is_valid():
            try:
                contact_import = services.start_import(
                    form.cleaned_data["file"],
                    contact_list=form.cleaned_data["contact_list"],
                    list_name=form.cleaned_data["list_name"],
                    country=form.cleaned_data["country"],
                    by=request.user,
                )
            except RuleBroken as problem:
                form.add_error(None, list(problem.problems))
            else:
                return redirect("admin:campaigns_contactimport_change", contact_import.pk)
        return self._render(request, "upload", form=form, title="Import contacts")

    # --- It is looked at ---------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not is_number(object_id):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        contact_import = self._get(request, int(object_id))
        if contact_import.status == Status.PREVIEW:
            return self._show_preview(request, contact_import)
        context = result_context(contact_import, request.user)
        return self._render(
            request,
            "result",
            title=contact_import.file_name,
            can_import=self.has_add_permission(request),
            **context,
        )

    def _show_preview(
        self,
        request: HttpRequest,
        contact_import: ContactImport,
        *,
        problems: tuple[str, ...] = (),
        agreed: AgreedForm | None = None,
    ) -> HttpResponse:
        """The whole page, or for htmx the part that follows from how the file is read."""
        try:
            sheets = sheets_of(contact_import.file.path)
            form = LayoutForm(contact_import=contact_import, sheets=sheets)
            found = preview(contact_import)
            context = {
                "form": form,
                "preview": found,
                "columns": form.column_fields(found.kinds),
                "is_fruitless": found.is_complete and not found.good_count,
                "is_choice_of_sheets": len(sheets) > 1,
                "reading": tell_reading(contact_import),
            }
        except (FileNotFoundError, RuleBroken) as problem:
            told = str(problem) if isinstance(problem, RuleBroken) else GONE
            messages.error(request, told)
            return _lead(request, reverse("admin:campaigns_contactimport_changelist"))
        return self._render(
            request,
            "_preview" if request.htmx else "preview",
            title=f"Check {contact_import.file_name}",
            contact_import=contact_import,
            problems=problems,
            agreed=agreed or AgreedForm(initial=request.POST.dict()),
            can_import=self.has_add_permission(request),
            is_fragment=bool(request.htmx),
            **context,
        )

    def _layout_form(self, request: HttpRequest, contact_import: ContactImport) -> LayoutForm:
        try:
            sheets = sheets_of(contact_import.file.path)
        except FileNotFoundError:
            raise RuleBroken(GONE) from None
        return LayoutForm(request.POST, contact_import=contact_import, sheets=sheets)

    def change_layout(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read the file as chosen; htmx gets only the part that changed."""
        contact_import = self._get(request, pk, to_add=True)
        if request.method != "POST":
            return redirect("admin:campaigns_contactimport_change", pk)
        try:
            form = self._layout_form(request, contact_import)
            if form.is_valid():
                services.change_layout(contact_import, form.mapping(), **form.layout())
        except RuleBroken as broken:
            contact_import.refresh_from_db()
            if contact_import.status != Status.PREVIEW:  # started in another tab
                return _lead(request, reverse("admin:campaigns_contactimport_change", args=[pk]))
            return self._show_preview(request, contact_import, problems=broken.problems)
        return self._show_preview(request, contact_import)

    def confirm(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact_import = self._get(request, pk, to_add=True)
        if request.method != "POST":
            return redirect("admin:campaigns_contactimport_change", pk)
        if contact_import.status != Status.PREVIEW:
            messages.error(request, "This import was already started.")
            return redirect("admin:campaigns_contactimport_change", pk)
        agreed = AgreedForm(request.POST)
        try:
            form = self._layout_form(request, contact_import)
            if not form.is_valid() or LOOKED_AT & set(form.changed_data):
                messages.warning(request, "The file is read in another way now: check it again.")
                return self.change_layout(request, pk)
            if not agreed.is_valid():
                services.change_layout(contact_import, form.mapping(), **form.layout())
                return self._show_preview(request, contact_import, agreed=agreed)
            contact_import.winner = form.cleaned_data["winner"]
            services.confirm_import(
                contact_import, form.mapping(), agreed=agreed.agreed(), by=request.user
            )
        except RuleBroken as broken:
            contact_import.refresh_from_db()
            return self._show_preview(
                request, contact_import, problems=broken.problems, agreed=agreed
            )
        return redirect("admin:campaigns_contactimport_change", pk)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact_import = self._get(request, pk, to_add=True)
        if request.method != "POST":
            return redirect("admin:campaigns_contactimport_change", pk)
        try:
            services.discard_import(contact_import, by=request.user)
        except RuleBroken as problem:
            messages.error(request, str(problem))
            return redirect("admin:campaigns_contactimport_change", pk)
        messages.success(request, f"{contact_import.file_name} was discarded.")
        return redirect("admin:campaigns_contactimport_changelist")

    # --- What became of it ---------------------------------------------------------------

    def show_progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part that moves; tells htmx to stop when the import, or its undo, has ended."""
        contact_import = self._get(request, pk)
        context = result_context(contact_import, request.user)
        can_import = self.has_add_permission(request)
        response = self._render(request, "_result", can_import=can_import, **context)
        if contact_import.status not in MOVING:
            response.status_code = STOP_POLLING
        return response

    def show_people(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """The people behind a number."""
        contact_import = self._get(request, pk)
        if not request.user.has_perm("campaigns.view_contact"):
            raise PermissionDenied
        if name not in PEOPLE or contact_import.status == Status.PREVIEW:
            raise Http404
        title, told, _ = PEOPLE[name]
        page = paginate_people(contact_import, name).get_page(request.GET.get("p"))
        context = {"contact_import": contact_import, "told": told, "page": page}
        return self._render(request, "people", title=title, **context)

    def download_rejects(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact_import = self._get(request, pk)
        name = contact_import.file_name.rpartition(".")[0] or contact_import.file_name
        return StreamingHttpResponse(
            write_rejects(contact_import),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": content_disposition_header(
                    True, f"{name} - not imported.csv"
                )
            },
        )

    # --- Back --------------------------------------------------------------------------------

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What an undo would do; pressed there, it is done."""
        contact_import = self._get(request, pk)
        if not may_undo(request.user):
            raise PermissionDenied
        if request.method == "POST":
            try:
                start_undo(contact_import, by=request.user)
            except RuleBroken as problem:
                messages.error(request, str(problem))
            return redirect("admin:campaigns_contactimport_change", pk)
        if not is_undoable(contact_import, timezone.now()):
            return redirect("admin:campaigns_contactimport_change", pk)
        return self._render(
            request,
            "undo",
            title=f"Undo the import of {contact_import.file_name}",
            contact_import=contact_import,
            plan=plan_undo(contact_import),
            undo_until=contact_import.finished_at + UNDO_WITHIN,
        )


def _say_count(contact_import: ContactImport, count: int) -> str:
    """Before it is confirmed there is nothing to count."""
    return "–" if contact_import.status == Status.PREVIEW else number(count)


def _lead(request: HttpRequest, url: str) -> HttpResponse:
    """To another page, also for htmx, which would put that page into this one."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
