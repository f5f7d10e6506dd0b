"""The forms of the ledger, and of an erasure."""

from typing import Any

from django import forms
from django.utils import timezone

from campaigns.forms.audience import PhoneField
from campaigns.models import Consent
from campaigns.rules.consent import ConsentMethod
from campaigns.services.consent import IN_FUTURE

WRONG_DIGITS = "These are not the last four digits of the number: nobody was erased."


class ConsentForm(forms.ModelForm):
    """A consent that reached us on paper, by phone, or anywhere but in a file or a reply."""

    phone = PhoneField(label="Number")
    method = forms.ChoiceField(
        label="How they agreed", choices=[("", "Choose…"), *ConsentMethod.choices]
    )
    wording = forms.CharField(
        label="Exact wording",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What they were told and agreed to, word for word.",
    )
    source = forms.CharField(
        max_length=1000,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Where it can be found: the address of the form, the folder of the paper, "
        "who took the call.",
    )
    at = forms.DateTimeField(
        label="When they agreed",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
    )

    class Meta:
        model = Consent
        fields = ("phone", "method", "wording", "source", "at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = timezone.localtime()
        self.fields["at"].help_text = f"In the portal’s time, {now:%Z}. Not in the future."
        self.fields["at"].widget.attrs["max"] = now.strftime("%Y-%m-%dT%H:%M")

    def clean_at(self) -> Any:
        at = self.cleaned_data["at"]
        if at > timezone.now():
            raise forms.ValidationError(IN_FUTURE)
        return at


class EraseForm(forms.Form):
    """A person is erased by who knows whom they erase."""

    digits = forms.CharField(
        label="The last four digits of the number",
        max_length=4,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "off",
                "size": 6,
                "class": "erase__digits",
            }
        ),
    )

    def __init__(self, *args: Any, phone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phone = phone

    def clean_digits(self) -> str:
        if self.cleaned_data["digits"] != self.phone[-4:]:
            raise forms.ValidationError(WRONG_DIGITS)
        return self.phone
