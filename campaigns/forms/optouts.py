"""The form for an opt-out that reached us by phone, e-mail or in person."""

from django import forms

from campaigns.forms.audience import PhoneField
from campaigns.models import OptOut


class OptOutForm(forms.ModelForm):
    phone = PhoneField()
    evidence = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What they said, when and how: “Called on Monday, wants no more messages”.",
    )

    class Meta:
        model = OptOut
        fields = ("phone", "evidence")

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if OptOut.objects.filter(phone=phone).exists():
            raise forms.ValidationError("This number has opted out already.")
        return phone
