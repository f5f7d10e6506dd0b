"""The form of a campaign that is not launched yet: who, what, from which number, until when."""

from typing import Any

from django import forms

from campaigns.models import Campaign, ContactList, Mms, Sender
from campaigns.models.audience import MANY


class ListsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: ContactList) -> str:
        count = obj.people_count
        return f"{obj.name} ({f'more than {MANY:,}' if count > MANY else f'{count:,}'})"


class CampaignForm(forms.ModelForm):
    lists = ListsField(
        ContactList.objects.with_people(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Lists",
        help_text="Somebody on several lists gets it once.",
    )
    mms = forms.ModelChoiceField(
        Mms.objects.all(), required=False, label="MMS", empty_label="Choose an MMS…"
    )
    sender = forms.ModelChoiceField(
        Sender.objects.select_related("channel"),
        required=False,
        label="From",
        empty_label="Choose a number…",
    )
    not_after = forms.SplitDateTimeField(
        required=False,
        label="Not after",
        help_text="Leave empty for no limit. Nothing is sent or delivered after this moment.",
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date", "aria-label": "Not after, date"},
            time_attrs={"type": "time", "aria-label": "Not after, time"},
            date_format="%Y-%m-%d",
            time_format="%H:%M",
        ),
    )

    class Meta:
        model = Campaign
        fields = ("name", "lists", "as_group", "mms", "sender", "not_after")

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
