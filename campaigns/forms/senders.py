"""The numbers of a channel, as they are entered on its page."""

import re
from typing import Any

from django import forms

from campaigns.models import Sender
from campaigns.services.channel_kinds import kinds_with_sms


class SenderForm(forms.ModelForm):
    number = forms.CharField(
        max_length=40, help_text="With its country code, in any spelling; a short code as it is."
    )

    class Meta:
        model = Sender
        fields = (
            "number",
            "kind",
            "per_minute",
            "per_day",
            "replies_reach_us",
            "network_confirms",
        )

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


class HeardSenderForm(SenderForm):
    """On an interface with SMS plain-text replies come by it: nobody has to say so."""

    class Meta:
        model = Sender
        fields = ("number", "kind", "per_minute", "per_day", "network_confirms")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.instance.replies_reach_us = True
        return cleaned


def sender_form(kind: str) -> type[SenderForm]:
    return HeardSenderForm if kind in kinds_with_sms() else SenderForm
