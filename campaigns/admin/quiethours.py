"""Quiet hours: the table as bars of the day, its lines and presets, and what holds where."""

from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from campaigns.forms.quiethours import QuietHoursForm, WhereForm
from campaigns.models import QuietHours
from campaigns.rules.countries import name_of
from campaigns.rules.quiethours import DayKind
from campaigns.services import quiethours as services
from campaigns.services.quiethours_week import Answer, Span, find_answer

_DAYS = {kind: number for number, kind in enumerate(DayKind)}
_SAID = {
    "defaults": "The defaults hold from now on.",
    "safe": "From now on messages go out from 9 to 20 everywhere.",
}


@admin.register(QuietHours)
class QuietHoursAdmin(admin.ModelAdmin):
    form = QuietHoursForm
    change_form_template = "campaigns/quiethours/line.html"
    actions = None
    fieldsets = (
        ("Where", {"fields": ("country", "state")}),
        ("When messages may go out", {"fields": ("day", "is_closed", "opens_at", "closes_at")}),
        (None, {"fields": ("note",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        use = self.admin_site.admin_view(require_POST(self.use_preset))
        return [
            path("use/<slug:preset>/", use, name="campaigns_quiethours_use"),
            *super().get_urls(),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: QuietHours | None = None) -> bool:
        """The line that holds where no other does stays."""
        return super().has_delete_permission(request, obj) and not (obj and obj.is_base)

    # --- The table -------------------------------------------------------------------------------

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        form = WhereForm(request.GET if "where" in request.GET else None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Quiet hours",
            "groups": _groups(),
            "form": form,
            "answer": _answer(form),
            "may_change": self.has_change_permission(request),
            "is_open": services.is_open_around_the_clock(),
            "is_demo": bool(settings.SANDBOX),
        }
        return render(request, "campaigns/quiethours/table.html", context)

    def use_preset(self, request: HttpRequest, preset: str) -> HttpResponse:
        if not self.has_change_permission(request) or not self.has_delete_permission(request):
            raise PermissionDenied
        if preset in services.PRESETS:
            services.replace_table(preset, by=request.user)
            messages.success(request, _SAID[preset])
        return redirect("admin:campaigns_quiethours_changelist")

    # --- A line ----------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: QuietHours | None = None) -> Any:
        """Who only looks sees what is kept."""
        if obj and not self.has_change_permission(request, obj):
            return [
                (None, {"fields": ("country", "state", "day", "opens_at", "closes_at", "note")})
            ]
        return super().get_fieldsets(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: QuietHours, form: ModelForm, change: bool
    ) -> None:
        services.save_line(obj, by=request.user)

    def response_add(
        self, request: HttpRequest, obj: QuietHours, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: QuietHours) -> HttpResponse:
        messages.success(request, f"Saved: {obj}, {obj.hours}.")
        return redirect("admin:campaigns_quiethours_changelist")

    def delete_model(self, request: HttpRequest, obj: QuietHours) -> None:
        services.delete_line(obj, by=request.user)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """The audit has it."""


def _answer(form: WhereForm) -> Answer | None:
    if not form.is_bound or not form.is_valid():
        return None
    table = services.read_table()
    return find_answer(table, form.cleaned_data["where"], form.cleaned_data["moment"])


def _groups() -> list[tuple[str, list[dict[str, Any]]]]:
    """(country, its lines with their bars): everywhere first, each in the order of the days."""
    lines = sorted(
        QuietHours.objects.all(),
        key=lambda line: (name_of(line.country), bool(line.state), line.where, _DAYS[line.day]),
    )
    return [
        (name_of(country) or "Everywhere", [_drawn(line) for line in group])
        for country, group in groupby(lines, key=lambda line: line.country)
    ]


def _drawn(line: QuietHours) -> dict[str, Any]:
    return {"line": line, "spans": _spans(line)}


def _spans(line: QuietHours) -> tuple[Span, ...]:
    if line.opens_at is None or line.closes_at is None:
        return ()
    start = line.opens_at.hour * 60 + line.opens_at.minute
    end = line.closes_at.hour * 60 + line.closes_at.minute
    return (Span(start, (1440 if end == 1439 else end) - start),)
