"""An import after it began: how far it is, who is behind its numbers, its rejects, its undo."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.http import content_disposition_header

from campaigns.admin.import_pages import find_import, page, render_page
from campaigns.admin.import_results import (
    MOVING,
    PEOPLE,
    may_delete_fields,
    may_undo,
    paginate_people,
    result_context,
)
from campaigns.admin.polling import STOP_POLLING
from campaigns.models import ContactImport
from campaigns.rules.problems import RuleBroken
from campaigns.services.import_rejects import write_rejects
from campaigns.services.import_undo import UNDO_WITHIN, is_undoable, plan_undo, start_undo
from campaigns.services.import_undo_fields import delete_unused_fields

Status = ContactImport.Status
SHOWN_NAMES = 10


def urls(admin: ModelAdmin) -> list[URLPattern]:
    return [
        page(admin, "progress", show_progress),
        page(admin, "people", show_people, "<slug:name>/"),
        page(admin, "rejects", download_rejects),
        page(admin, "undo", undo),
        page(admin, "fields", delete_fields),
    ]


def show_result(
    admin: ModelAdmin, request: HttpRequest, contact_import: ContactImport
) -> HttpResponse:
    """The page of an import that was confirmed."""
    return render_page(
        admin,
        request,
        "result",
        title=contact_import.file_name,
        can_import=admin.has_add_permission(request),
        **result_context(contact_import, request.user),
    )


def show_progress(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The part that moves; tells htmx to stop when the import, or its undo, has ended."""
    contact_import = find_import(admin, request, pk)
    context = result_context(contact_import, request.user)
    can_import = admin.has_add_permission(request)
    response = render_page(admin, request, "_result", can_import=can_import, **context)
    if contact_import.status not in MOVING:
        response.status_code = STOP_POLLING
    return response


def show_people(admin: ModelAdmin, request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The people behind a number."""
    contact_import = find_import(admin, request, pk)
    if not request.user.has_perm("campaigns.view_contact"):
        raise PermissionDenied
    if name not in PEOPLE or contact_import.status == Status.PREVIEW:
        raise Http404
    title, told, _ = PEOPLE[name]
    page = paginate_people(contact_import, name).get_page(request.GET.get("p"))
    context = {"contact_import": contact_import, "told": told, "page": page}
    return render_page(admin, request, "people", title=title, **context)


def download_rejects(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    contact_import = find_import(admin, request, pk)
    name = contact_import.file_name.rpartition(".")[0] or contact_import.file_name
    return StreamingHttpResponse(
        write_rejects(contact_import),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": content_disposition_header(True, f"{name} - not imported.csv")
        },
    )


def undo(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """What an undo would do; pressed there, it is done."""
    contact_import = find_import(admin, request, pk)
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
    return render_page(
        admin,
        request,
        "undo",
        title=f"Undo the import of {contact_import.file_name}",
        contact_import=contact_import,
        plan=plan_undo(contact_import),
        undo_until=contact_import.finished_at + UNDO_WITHIN,
    )


def delete_fields(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The extra fields that it made and nobody uses after its undo."""
    contact_import = find_import(admin, request, pk)
    if not may_delete_fields(request.user):
        raise PermissionDenied
    if request.method == "POST":
        names = delete_unused_fields(contact_import, by=request.user)
        if names:
            messages.success(
                request, f"Deleted the extra fields that nobody used: {_listed(names)}."
            )
        else:
            messages.warning(request, "Nothing was deleted: somebody uses these fields by now.")
    return redirect("admin:campaigns_contactimport_change", pk)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more
