"""Forms of contacts."""

from typing import Any

from django import forms

from campaigns.models import Contact, ContactList
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


class ContactForm(forms.ModelForm):
    phone = PhoneField()
    lists = forms.ModelMultipleChoiceField(
        ContactList.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Contact
        fields = ("phone", "first_name", "last_name", "email", "attributes")
        widgets = {"attributes": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField mono"})}
        help_texts = {"attributes": 'Anything else about this person, as JSON: {"city": "Boston"}.'}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "lists" in self.fields:
            self.fields["lists"].initial = self.instance.lists.all()
