"""The form of a campaign that is not launched yet: who, what, from which number, until when."""

from typing import Any

from django import forms

from campaigns.forms.start import MomentField, StartFields
from campaigns.forms.who import WHO, WhoFields
from campaigns.models import Campaign, Mms, Sender
from campaigns.services.planning import START_FIELDS

_STARTS = tuple(name for name in START_FIELDS if name != "late")


class CampaignForm(StartFields, WhoFields, forms.ModelForm):
    mms = forms.ModelChoiceField(
        Mms.objects.all(), required=False, label="MMS", empty_label="Choose an MMS…"
    )
    sender = forms.ModelChoiceField(
        Sender.objects.select_related("channel"),
        required=False,
        label="From",
        empty_label="Choose a number…",
    )
    not_after = MomentField(
        "Not after",
        help_text="Leave empty for no limit. Nothing is sent or delivered after this moment.",
    )

    late = None  # chosen beside the preview, where one sees of how many people

    class Meta:
        model = Campaign
        fields = ("name", *WHO, "as_group", "mms", "sender", *_STARTS, "not_after")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only = Sender.objects.all()[:2]
        if self.instance.pk is None and len(only) == 1:
            self.fields["sender"].initial = only[0]

    def save(self, commit: bool = True) -> Campaign:
        self.instance.channel = self.instance.sender.channel if self.instance.sender else None
        return super().save(commit)


class TestForm(forms.Form):
    """One number to try the message on."""

    phone = forms.CharField(
        label="Your number",
        max_length=25,
        widget=forms.TextInput(attrs={"type": "tel", "placeholder": "+1 201 555 0123"}),
    )
