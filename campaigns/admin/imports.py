"""Imports: choose a file, check what it says, import it, and see what became of every row."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from campaigns.admin.paging import BoundedPaginator
from campaigns.forms.imports import LayoutForm, UploadForm
from campaigns.models import ContactImport
from campaigns.rules.problems import RuleBroken
from campaigns.services import imports as services
from campaigns.services.import_rows import MOST_PROBLEMS
from campaigns.services.queue import queue_health
from campaigns.templatetags.portal import ago, number, status_pill

#: htmx stops polling on this answer.
STOP_POLLING = 286
#: An import that stands still this long may have no worker.
STUCK_AFTER = timedelta(seconds=10)
#: A change of these changes what the person has looked at.
LAYOUT = {"encoding", "delimiter", "has_header", "country"}
#: How many rejected rows the result shows; the file has the others.
SHOWN_PROBLEMS = 20


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
        return number(contact_import.imported_count)

    @admin.display(description="Not imported", ordering="problem_count")
    def rejected(self, contact_import: ContactImport) -> str:
        return number(contact_import.problem_count)

    @admin.display(description="When", ordering="created_at")
    def uploaded(self, contact_import: ContactImport) -> str:
        return ago(contact_import.created_at)

    # --- Who may ---------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was imported is history; until then whoever may import may correct it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The page of an import has its own button, which deletes the file too."""
        return False

    def _get(self, request: HttpRequest, pk: int, *, to_add: bool = False) -> ContactImport:
        """The import, if this person may look at it (or, `to_add`, may import)."""
        has_permission = self.has_add_permission if to_add else self.has_view_permission
        if not has_permission(request):
            raise PermissionDenied
        return get_object_or_404(ContactImport.objects.select_related("contact_list", "by"), pk=pk)

    # --- Addresses -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"campaigns_contactimport_{name}",
            )

        return [
            page("layout", self.change_layout),
            page("confirm", self.confirm),
            page("progress", self.show_progress),
            page("rejects", self.download_rejects),
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
        if not object_id.isdecimal():
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        contact_import = self._get(request, int(object_id))
        if contact_import.status == ContactImport.Status.PREVIEW:
            form = LayoutForm(contact_import=contact_import)
            return self._show_preview(request, "preview", contact_import, form)
        context = self._result_context(request, contact_import)
        return self._render(request, "result", title=contact_import.file_name, **context)

    def _show_preview(
        self, request: HttpRequest, template: str, contact_import: ContactImport, form: LayoutForm
    ) -> HttpResponse:
        try:
            found = services.preview(contact_import)
        except FileNotFoundError:
            messages.error(request, "The file is no longer there: import it again.")
            return redirect("admin:campaigns_contactimport_changelist")
        return self._render(
            request,
            template,
            title=f"Check {contact_import.file_name}",
            contact_import=contact_import,
            form=form,
            preview=found,
            can_import=self.has_add_permission(request),
        )

    def change_layout(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read the file as chosen; htmx gets only the part that changed."""
        contact_import = self._get(request, pk, to_add=True)
        if request.method != "POST":
            return redirect("admin:campaigns_contactimport_change", pk)
        form = LayoutForm(request.POST, contact_import=contact_import)
        if form.is_valid():
            try:
                services.change_layout(
                    contact_import,
                    encoding=form.cleaned_data["encoding"],
                    delimiter=form.cleaned_data["delimiter"],
                    has_header=form.cleaned_data["has_header"],
                    country=form.cleaned_data["country"],
                    mapping=form.mapping(),
                )
                form = LayoutForm(contact_import=contact_import)
            except RuleBroken as problem:
                form.add_error(None, list(problem.problems))
                contact_import.refresh_from_db()
        if not request.htmx:
            return redirect("admin:campaigns_contactimport_change", pk)
        return self._show_preview(request, "_preview", contact_import, form)

    def confirm(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact_import = self._get(request, pk, to_add=True)
        if request.method != "POST":
            return redirect("admin:campaigns_contactimport_change", pk)
        form = LayoutForm(request.POST, contact_import=contact_import)
        if not form.is_valid() or LAYOUT & set(form.changed_data):
            messages.warning(request, "The file is read in another way now: check it once more.")
            return self.change_layout(request, pk)
        try:
            services.confirm_import(contact_import, form.mapping(), by=request.user)
        except RuleBroken as broken:
            for problem in broken.problems:
                messages.error(request, problem)
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
        """The part that moves; tells htmx to stop when the import has ended."""
        contact_import = self._get(request, pk)
        context = self._result_context(request, contact_import)
        response = self._render(request, "_result", **context)
        if contact_import.status != ContactImport.Status.RUNNING:
            response.status_code = STOP_POLLING
        return response

    def _result_context(
        self, request: HttpRequest, contact_import: ContactImport
    ) -> dict[str, Any]:
        causes = sorted(contact_import.causes.items(), key=lambda cause: -cause[1])
        now = timezone.now()
        is_stuck = (
            contact_import.status == ContactImport.Status.RUNNING
            and contact_import.progress_at < now - STUCK_AFTER
        )
        return {
            "contact_import": contact_import,
            "causes": causes,
            "problems": contact_import.problems.all()[:SHOWN_PROBLEMS],
            "most_problems": MOST_PROBLEMS,
            "no_worker": is_stuck and not queue_health(now)["alive"],
            "can_import": self.has_add_permission(request),
            **self._next_steps(request, contact_import),
        }

    def _next_steps(self, request: HttpRequest, contact_import: ContactImport) -> dict[str, str]:
        """Where to go from here, for whoever may go there."""
        steps = {}
        list_id = contact_import.contact_list_id
        if list_id and request.user.has_perm("campaigns.view_contactlist"):
            steps["list_url"] = reverse("admin:campaigns_contactlist_change", args=[list_id])
        if list_id and request.user.has_perm("campaigns.add_campaign"):
            steps["campaign_url"] = f"{reverse('admin:campaigns_campaign_add')}?lists={list_id}"
        return steps

    def download_rejects(self, request: HttpRequest, pk: int) -> HttpResponse:
        contact_import = self._get(request, pk)
        name = contact_import.file_name.rpartition(".")[0] or contact_import.file_name
        return StreamingHttpResponse(
            services.write_rejects(contact_import),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": content_disposition_header(
                    True, f"{name} - not imported.csv"
                )
            },
        )
