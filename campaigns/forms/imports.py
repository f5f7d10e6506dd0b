"""The forms of an import: the file and its list, how to read it, and where the consent is from."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from campaigns.models import ContactImport, ContactList
from campaigns.rules.columns import FIELDS
from campaigns.rules.consent import ConsentMethod
from campaigns.rules.customfields import FieldKind
from campaigns.rules.phones import COUNTRIES
from campaigns.rules.rows import DELIMITERS, ENCODINGS
from campaigns.services.import_consent import NOBODY_AGREED, Agreed, find_agreed_problems
from campaigns.services.imports import ENDINGS, MOST_BYTES

COUNTRY_HELP = "Numbers without a country code are read as numbers of this country."
MOST_SAID = filesizeformat(MOST_BYTES).replace(".0", "")
#: What a column may hold, in groups. A choice needs its list first, so it is not offered here.
COLUMN_CHOICES = [
    ("", FIELDS[""]),
    ("Person", [(key, words) for key, words in FIELDS.items() if key not in ("", "attribute")]),
    (
        "Extra field",
        [
            ("attribute", FIELDS["attribute"]),
            *(
                (f"attribute:{kind.value}", f"Keep as {kind.label.lower()}")
                for kind in FieldKind
                if kind != FieldKind.CHOICE
            ),
        ],
    ),
]


class UploadForm(forms.Form):
    """A file, and an existing list or the name of a new one."""

    file = forms.FileField(
        label="Drop a file here, or choose one",
        allow_empty_file=True,  # the service has the sentence for it
        help_text=f"CSV, TSV or Excel workbook (XLSX), one person per line, up to {MOST_SAID}.",
        widget=forms.FileInput(
            attrs={
                "accept": ",".join(ENDINGS),
                "class": "drop",
                "data-most": MOST_BYTES,
                "data-most-said": MOST_SAID,
            }
        ),
    )
    contact_list = forms.ModelChoiceField(
        ContactList.objects.all(), label="Put them on", required=False, empty_label="a new list"
    )
    list_name = forms.CharField(
        label="Name of the new list", max_length=120, required=False, strip=True
    )
    country = forms.ChoiceField(choices=COUNTRIES, initial="US", help_text=COUNTRY_HELP)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("contact_list") and cleaned.get("list_name"):
            self.add_error("list_name", "Choose a list or name a new one, not both.")
        elif not cleaned.get("contact_list") and not cleaned.get("list_name"):
            self.add_error("list_name", "Give the new list a name, or choose a list above.")
        return cleaned


class LayoutForm(forms.Form):
    """How a file is read; one field per column says what the column holds."""

    sheet = forms.ChoiceField()
    encoding = forms.ChoiceField(choices=ENCODINGS)
    delimiter = forms.ChoiceField(label="Columns are parted by")
    has_header = forms.BooleanField(label="The first line names the columns", required=False)
    country = forms.ChoiceField(label="Country of short numbers", choices=COUNTRIES)
    winner = forms.ChoiceField(label="Which line counts", choices=ContactImport.Winner)
    unusable = forms.ChoiceField(
        label="A cell that cannot be used", choices=ContactImport.Unusable, required=False
    )

    def __init__(
        self, *args: Any, contact_import: ContactImport, sheets: list[str], **kwargs: Any
    ) -> None:
        names = ("sheet", "encoding", "delimiter", "has_header", "country", "winner", "unusable")
        initial = {name: getattr(contact_import, name) for name in names}
        super().__init__(*args, initial=initial, **kwargs)
        for name in ("encoding", "delimiter") if sheets else ("sheet",):
            del self.fields[name]
        if sheets:
            self.fields["sheet"].choices = [(sheet, sheet) for sheet in sheets]
        else:
            own = contact_import.delimiter  # a file may name its own on a “sep=” line
            self.fields["delimiter"].choices = {own: own, **DELIMITERS}
        if contact_import.country not in COUNTRIES:  # the command takes every country
            code = contact_import.country
            self.fields["country"].choices = {code: code, **COUNTRIES}
        self._add_columns(contact_import)

    def _add_columns(self, contact_import: ContactImport) -> None:
        self.columns = [f"column_{place}" for place in range(len(contact_import.columns))]
        for place, (field, name) in enumerate(
            zip(self.columns, contact_import.columns, strict=True)
        ):
            self.fields[field] = forms.ChoiceField(
                label=name,
                choices=COLUMN_CHOICES,
                required=False,
                initial=contact_import.mapping.get(str(place), ""),
            )

    def reading_fields(self) -> list[forms.BoundField]:
        """Those that say how the file is read, besides its header."""
        names = ("sheet", "encoding", "delimiter", "country")
        return [self[name] for name in names if name in self.fields]

    def column_fields(self, kinds: Mapping[int, str]) -> list[tuple[forms.BoundField, str]]:
        """Each with the words for its type, if it is an extra field."""
        return [(self[name], kinds.get(place, "")) for place, name in enumerate(self.columns)]

    def clean_unusable(self) -> str:
        """A page that did not ask changes nothing."""
        return self.cleaned_data["unusable"] or self.initial["unusable"]

    def layout(self) -> dict[str, Any]:
        """How the file is read, as chosen."""
        return {name: v for name, v in self.cleaned_data.items() if name not in self.columns}

    def mapping(self) -> dict[int, str]:
        """Column number → contact field, as chosen."""
        return {place: self.cleaned_data[name] for place, name in enumerate(self.columns)}


class AgreedForm(forms.Form):
    """How, to which words, where and since when they agreed; or that nobody did."""

    NOBODY = "nobody"

    method = forms.ChoiceField(
        label="How they agreed",
        choices=[
            ("", "Choose …"),
            *ConsentMethod.choices,
            (NOBODY, "They did not: I have no consent"),
        ],
        required=False,
    )
    wording = forms.CharField(
        label="The exact words they agreed to",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="As they stood beside the box, or were said: it is the evidence you will need.",
    )
    source = forms.CharField(
        label="Where",
        max_length=300,
        required=False,
        help_text="The address of the form, the event, the shop, the number they texted.",
    )
    since = forms.DateField(
        label="Since when",
        required=False,
        help_text="The day on which the last of them agreed.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        problems = find_agreed_problems(self.agreed(), timezone.now())
        if not cleaned.get("method"):  # the others follow from it
            problems = {"method": "Say how they agreed, or that they did not."}
        for name, problem in problems.items():
            field = "since" if name == "at" else name
            if field not in self.errors:
                self.add_error(field, problem)
        return cleaned

    def agreed(self) -> Agreed:
        """As a service takes it."""
        said = self.cleaned_data
        if said.get("method") == self.NOBODY:
            return NOBODY_AGREED
        day = said.get("since")
        at = timezone.make_aware(datetime.combine(day, time())) if day else None
        return Agreed(said.get("method", ""), said.get("wording", ""), said.get("source", ""), at)
