"""The field for a phone number, which several forms have."""

from typing import Any

from django import forms

from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken


class PhoneField(forms.CharField):
    """A number in any spelling; becomes digits with country code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "In any spelling: +1 (201) 555-0123.")
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return normalise(text)
        except RuleBroken as broken:
            raise forms.ValidationError(list(broken.problems)) from None
