"""A line of the quiet hours, and the question what holds where."""

from datetime import time
from typing import Any

from django import forms
from django.utils import timezone

from campaigns.models import QuietHours
from campaigns.rules.countries import countries, name_of
from campaigns.rules.places import Place
from campaigns.rules.problems import RuleBroken
from campaigns.rules.regions import parse_state
from campaigns.rules.states import STATES
from campaigns.services.quiethours_week import read_place

#: Whose states we know.
_KNOWN = ("US", "CA")
#: Countries by their code, states of the USA in the table.
_TERRITORIES = ("AS", "GU", "MP", "PR", "VI")
#: Closing at midnight is the end of the day, not its beginning.
END_OF_DAY = time(23, 59)


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class QuietHoursForm(forms.ModelForm):
    country = forms.ChoiceField(required=False)
    state = forms.CharField(
        label="State or province",
        required=False,
        max_length=40,
        help_text="A name or two letters, such as Florida or FL. Empty: all of the country.",
    )
    opens_at = forms.TimeField(label="From", required=False, widget=ClockInput)
    closes_at = forms.TimeField(
        label="Until",
        required=False,
        widget=ClockInput,
        help_text="By the recipient’s own clock. 00:00 and 23:59 mean the end of the day.",
    )
    is_closed = forms.BooleanField(
        label="Closed: nothing goes out on such a day", required=False, initial=False
    )

    class Meta:
        model = QuietHours
        fields = ("country", "state", "day", "opens_at", "closes_at", "note")

    field_order = ("country", "state", "day", "is_closed", "opens_at", "closes_at", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "day" not in self.fields:  # it is only looked at
            return
        names = countries()
        first = [("", "Everywhere"), *((code, names[code]) for code in _KNOWN)]
        self.fields["country"].choices = first + [
            (code, name) for code, name in names.items() if code not in _KNOWN
        ]
        line = self.instance
        self.fields["is_closed"].initial = bool(line.pk) and line.opens_at is None
        for name in ("country", "state", "day"):
            self.fields[name].disabled = bool(line.pk) and line.is_base

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self._clean_place(given)
        self._clean_hours(given)
        return given

    def _clean_place(self, given: dict[str, Any]) -> None:
        country, state = given.get("country", ""), given.get("state", "").strip()
        if country in _TERRITORIES and not state:
            country, state = "US", country
        if state and country in ("", *_KNOWN):
            try:
                state = parse_state(state)
            except RuleBroken as problem:
                self.add_error("state", str(problem))
                return
            if country and STATES[state].country != country:
                name, country = STATES[state].name, name_of(STATES[state].country)
                self.add_error("state", f"{name} is a part of {country}: choose that country.")
                return
            country = STATES[state].country
        elif state and not (state.isascii() and state.isalnum() and len(state) <= 3):
            self.add_error("state", "Write the code of the state, at most three letters.")
            return
        given["country"], given["state"] = country, state.upper()

    def _clean_hours(self, given: dict[str, Any]) -> None:
        if given.get("is_closed"):
            given["opens_at"] = given["closes_at"] = None
            return
        if "opens_at" in self.errors or "closes_at" in self.errors:
            return
        if given["closes_at"] == time(0):
            given["closes_at"] = END_OF_DAY
        for name, words in (("opens_at", "from when"), ("closes_at", "until when")):
            if given.get(name) is None:
                self.add_error(name, f"Say {words} messages may go out, or tick “Closed”.")
        opens_at, closes_at = given.get("opens_at"), given.get("closes_at")
        if opens_at and closes_at and opens_at >= closes_at:
            self.add_error(
                "closes_at",
                "It must close later on the same day than it opens: a window does not cross"
                " midnight. Write 23:59 for the end of the day.",
            )

    def _get_validation_exclusions(self) -> set[str]:
        """The constraints of the table are told in our own words."""
        return super()._get_validation_exclusions() | {"day", "opens_at"}

    def _post_clean(self) -> None:
        super()._post_clean()
        line = self.instance
        same = QuietHours.objects.filter(country=line.country, state=line.state, day=line.day)
        if not self.errors and same.exclude(pk=line.pk).exists():
            self.add_error(None, f"There is already a line for “{line}”: change that one.")


class WhereForm(forms.Form):
    """Of whom, and when; the moment is by the clock of the portal."""

    where = forms.CharField(
        label="Number, state or time zone",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "(305) 555-0123", "autocomplete": "off"}),
    )
    moment = forms.DateTimeField(
        label="When",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = timezone.localtime().strftime("%Z")
        self.fields["moment"].label = f"When ({zone})"
        self.fields["moment"].help_text = "Empty: now."

    def clean_where(self) -> Place:
        try:
            return read_place(self.cleaned_data["where"])
        except RuleBroken as problem:
            raise forms.ValidationError(list(problem.problems)) from None

    def clean_moment(self) -> Any:
        return self.cleaned_data["moment"] or timezone.now()
