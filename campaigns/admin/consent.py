"""The consent ledger: looked through, added to, and the evidence of one number given out."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from campaigns.admin import person
from campaigns.admin.reading import FindsNumbers, ReadOnly
from campaigns.forms.consent import ConsentForm
from campaigns.models import Consent, Contact, ContactImport
from campaigns.rules.consent import ConsentMethod
from campaigns.rules.problems import RuleBroken
from campaigns.services.consent import record_consent
from campaigns.services.evidence import (
    Evidence,
    find_evidence,
    fingerprint,
    record_download,
    write_table,
)
from campaigns.services.policy import HASH_MARK
from campaigns.templatetags.consent import TONES, said_at
from campaigns.templatetags.portal import ago, masked, pill

EVIDENCE = "admin:campaigns_consent_evidence"


class MethodFilter(admin.SimpleListFilter):
    """How they agreed; what a file says of all its people stands in its import."""

    title = "method"
    parameter_name = "method"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ConsentMethod.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        imports = ContactImport.objects.filter(consent_method=self.value())
        of_import = Q(method="", contact_import__in=list(imports.values_list("pk", flat=True)))
        return queryset.filter(Q(method=self.value()) | of_import)


@admin.register(Consent)
class ConsentAdmin(ReadOnly, FindsNumbers):
    form = ConsentForm
    change_list_template = "campaigns/consent/list.html"
    change_form_template = "campaigns/consent/record.html"
    list_display = ("number_shown", "what", "how", "said", "entered", "added")
    list_display_links = None
    list_filter = ("kind", MethodFilter)
    list_select_related = ("by", "channel", "contact_import__by")
    search_fields = ("phone__exact",)
    search_help_text = "A number in any spelling."
    ordering = ("-id",)
    sortable_by = ()
    fields = ("phone", "method", "wording", "source", "at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.add_consent")

    def get_urls(self) -> list[URLPattern]:
        def page(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"campaigns_{name}")

        return [
            page("evidence/", self.show_evidence, "consent_evidence"),
            page("evidence/document/", require_POST(self.give_document), "consent_document"),
            page("evidence/table/", require_POST(self.give_table), "consent_table"),
            page("person/export/", person.give_person, "person_export"),
            page("person/erase/", person.erase, "person_erase"),
            *super().get_urls(),
        ]

    # --- A consent is recorded -----------------------------------------------------------------

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?phone=` comes from the page of a contact."""
        now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
        return {"phone": request.GET.get("phone", ""), "at": now}

    def save_model(self, request: HttpRequest, obj: Consent, form: ModelForm, change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in ("method", "wording", "source", "at")}
        obj.pk = record_consent(obj.phone, **fields, by=request.user).pk

    def log_addition(self, request: HttpRequest, obj: Consent, message: Any) -> None:
        """The audit has it."""

    def response_add(
        self, request: HttpRequest, obj: Consent, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the person, if it was begun on their page; else to the evidence."""
        messages.success(request, "Written into the ledger.")
        contact = Contact.objects.filter(phone=obj.phone).first()
        if contact and request.GET.get("from") == "person":
            return redirect("admin:campaigns_contact_change", contact.pk)
        return redirect(reverse(EVIDENCE, query={"phone": f"+{obj.phone}"}))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- The evidence of one number ------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """An entry is looked at among all of its number."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        entry = self.get_object(request, object_id)
        if entry is None:
            raise Http404
        return self._evidence_page(request, entry.phone)

    def show_evidence(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("phone", "")
        try:
            return self._evidence_page(request, person.read_phone(asked) if asked else "")
        except RuleBroken as broken:
            return self._evidence_page(request, "", asked=asked, problem=str(broken))

    def _evidence_page(
        self, request: HttpRequest, phone: str, *, asked: str = "", problem: str = ""
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Evidence of a number",
            "opts": self.model._meta,
            "evidence": find_evidence(phone) if phone else None,
            "asked": asked or (f"+{phone}" if phone and not phone.startswith(HASH_MARK) else ""),
            "problem": problem,
            "may_record": self.has_add_permission(request),
        }
        return render(request, "campaigns/consent/evidence.html", context)

    def give_document(self, request: HttpRequest) -> HttpResponse:
        """One page that needs nothing else: to be printed, or handed to a lawyer."""
        evidence = self._taken_out(request, "document")
        context = {
            "evidence": evidence,
            "fingerprint": fingerprint(write_table(evidence)),
            "made_at": timezone.now(),
            "made_by": request.user,
        }
        page = render_to_string("campaigns/consent/document.html", context)
        return _as_file(page, "text/html", f"consent-{evidence.phone}.html")

    def give_table(self, request: HttpRequest) -> HttpResponse:
        evidence = self._taken_out(request, "table")
        return _as_file(write_table(evidence), "text/csv", f"consent-{evidence.phone}.csv")

    def _taken_out(self, request: HttpRequest, what: str) -> Evidence:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.POST.get("phone", "")
        try:
            is_erased = asked.startswith(HASH_MARK)
            evidence = find_evidence(asked if is_erased else person.read_phone(asked))
        except RuleBroken as broken:
            raise Http404(str(broken)) from None
        record_download(evidence, what, by=request.user)
        return evidence

    # --- Columns -------------------------------------------------------------------------------

    @admin.display(description="Number")
    def number_shown(self, entry: Consent) -> str:
        url = reverse("admin:campaigns_consent_change", args=[entry.pk])
        is_erased = entry.phone.startswith(HASH_MARK)
        return format_html(
            '<a href="{}">{}</a>', url, "Erased" if is_erased else masked(entry.phone)
        )

    @admin.display(description="What")
    def what(self, entry: Consent) -> str:
        shown = pill(entry.get_kind_display(), TONES[entry.kind])
        return format_html("{} {}", shown, entry.channel) if entry.channel else shown

    @admin.display(description="How")
    def how(self, entry: Consent) -> str:
        method = entry.method or (
            entry.contact_import.consent_method if entry.contact_import else ""
        )
        return ConsentMethod(method).label if method else "–"

    @admin.display(description="When they said so")
    def said(self, entry: Consent) -> str:
        return said_at(entry.at)

    @admin.display(description="Entered by")
    def entered(self, entry: Consent) -> str:
        if entry.contact_import:
            return f"Import {entry.contact_import}"
        return str(entry.by or "The portal itself")

    @admin.display(description="Entered")
    def added(self, entry: Consent) -> str:
        return ago(entry.recorded_at)


def _as_file(text: str, mime: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{mime}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name.replace(HASH_MARK, "")}"'
    response["Cache-Control"] = "no-store"
    return response
