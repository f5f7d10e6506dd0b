"""Imports: the list of them, a new one, and the page of one."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern

from campaigns.admin import import_after, import_preview
from campaigns.admin.import_pages import find_import, render_page
from campaigns.admin.paging import BoundedPaginator
from campaigns.forms.imports import UploadForm
from campaigns.models import ContactImport
from campaigns.rules.numbers import is_number
from campaigns.rules.problems import RuleBroken
from campaigns.services import imports as services
from campaigns.templatetags.portal import ago, number, status_pill

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

    # --- Addresses -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [*import_preview.urls(self), *import_after.urls(self), *super().get_urls()]

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
        return render_page(self, request, "upload", form=form, title="Import contacts")

    # --- It is looked at ---------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not is_number(object_id):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        contact_import = find_import(self, request, int(object_id))
        if contact_import.status == Status.PREVIEW:
            return import_preview.show_preview(self, request, contact_import)
        return import_after.show_result(self, request, contact_import)


def _say_count(contact_import: ContactImport, count: int) -> str:
    """Before it is confirmed there is nothing to count."""
    return "–" if contact_import.status == Status.PREVIEW else number(count)
