"""Fields: what people keep about contacts besides names and numbers."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from campaigns.forms.customfields import CustomFieldForm
from campaigns.models import CustomField
from campaigns.rules.problems import RuleBroken
from campaigns.services.customfields import Use, delete_field, find_uses, save_field
from campaigns.services.customfields_values import count_values
from campaigns.templatetags.portal import number


@admin.register(CustomField)
class CustomFieldAdmin(admin.ModelAdmin):
    form = CustomFieldForm
    change_form_template = "campaigns/audience/field.html"
    change_list_template = "campaigns/audience/fields.html"
    list_display = ("name", "kind", "choices_shown", "position")
    fields = ("name", "kind", "lines", "position")
    actions = None
    ordering = ("position", "name")

    def save_model(
        self, request: HttpRequest, obj: CustomField, form: ModelForm, change: bool
    ) -> None:
        if not save_field(obj, by=request.user):
            told = "Its values are being moved; until that is done some stand under the old name."
            self.message_user(request, told, messages.INFO)
        if change and form.initial.get("name") != obj.name:
            self._tell_merge_fields(request, str(form.initial.get("name")))

    def _tell_merge_fields(self, request: HttpRequest, former: str) -> None:
        """Segments follow a new name by themselves; what is written in an MMS does not."""
        if mms := [f"“{use.row}”" for use in find_uses(former) if use.word == "MMS"]:
            told = f"These MMS still have the field {former}: {', '.join(mms)}. Change it there."
            self.message_user(request, told, messages.WARNING)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the service finds wrong is told above the form, which keeps what was typed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except RuleBroken as broken:
            request.broken = broken  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: CustomField | None = None, change: bool = False, **kw: Any
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change, **kw)
        broken: RuleBroken | None = getattr(request, "broken", None)
        return _refusing(form, broken) if broken else form

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        field = self.get_object(request, object_id)
        found = {"uses": [_linked(use) for use in find_uses(field.name)]} if field else {}
        return super().change_view(request, object_id, form_url, {**found, **(extra_context or {})})

    def delete_model(self, request: HttpRequest, obj: CustomField) -> None:
        delete_field(obj, by=request.user)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """How many have a value, which stays, and what asks for the field."""
        field = objs[0]
        count = count_values(field.name)
        who = "1 contact has" if count == 1 else f"{number(count)} contacts have"
        told = [f"{who} a value. It stays with them, as text without a type."]
        told += [f"The {use.word} “{use.row}” uses it." for use in find_uses(field.name)]
        return told, {"fields": 1}, set(), []

    @admin.display(description="Choices")
    def choices_shown(self, field: CustomField) -> str:
        text = ", ".join(field.choices)
        return f"{text[:80]}…" if len(text) > 80 else text or "–"


def _linked(use: Use) -> dict[str, Any]:
    """A use with the address of its page."""
    page = f"admin:campaigns_{use.row._meta.model_name}_change"
    return {"word": use.word, "row": use.row, "url": reverse(page, args=[use.row.pk])}


def _refusing(form: type[ModelForm], broken: RuleBroken) -> type[ModelForm]:
    """The form with the problems that the service found."""

    def clean(self: Any) -> dict[str, Any]:
        super(refusing, self).clean()
        raise ValidationError(list(broken.problems))

    refusing = type(form.__name__, (form,), {"clean": clean})
    return refusing
