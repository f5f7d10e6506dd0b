"""What is asked before something is done with many contacts."""

from django import forms

from campaigns.models import ContactList


class ListForm(forms.Form):
    """Which list the chosen people are put on, or taken off."""

    contact_list = forms.ModelChoiceField(
        ContactList.objects.all(), label="List", empty_label="Choose a list…"
    )


class NewListForm(forms.Form):
    name = forms.CharField(label="Name of the new list", max_length=120)
