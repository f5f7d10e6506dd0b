"""The form of a contact: who they are, where, what else is known, and how they agreed."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone

from campaigns.forms.audience import PhoneField
from campaigns.models import Contact, ContactList, CustomField
from campaigns.rules.consent import ConsentMethod
from campaigns.rules.customfields import FieldKind, parse_value
from campaigns.rules.mergefields import as_text
from campaigns.rules.problems import RuleBroken
from campaigns.rules.regions import parse_postal_code
from campaigns.rules.states import STATES
from campaigns.services.contact_changes import Agreement
from campaigns.services.customfields_values import convert, fits

COMMON_ZONES = {
    "America/New_York": "Eastern time (New York)",
    "America/Chicago": "Central time (Chicago)",
    "America/Denver": "Mountain time (Denver)",
    "America/Phoenix": "Arizona time (Phoenix)",
    "America/Los_Angeles": "Pacific time (Los Angeles)",
    "America/Anchorage": "Alaska time (Anchorage)",
    "Pacific/Honolulu": "Hawaii time (Honolulu)",
    "America/Puerto_Rico": "Puerto Rico",
    "America/Halifax": "Atlantic time (Halifax)",
    "America/Toronto": "Eastern time (Toronto)",
    "America/Winnipeg": "Central time (Winnipeg)",
    "America/Regina": "Saskatchewan (Regina)",
    "America/Edmonton": "Mountain time (Edmonton)",
    "America/Vancouver": "Pacific time (Vancouver)",
    "America/St_Johns": "Newfoundland (St. John’s)",
}
NO_CONSENT_YET = ""
#: A text as long as this gets more than one line.
LONG = 100
#: What the form writes besides the fields of people's own.
PERSON = ("phone", "first_name", "last_name", "email")
PLACE = ("state", "postal_code", "time_zone")
CONSENT = ("method", "wording", "source", "agreed_on")


def _zones(now: str) -> list[tuple[str, Any]]:
    others = sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc/"))
    others = [(z, z.replace("_", " ")) for z in others if z not in COMMON_ZONES]
    groups = [("", "By their number and state"), ("Common", [*COMMON_ZONES.items()])]
    if now and now not in COMMON_ZONES and now not in dict(others):
        groups.append((now, now))
    return [*groups, ("All others", others)]


def _states(now: str) -> list[tuple[str, Any]]:
    by_country: dict[str, list[tuple[str, str]]] = {"US": [], "CA": []}
    for code, state in STATES.items():
        named = (code, f"{state.name} ({code})")
        by_country["CA" if state.country == "CA" else "US"].append(named)
    groups: list[tuple[str, Any]] = [("", "Not known")]
    if now and now not in STATES:
        groups.append((now, now))
    return [
        *groups,
        ("USA", sorted(by_country["US"], key=lambda named: named[1])),
        ("Canada", sorted(by_country["CA"], key=lambda named: named[1])),
    ]


class ContactForm(forms.ModelForm):
    phone = PhoneField()
    state = forms.ChoiceField(label="State or province", required=False)
    time_zone = forms.ChoiceField(
        required=False, help_text="Only if they live by another clock than their number tells."
    )
    lists = forms.ModelMultipleChoiceField(
        ContactList.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    method = forms.ChoiceField(
        choices=[(NO_CONSENT_YET, "No consent yet"), *ConsentMethod.choices],
        required=False,
        label="How did they agree?",
        help_text="To be written to by text message. Without consent no campaign reaches them.",
    )
    wording = forms.CharField(
        required=False,
        label="Exact wording",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What they read or heard when they agreed.",
    )
    source = forms.CharField(
        required=False,
        label="Where it is kept",
        max_length=300,
        help_text="The form, page, file or paper that proves it.",
    )
    agreed_on = forms.DateField(
        required=False,
        label="When",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Leave it empty for today.",
    )

    class Meta:
        model = Contact
        fields = (*PERSON, *PLACE)

    #: Names of the form's inputs → the fields of people's own; set by `with_custom_fields`.
    custom: dict[str, CustomField] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            self.fields["time_zone"].choices = _zones(self.instance.time_zone)
            self.fields["state"].choices = _states(self.instance.state)
        if self.instance.pk and "lists" in self.fields:
            self.fields["lists"].initial = self.instance.lists.all()
        for name, field in self.custom.items():
            if name in self.fields:
                self.fields[name].initial = _initial(field, self.instance)

    def clean_postal_code(self) -> str:
        text = self.cleaned_data["postal_code"].strip()
        if not text or text == self.instance.postal_code:
            return text
        try:
            return parse_postal_code(text)
        except RuleBroken as broken:
            raise forms.ValidationError(list(broken.problems)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._clean_agreement(cleaned)
        for name, field in self.custom.items():
            if name in cleaned:
                self._clean_custom(name, field, str(cleaned[name] or ""))
        return cleaned

    def _clean_agreement(self, cleaned: dict[str, Any]) -> None:
        given = [name for name in ("wording", "source", "agreed_on") if cleaned.get(name)]
        if given and not cleaned.get("method"):
            self.add_error("method", "Say how they agreed, or leave the lines below empty.")
        if cleaned.get("method") and not cleaned.get("source"):
            self.add_error("source", "Say where the consent is kept: it has to be proved one day.")
        day = cleaned.get("agreed_on")
        if day and day > timezone.localdate():
            self.add_error("agreed_on", "Nobody has agreed in the future: write the day they did.")

    def _clean_custom(self, name: str, field: CustomField, text: str) -> None:
        """A value of an older type stays as long as nobody touches it."""
        if not text.strip() or text == _initial(field, self.instance):
            return
        try:
            parse_value(field.kind, text, field.choices)
        except RuleBroken as broken:
            self.add_error(name, list(broken.problems))

    def agreement(self) -> Agreement | None:
        """How they agreed, as it was filled in."""
        data = self.cleaned_data
        if not data.get("method"):
            return None
        day = data["agreed_on"]
        is_earlier = day and day < timezone.localdate()
        at = timezone.make_aware(datetime.combine(day, time(12))) if is_earlier else None
        return Agreement(data["method"], data["wording"].strip(), data["source"].strip(), at)

    def attributes(self) -> dict[str, Any]:
        """All attributes as they are to be kept; those without a field stay as they are."""
        kept = dict(self.instance.attributes)
        for name, field in self.custom.items():
            if self.add_prefix(name) not in self.data:  # a field made meanwhile
                continue
            text = str(self.cleaned_data[name] or "")
            if text == _initial(field, self.instance):
                continue
            kept.pop(field.former_name, None)
            kept.pop(field.name, None)
            if text.strip():
                kept[field.name] = parse_value(field.kind, text, field.choices)
        return kept


def _initial(field: CustomField, contact: Contact) -> str:
    """The value as its input shows it; of a field that is being renamed, maybe the old one."""
    value = contact.attributes.get(field.name, contact.attributes.get(field.former_name or ""))
    return as_text(value)


def with_custom_fields(
    form: type[ContactForm], contact: Contact | None, shown: Iterable[str]
) -> type[ContactForm]:
    """The form with an input for each field of people's own, named after its id (names of fields
    may be anything), and without its own inputs that are not shown."""
    custom = {f"field_{field.pk}": field for field in CustomField.objects.all()}
    inputs: dict[str, Any] = {name: _input(field, contact) for name, field in custom.items()}
    hidden = dict.fromkeys({*form.declared_fields} - {*shown})
    return type("ContactForm", (form,), {**inputs, **hidden, "custom": custom})


def _input(field: CustomField, contact: Contact | None) -> forms.Field:
    """What the type asks for; a value that is not written as the type writes it, as it is."""
    kept = _initial(field, contact) if contact else ""
    is_odd = as_text(convert(field.kind, kept, field.choices)) != kept or not _fits(field, kept)
    told = "“{}” does not fit the type any more; it stays until you change it."
    help_text = "" if _fits(field, kept) else told.format(kept[:60])
    options = {"label": field.name, "required": False, "help_text": help_text}
    if field.kind in (FieldKind.CHOICE, FieldKind.YES_NO):
        return forms.ChoiceField(choices=[*_choices(field, kept if is_odd else "")], **options)
    widget: forms.Widget = forms.TextInput()
    if field.kind == FieldKind.NUMBER:
        widget.attrs["inputmode"] = "decimal"
    elif field.kind == FieldKind.DATE and not is_odd:
        widget = forms.TextInput(attrs={"type": "date"})
    elif field.kind == FieldKind.TEXT and ("\n" in kept or len(kept) > LONG):
        widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(widget=widget, **options)


def _fits(field: CustomField, kept: str) -> bool:
    return not kept or fits(field.kind, kept, field.choices)


def _choices(field: CustomField, odd: str) -> Iterator[tuple[str, str]]:
    yield "", "–"
    if odd:
        yield odd, odd
    if field.kind == FieldKind.YES_NO:
        yield from (("yes", "Yes"), ("no", "No"))
    else:
        yield from ((choice, choice) for choice in field.choices)
