"""The forms of opt-outs: one that reached us by phone or e-mail, many at once, one taken back."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from campaigns.forms.audience import PhoneField
from campaigns.models import Channel, OptOut
from campaigns.rules.consent import ConsentMethod
from campaigns.rules.problems import RuleBroken
from campaigns.services.optout_files import read_text

EVERY_CHANNEL = "all channels"


class DayField(forms.DateField):
    """A day on which somebody said something: not in the future."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **kwargs)

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day and day > timezone.localdate():
            raise forms.ValidationError("This day has not come yet.")
        return day


def as_moment(day: date | None) -> datetime:
    """That day; today, or none, means now."""
    if day is None or day == timezone.localdate():
        return timezone.now()
    return timezone.make_aware(datetime.combine(day, time(12)))


class ScopeField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Channel.objects.all(),
            label="Leave them alone on",
            required=False,
            empty_label=EVERY_CHANNEL,
            help_text="Who says nothing about it means all channels.",
            **kwargs,
        )


class OptOutForm(forms.ModelForm):
    phone = PhoneField(label="Number")
    channel = ScopeField()
    asked_on = DayField(
        label="Asked on", required=False, help_text="The day on which they said so; empty: today."
    )
    evidence = forms.CharField(
        label="What they said, and how",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="“Called on Monday, wants no more messages.”",
    )

    class Meta:
        model = OptOut
        fields = ("phone", "channel", "evidence")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "asked_on" in self.fields:
            self.fields["asked_on"].initial = timezone.localdate

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        known = OptOut.objects.filter(phone=cleaned.get("phone"))
        known = known.exclude(source=OptOut.Source.REVIEW)
        if known.filter(channel=None).exists():
            self.add_error("phone", "This number has opted out already, of all channels.")
        elif cleaned.get("channel") and known.filter(channel=cleaned["channel"]).exists():
            self.add_error("phone", "This number has opted out of this channel already.")
        return cleaned


class ManyForm(forms.Form):
    """Numbers that were pasted, or a file with one per line."""

    numbers = forms.CharField(
        label="Numbers",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"}),
        help_text="One per line, in any spelling. In lines with commas, the first number counts.",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
        help_text="CSV or text, up to 2 MB and 20,000 lines.",
    )
    channel = ScopeField()
    asked_on = DayField(label="Asked on", help_text="The day on which they said so, at the latest.")
    evidence = forms.CharField(
        label="Where these opt-outs come from",
        max_length=500,
        help_text="“Unsubscribed in the former system, export of 3 May.”",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        file = cleaned.get("file")
        if file is not None and cleaned.get("numbers", "").strip():
            self.add_error("file", "Paste numbers or choose a file, not both.")
        elif file is not None:
            try:
                cleaned["numbers"] = read_text(file.read())
            except RuleBroken as problem:
                self.add_error("file", str(problem))
        elif not cleaned.get("numbers", "").strip():
            self.add_error("numbers", "Paste one number per line, or choose a file.")
        return cleaned


class LiftForm(forms.Form):
    """Why an opt-out is taken back, and the consent that is newer than it."""

    reason = forms.CharField(
        label="Why it is taken back",
        max_length=500,
        help_text="“Phoned on Tuesday and asked for the offers again.”",
    )
    method = forms.ChoiceField(
        label="How they agreed again", choices=[("", "Choose…"), *ConsentMethod.choices]
    )
    wording = forms.CharField(
        label="In which words",
        max_length=500,
        help_text="What they agreed to, as it was said or stood on the form.",
    )
    agreed_on = DayField(label="Agreed on")
