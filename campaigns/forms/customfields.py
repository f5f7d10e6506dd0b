"""The form of a field that people keep about contacts."""

from typing import Any

from django import forms

from campaigns.models import CustomField
from campaigns.rules.customfields import FieldKind


class CustomFieldForm(forms.ModelForm):
    lines = forms.CharField(
        label="Choices",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One per line; only for “one of a list”.",
    )

    class Meta:
        model = CustomField
        fields = ("name", "kind", "position")
        labels = {"kind": "Type", "position": "Place in the order"}
        help_texts = {
            "name": "As it stands in your files and in {{ merge fields }}: City.",
            "position": "Small numbers stand first.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].initial = "\n".join(self.instance.choices)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        lines = (" ".join(line.split()) for line in cleaned.get("lines", "").splitlines())
        chosen = [line for line in lines if line]
        self.instance.choices = chosen if cleaned.get("kind") == FieldKind.CHOICE else []
        return cleaned
