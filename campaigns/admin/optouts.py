"""Opt-outs: evidence is added, never changed or taken away."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from campaigns.admin.reading import FindsNumbers
from campaigns.forms.optouts import OptOutForm
from campaigns.models import OptOut
from campaigns.services.optouts import record_optout
from campaigns.templatetags.portal import ago, masked


@admin.register(OptOut)
class OptOutAdmin(FindsNumbers):
    form = OptOutForm
    change_form_template = "campaigns/optouts/optout.html"
    change_list_template = "campaigns/optouts/list.html"
    list_display = ("number_shown", "source", "evidence_shown", "by", "when")
    list_display_links = ("number_shown",)
    list_filter = ("source",)
    list_select_related = ("by",)
    search_fields = ("phone",)
    search_help_text = "A number in any spelling."
    actions = None

    def get_fields(self, request: HttpRequest, obj: OptOut | None = None) -> tuple[str, ...]:
        return ("source",) if obj else ("phone", "evidence")

    def has_change_permission(self, request: HttpRequest, obj: OptOut | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OptOut | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: OptOut, form: ModelForm, change: bool) -> None:
        row = record_optout(
            obj.phone, source=OptOut.Source.STAFF, evidence=obj.evidence, by=request.user
        )
        obj.pk = row.pk

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?phone=` comes from the page of a contact or a reply."""
        return {"phone": request.GET.get("phone", "")}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="Number", ordering="phone")
    def number_shown(self, optout: OptOut) -> str:
        return masked(optout.phone)

    @admin.display(description="Evidence")
    def evidence_shown(self, optout: OptOut) -> str:
        text = optout.evidence
        return f"{text[:100]}…" if len(text) > 100 else text or "–"

    @admin.display(description="Since", ordering="id")
    def when(self, optout: OptOut) -> str:
        return ago(optout.created_at)
