"""When a campaign starts: now, at a time, or at everybody's local time; and until when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.rules.starts import is_skipped, moment_at
from campaigns.services.planning import START_FIELDS, find_start_problems, portal_zone, say_now

Start = Campaign.Start


def _moment_widget(label: str) -> forms.SplitDateTimeWidget:
    return forms.SplitDateTimeWidget(
        date_attrs={"type": "date", "aria-label": f"{label}, date"},
        time_attrs={"type": "time", "aria-label": f"{label}, time"},
        date_format="%Y-%m-%d",
        time_format="%H:%M",
    )


class MomentField(forms.SplitDateTimeField):
    """A date and a time by the portal's clock. Of a time that comes twice in the night of a clock
    change the first is meant; one that does not exist is refused."""

    def __init__(self, label: str, help_text: str = "") -> None:
        widget = _moment_widget(label)
        super().__init__(required=False, label=label, help_text=help_text, widget=widget)

    def compress(self, data_list: Sequence[Any] | None) -> datetime | None:
        if not data_list or None in data_list or "" in data_list:
            return super().compress(data_list) if data_list and any(data_list) else None
        day, at = data_list
        try:
            if is_skipped(day, at, portal_zone()):
                raise ValidationError(_say_skipped(day, at, portal_zone()))
            return moment_at(day, at, portal_zone())
        except OverflowError:
            raise ValidationError("Choose a date within the next year.") from None


def _say_skipped(day: Any, at: Any, zone: ZoneInfo) -> str:
    first = moment_at(day, at, zone).astimezone(zone)
    return (
        f"The clock is put forward on {day}: {at:%H:%M} does not exist that night. "
        f"Choose {first:%H:%M} or later."
    )


class StartFields(forms.Form):
    """The fields of the start, for the draft and for moving the start of what is scheduled."""

    start = forms.ChoiceField(
        choices=Start.choices, required=False, widget=forms.RadioSelect, initial=Start.NOW
    )
    starts_at = MomentField("Start")
    local_date = forms.DateField(
        required=False,
        label="Date at their place",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    local_time = forms.TimeField(
        required=False,
        label="Time at their place",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    late = forms.ChoiceField(
        choices=Campaign.Late.choices,
        required=False,
        label="Where that time has passed at the launch",
        initial=Campaign.Late.TOMORROW,
    )

    @property
    def clock(self) -> str:
        """What the portal's clock shows, with its zone: inputs are meant by it."""
        return say_now(timezone.now())

    def clean_start(self) -> str:
        return self.cleaned_data["start"] or Start.NOW

    def clean_late(self) -> str:
        return self.cleaned_data["late"] or Campaign.Late.TOMORROW

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not {"start", "starts_at", "local_date", "local_time"} & set(self.errors):
            for problem in find_start_problems(self._wanted(cleaned), timezone.now()):
                self.add_error("start", problem)
        return cleaned

    def _wanted(self, cleaned: dict[str, Any]) -> Campaign:
        """A campaign that is only asked whether it could start then."""
        fields = {name: cleaned.get(name) for name in START_FIELDS}
        return Campaign(**fields, not_after=self._not_after(cleaned))

    def _not_after(self, cleaned: dict[str, Any]) -> datetime | None:
        if "not_after" in self.fields:
            return cleaned.get("not_after")
        return getattr(getattr(self, "instance", None), "not_after", None)


class MoveStartForm(StartFields, forms.ModelForm):
    """Another start for a campaign that is scheduled."""

    class Meta:
        model = Campaign
        fields = START_FIELDS
