"""An import before it begins: how its file is read, what it says, yes or no."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django_htmx.http import HttpResponseClientRedirect

from campaigns.admin.import_pages import find_import, page, render_page
from campaigns.forms.imports import AgreedForm, LayoutForm
from campaigns.models import ContactImport
from campaigns.rules.problems import RuleBroken
from campaigns.services import imports as services
from campaigns.services.import_files import sheets_of
from campaigns.services.import_preview import preview
from campaigns.services.import_reading import tell_reading

#: A change of these changes what the person has looked at.
LOOKED_AT = services.READING | {"country"}
GONE = "The file is no longer there: import it again."
Status = ContactImport.Status


def urls(admin: ModelAdmin) -> list[URLPattern]:
    return [
        page(admin, "layout", change_layout),
        page(admin, "confirm", confirm),
        page(admin, "discard", discard),
    ]


def show_preview(
    admin: ModelAdmin,
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
    return render_page(
        admin,
        request,
        "_preview" if request.htmx else "preview",
        title=f"Check {contact_import.file_name}",
        contact_import=contact_import,
        problems=problems,
        agreed=agreed or AgreedForm(initial=request.POST.dict()),
        can_import=admin.has_add_permission(request),
        is_fragment=bool(request.htmx),
        **context,
    )


def _layout_form(request: HttpRequest, contact_import: ContactImport) -> LayoutForm:
    try:
        sheets = sheets_of(contact_import.file.path)
    except FileNotFoundError:
        raise RuleBroken(GONE) from None
    return LayoutForm(request.POST, contact_import=contact_import, sheets=sheets)


def change_layout(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Read the file as chosen; htmx gets only the part that changed."""
    contact_import = find_import(admin, request, pk, to_add=True)
    if request.method != "POST":
        return redirect("admin:campaigns_contactimport_change", pk)
    try:
        form = _layout_form(request, contact_import)
        if form.is_valid():
            services.change_layout(contact_import, form.mapping(), **form.layout())
    except RuleBroken as broken:
        contact_import.refresh_from_db()
        if contact_import.status != Status.PREVIEW:  # started in another tab
            return _lead(request, reverse("admin:campaigns_contactimport_change", args=[pk]))
        return show_preview(admin, request, contact_import, problems=broken.problems)
    return show_preview(admin, request, contact_import)


def confirm(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    contact_import = find_import(admin, request, pk, to_add=True)
    if request.method != "POST":
        return redirect("admin:campaigns_contactimport_change", pk)
    if contact_import.status != Status.PREVIEW:
        messages.error(request, "This import was already started.")
        return redirect("admin:campaigns_contactimport_change", pk)
    agreed = AgreedForm(request.POST)
    try:
        form = _layout_form(request, contact_import)
        if not form.is_valid() or LOOKED_AT & set(form.changed_data):
            messages.warning(request, "The file is read in another way now: check it again.")
            return change_layout(admin, request, pk)
        if not agreed.is_valid():
            services.change_layout(contact_import, form.mapping(), **form.layout())
            return show_preview(admin, request, contact_import, agreed=agreed)
        contact_import.winner = form.cleaned_data["winner"]
        contact_import.unusable = form.cleaned_data["unusable"]
        services.confirm_import(
            contact_import, form.mapping(), agreed=agreed.agreed(), by=request.user
        )
    except RuleBroken as broken:
        contact_import.refresh_from_db()
        return show_preview(admin, request, contact_import, problems=broken.problems, agreed=agreed)
    return redirect("admin:campaigns_contactimport_change", pk)


def discard(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    contact_import = find_import(admin, request, pk, to_add=True)
    if request.method != "POST":
        return redirect("admin:campaigns_contactimport_change", pk)
    try:
        services.discard_import(contact_import, by=request.user)
    except RuleBroken as problem:
        messages.error(request, str(problem))
        return redirect("admin:campaigns_contactimport_change", pk)
    messages.success(request, f"{contact_import.file_name} was discarded.")
    return redirect("admin:campaigns_contactimport_changelist")


def _lead(request: HttpRequest, url: str) -> HttpResponse:
    """To another page, also for htmx, which would put that page into this one."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
