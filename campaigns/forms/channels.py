"""The channel form: what every channel has, and the fields its provider's interface asks for."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.formats import date_format

from campaigns.models import Channel, Sender
from campaigns.rules.looks import write_number
from campaigns.services.channel_kinds import (
    Field,
    base_urls,
    channel_fields,
    channel_kinds,
    default_base_url,
    kind_limits,
    kinds_that,
)
from campaigns.services.channel_secrets import overlap_ends, secret_endings
from campaigns.services.standins import find_candidates, find_sender_problems

SETTING, SECRET = "setting_", "secret_"
REGION = f"{SETTING}region"
NO_SPACES = "A secret has no spaces: copy it alone, without anything around it."
AS_SMS = (
    "An outage is when nothing has gone through for 5 minutes. As SMS leave the words of the “SMS "
    "instead”, alone and without a link to the MMS, as fast as the other channel sends; what has "
    "none is held. Once this channel is well, all goes by it again. Nobody gets both."
)
NO_CANDIDATE = (
    "It can be sent as SMS once another channel here has a number that sends SMS: one of the "
    "Conversation API or the SMS REST API."
)
_AGAIN = "Type the {label} again: a form that is refused keeps no secrets."
_AGAIN_OR_KEEP = (
    "Type the new {label} again, or leave it empty to keep the saved one: a form that is refused "
    "keeps no secrets."
)


class StandInField(forms.ModelChoiceField):
    """What becomes of messages while nothing goes through: held, or sent as SMS from a number."""

    def __init__(self, channel: Channel) -> None:
        candidates = find_candidates(channel)
        super().__init__(
            candidates,
            label="What waits is",
            required=False,
            empty_label="Held until the channel is well",
            help_text=AS_SMS if candidates.exists() else NO_CANDIDATE,
        )

    def label_from_instance(self, sender: Sender) -> str:
        return f"Sent as SMS from {write_number(sender.number)} by “{sender.channel}”"


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
            "polls",
            "outage_sender",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outage_sender"] = StandInField(self.instance)
        stored = self.instance if self.instance.pk else None
        if stored:
            self._tell_endings(secret_endings(stored), overlap_ends(stored, timezone.now()))
        for name, field in self.fields.items():
            if stored and name.startswith(SETTING):
                field.initial = stored.settings.get(name.removeprefix(SETTING), "")

    def _tell_endings(self, endings: dict[str, str], overlaps: dict[str, datetime]) -> None:
        for name, ending in endings.items():
            field = self.fields.get(f"{SECRET}{name}")
            if field is None:
                continue
            field.required = False
            saved = f"Saved, ends in ••••{ending}." if ending else "Saved."
            if until := overlaps.get(name):
                shown = date_format(timezone.localtime(until), "j M Y, H:i T")
                saved += f" The one before is accepted until {shown}."
            field.help_text = f"{saved} Leave empty to keep it. {field.help_text}".strip()
            field.widget.attrs["placeholder"] = f"••••••••{ending}"

    def clean(self) -> dict[str, Any]:
        """The region fills the address, unless that is none of the provider's."""
        cleaned = super().clean()
        known = base_urls(cleaned["kind"]) if cleaned.get("kind") else {}
        region, base_url = cleaned.get(REGION), cleaned.get("base_url", "")
        if region in known and base_url.rstrip("/") in {url.rstrip("/") for url in known.values()}:
            cleaned["base_url"] = known[region]
        return cleaned

    def clean_outage_sender(self) -> Sender | None:
        """One that was chosen before may have been paused since: then it is only told."""
        sender = self.cleaned_data["outage_sender"]
        if "outage_sender" in self.changed_data:
            problems = [*find_sender_problems(self.instance, sender)]
            if problems:
                raise forms.ValidationError(problems)
        return sender

    def tell_what_is_lost(self) -> None:
        """Shown again, the form holds no secret that was typed: say so where it was."""
        for name, field in self.fields.items():
            typed = name.startswith(SECRET) and self.data.get(self.add_prefix(name))
            if typed and name not in self.errors:
                said = _AGAIN if field.required or not self.instance.pk else _AGAIN_OR_KEEP
                self.add_error(name, said.format(label=field.label))

    def provider_values(self, prefix: str) -> dict[str, str]:
        """The provider's fields as its gateway names them."""
        return {
            name.removeprefix(prefix): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }


def field_name(item: Field) -> str:
    """How a field of the provider is called in the form."""
    return f"{SECRET if item.secret else SETTING}{item.name}"


def channel_form(kind: str, *, choose_kind: bool) -> type[ChannelForm]:
    """The form for one kind; which kind it is can be chosen only for a new channel."""
    fields: dict[str, Any] = {
        "kind": forms.ChoiceField(
            label="Interface",
            choices=channel_kinds(),
            initial=kind,
            disabled=not choose_kind,
            help_text="Which of the provider's interfaces your account uses. Another one asks "
            "other things.",
            widget=forms.Select(attrs={"data-kind": ""}),
        ),
        "base_url": forms.URLField(
            label="Base URL",
            initial=default_base_url(kind),
            assume_scheme="https",
            help_text="Where requests go. Change it only if your provider told you to.",
            widget=forms.URLInput(attrs={"data-regions": json.dumps(dict(base_urls(kind)))}),
        ),
        **{field_name(item): _form_field(item) for item in channel_fields(kind)},
    }
    if kind_limits(kind).batch > 1:
        fields["requests_per_second"] = Channel._meta.get_field("requests_per_second").formfield(
            label="Messages per second",
            help_text="What your contract allows. Each person of a batch counts.",
        )
    if kind not in kinds_that("poll"):
        fields["polls"] = None  # this is how Django leaves out a field of the model
    return type("ProviderChannelForm", (ChannelForm,), fields)


def _form_field(item: Field) -> forms.Field:
    shared = {"label": item.label, "required": item.required, "help_text": item.help}
    if item.choices:
        return forms.ChoiceField(choices=item.choices, **shared)
    if not item.secret:
        return forms.CharField(**shared)
    kept = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    # Two that overlap are told apart by the space between them (`gateways/signature.py`).
    rules = [RegexValidator(r"\A\S*\Z", NO_SPACES)] if item.overlaps else []
    return forms.CharField(widget=kept, validators=rules, **shared)
