"""The form of what holds for all campaigns."""

from django import forms

from campaigns.models import Policy
from campaigns.services.policy import EDITED


class PolicyForm(forms.ModelForm):
    class Meta:
        model = Policy
        fields = EDITED
        widgets = {
            "cap_count": forms.NumberInput(attrs={"min": 1, "max": 32767}),
            "cap_days": forms.NumberInput(attrs={"min": 1, "max": 366}),
            "brake_failures": forms.NumberInput(attrs={"min": 1, "max": 100}),
            "brake_optouts": forms.NumberInput(attrs={"min": 1, "max": 100}),
            "brake_silence": forms.NumberInput(attrs={"min": 5, "max": 32767}),
        }
