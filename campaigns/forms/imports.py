"""The forms of an import: the file and its list, then how to read it."""

from typing import Any

from django import forms

from campaigns.models import ContactImport, ContactList
from campaigns.rules.columns import FIELDS
from campaigns.rules.phones import COUNTRIES
from campaigns.rules.rows import DELIMITERS, ENCODINGS

COUNTRY_HELP = "Numbers without a country code are read as numbers of this country."


class UploadForm(forms.Form):
    """A file, and an existing list or the name of a new one."""

    file = forms.FileField(
        label="File",
        allow_empty_file=True,  # the service has the sentence for it
        help_text="CSV or another text file with one person per line, up to 100 MB.",
        widget=forms.FileInput(
            attrs={"accept": ".csv,.tsv,.tab,.txt,text/csv,text/plain", "class": "drop"}
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

    encoding = forms.ChoiceField(choices=ENCODINGS)
    delimiter = forms.ChoiceField(label="Columns are parted by")
    has_header = forms.BooleanField(label="The first line names the columns", required=False)
    country = forms.ChoiceField(choices=COUNTRIES, help_text=COUNTRY_HELP)

    def __init__(self, *args: Any, contact_import: ContactImport, **kwargs: Any) -> None:
        initial = {
            "encoding": contact_import.encoding,
            "delimiter": contact_import.delimiter,
            "has_header": contact_import.has_header,
            "country": contact_import.country,
        }
        super().__init__(*args, initial=initial, **kwargs)
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
                choices=FIELDS,
                required=False,
                initial=contact_import.mapping.get(str(place), ""),
            )

    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.columns]

    def mapping(self) -> dict[int, str]:
        """Column number → contact field, as chosen."""
        return {place: self.cleaned_data[name] for place, name in enumerate(self.columns)}
