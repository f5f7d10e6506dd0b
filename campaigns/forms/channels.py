"""The channel form: what every channel has, and the fields its provider's interface asks for."""

import re
from typing import Any

from django import forms

from campaigns.models import Channel, Sender
from campaigns.services.channels import (
    channel_fields,
    channel_kinds,
    default_base_url,
    secret_endings,
)

SETTING, SECRET = "setting_", "secret_"


class ChannelForm(forms.ModelForm):
    """`channel_form(kind)` adds the provider's fields."""

    class Meta:
        model = Channel
        fields = (
            "name",
            "kind",
            "base_url",
            "requests_per_second",
            "connections",
            "size_limit",
            "transcodes",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance if self.instance.pk else None
        self._tell_endings(secret_endings(stored) if stored else {})
        for name, field in self.fields.items():
            if stored and name.startswith(SETTING):
                field.initial = stored.settings.get(name.removeprefix(SETTING), "")

    def _tell_endings(self, endings: dict[str, str]) -> None:
        for name, ending in endings.items():
            field = self.fields.get(f"{SECRET}{name}")
            if field is None:
                continue
            field.required = False
            saved = f"Saved, ends in ••••{ending}." if ending else "Saved."
            field.help_text = f"{saved} Leave empty to keep it. {field.help_text}".strip()
            field.widget.attrs["placeholder"] = f"••••••••{ending}"

    def provider_values(self, prefix: str) -> dict[str, str]:
        """The provider's fields as its gateway names them."""
        return {
            name.removeprefix(prefix): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }


def channel_form(kind: str, *, choose_kind: bool) -> type[ChannelForm]:
    """The form for one kind; which kind it is can be chosen only for a new channel."""
    fields: dict[str, forms.Field] = {
        "kind": forms.ChoiceField(
            label="Interface",
            choices=channel_kinds(),
            initial=kind,
            disabled=not choose_kind,
            help_text="Which of the provider's interfaces your account uses.",
        ),
        "base_url": forms.URLField(
            label="Base URL",
            initial=default_base_url(kind),
            assume_scheme="https",
            help_text="Where requests go. Change it only if your provider told you to.",
        ),
    }
    for item in channel_fields(kind):
        name = f"{SECRET if item.secret else SETTING}{item.name}"
        widget = (
            forms.PasswordInput(attrs={"autocomplete": "new-password"})
            if item.secret
            else forms.TextInput
        )
        fields[name] = forms.CharField(
            label=item.label, required=item.required, help_text=item.help, widget=widget
        )
    return type("ProviderChannelForm", (ChannelForm,), fields)


class SenderForm(forms.ModelForm):
    number = forms.CharField(
        max_length=40, help_text="With its country code, in any spelling; a short code as it is."
    )

    class Meta:
        model = Sender
        fields = ("number", "kind", "replies_reach_us", "network_confirms")

    def clean_number(self) -> str:
        """Digits only, however it was pasted; three of them are a short code, fifteen the most."""
        number = re.sub(r"[\s().+-]", "", self.cleaned_data["number"])
        if not re.fullmatch(r"[0-9]{3,15}", number):
            raise forms.ValidationError(
                "Write the number as digits with its country code, for example 12015550123."
            )
        return number

    def clean(self) -> dict[str, Any]:
        """A toll-free number's network confirms opt-outs unless somebody says otherwise later."""
        cleaned = super().clean()
        if cleaned.get("kind") == Sender.Kind.TOLL_FREE and "kind" in self.changed_data:
            cleaned["network_confirms"] = True
        return cleaned


class SenderFormSet(forms.BaseInlineFormSet):
    def add_fields(self, form: forms.Form, index: int | None) -> None:
        """The table has a head for the eye only: each field says its own name."""
        super().add_fields(form, index)
        for field in form.visible_fields():
            field.field.widget.attrs["aria-label"] = field.label
