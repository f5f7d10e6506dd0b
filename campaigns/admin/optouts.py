"""Opt-outs: entered one by one or many at once, taken back only with evidence, and their log."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from campaigns.admin.reading import FindsNumbers
from campaigns.forms.optouts import LiftForm, ManyForm, OptOutForm, as_moment
from campaigns.models import Consent, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.services.contacts import explain_number
from campaigns.services.hearing import find_deaf_senders, find_route_warning
from campaigns.services.optout_files import look_at, record_many
from campaigns.services.optouts import lift_optout, record_optout
from campaigns.templatetags.portal import ago, masked, number, pill

#: How many lines with problems are shown; the count has them all.
SHOWN_PROBLEMS = 50
SHOWN_LOG = 200
LOGGED = (Consent.Kind.OPTED_OUT, Consent.Kind.LIFTED, Consent.Kind.NOT_AN_OPTOUT)


class ScopeFilter(admin.SimpleListFilter):
    title = "scope"
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "All channels"), ("one", "One channel")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("all", "one"):
            return queryset
        return queryset.filter(channel__isnull=self.value() == "all")


@admin.register(OptOut)
class OptOutAdmin(FindsNumbers):
    form = OptOutForm
    change_form_template = "campaigns/optouts/optout.html"
    change_list_template = "campaigns/optouts/list.html"
    list_display = ("number_shown", "scope", "source_shown", "evidence_shown", "by", "asked")
    list_display_links = ("number_shown",)
    list_filter = ("source", ScopeFilter)
    list_select_related = ("by", "channel")
    search_fields = ("phone",)
    search_help_text = "A number in any spelling."
    actions = None

    def get_fields(self, request: HttpRequest, obj: OptOut | None = None) -> tuple[str, ...]:
        return ("source",) if obj else ("phone", "channel", "asked_on", "evidence")

    def has_change_permission(self, request: HttpRequest, obj: OptOut | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OptOut | None = None) -> bool:
        """Taken back by its own button, with evidence."""
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("many/", view(self.enter_many), name="campaigns_optout_many"),
            path("log/", view(self.show_log), name="campaigns_optout_log"),
            path("<int:pk>/lift/", view(self.lift), name="campaigns_optout_lift"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        warnings = [find_route_warning(sender) for sender in find_deaf_senders()]
        context = {"route_warnings": warnings, **(extra_context or {})}
        return super().changelist_view(request, context)

    # --- One -------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: OptOut, form: ModelForm, change: bool) -> None:
        row = record_optout(
            obj.phone,
            source=OptOut.Source.STAFF,
            evidence=obj.evidence,
            channel=obj.channel,
            asked_at=as_moment(form.cleaned_data["asked_on"]),
            by=request.user,
        )
        obj.pk = row.pk

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?phone=` comes from the page of a contact or a reply."""
        return {"phone": request.GET.get("phone", "")}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        optout = context.get("original")
        if optout is not None:
            context.update(
                log=_logged().filter(phone=optout.phone)[:50],
                may_lift=_may_lift(request) and optout.source != OptOut.Source.REVIEW,
            )
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Many ------------------------------------------------------------------------------------

    def enter_many(self, request: HttpRequest) -> HttpResponse:
        """First what the lines say, then, by another button, the opt-outs."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ManyForm(request.POST or None, request.FILES or None)
        preview = None
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                preview = look_at(said["numbers"], said["channel"])
                if "confirm" in request.POST:
                    return self._record_many(request, said, preview.new)
            except RuleBroken as problem:
                form.add_error(None, list(problem.problems))
        context = {"form": form, "preview": preview, "shown": SHOWN_PROBLEMS}
        return self._render(request, "many", "Enter many opt-outs", **context)

    def _record_many(
        self, request: HttpRequest, said: dict[str, Any], phones: list[str]
    ) -> HttpResponse:
        count = record_many(
            phones,
            source=OptOut.Source.FILE,
            evidence=said["evidence"],
            channel=said["channel"],
            asked_at=as_moment(said["asked_on"]),
            by=request.user,
        )
        words = "number is" if count == 1 else "numbers are"
        messages.success(request, f"{number(count)} {words} opted out from now on.")
        return redirect("admin:campaigns_optout_changelist")

    # --- Taking one back -------------------------------------------------------------------------

    def lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not _may_lift(request):
            raise PermissionDenied
        optout = get_object_or_404(OptOut.objects.select_related("channel"), pk=pk)
        form = LiftForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                lift_optout(
                    optout,
                    reason=said["reason"],
                    method=said["method"],
                    wording=said["wording"],
                    at=as_moment(said["agreed_on"]),
                    by=request.user,
                )
            except RuleBroken as problem:
                form.add_error(None, list(problem.problems))
            else:
                reach = explain_number(optout.phone, timezone.now())
                words = f"The opt-out of {masked(optout.phone)} is taken back. {reach}"
                messages.success(request, words)
                return redirect("admin:campaigns_optout_changelist")
        return self._render(request, "lift", "Take an opt-out back", form=form, optout=optout)

    def show_log(self, request: HttpRequest) -> HttpResponse:
        """The newest lines of the ledger about opting out."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"entries": _logged()[:SHOWN_LOG], "most": SHOWN_LOG}
        return self._render(request, "log", "Log of opt-outs", **context)

    def _render(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": title, **context}
        return render(request, f"campaigns/optouts/{template}.html", context)

    # --- Columns ---------------------------------------------------------------------------------

    @admin.display(description="Number", ordering="phone")
    def number_shown(self, optout: OptOut) -> str:
        return masked(optout.phone)

    @admin.display(description="On")
    def scope(self, optout: OptOut) -> str:
        return str(optout.channel or "all channels")

    @admin.display(description="How we know", ordering="source")
    def source_shown(self, optout: OptOut) -> str:
        if optout.source == OptOut.Source.REVIEW:
            return pill("Waits to be judged", "warn")
        return optout.get_source_display()

    @admin.display(description="Evidence")
    def evidence_shown(self, optout: OptOut) -> str:
        text = optout.evidence
        return f"{text[:100]}…" if len(text) > 100 else text or "–"

    @admin.display(description="Asked", ordering="asked_at")
    def asked(self, optout: OptOut) -> str:
        return ago(optout.asked_at)


def _logged() -> QuerySet[Consent]:
    """What tells of opting out; in which words somebody agreed is for who may see the ledger."""
    return Consent.objects.filter(kind__in=LOGGED).select_related("by", "channel")


def _may_lift(request: HttpRequest) -> bool:
    return request.user.has_perm("campaigns.delete_optout")
