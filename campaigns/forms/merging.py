"""What a person chooses before two contacts are made one."""

from typing import Any

from django import forms

from campaigns.models import Contact, OptOut
from campaigns.rules.mergefields import label_of
from campaigns.services.merging import Choice, find_choices, optouts_to_take_over

KEPT, OTHER = "kept", "other"
_LABELS = {"time_zone": "Time zone", "state": "State or province", "postal_code": "Postal code"}


class MergeForm(forms.Form):
    """One question per field of which both have another value; and one about opt-outs."""

    may_write = forms.BooleanField(required=False)

    def __init__(self, *args: Any, kept: Contact, other: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.optouts: list[OptOut] = optouts_to_take_over(kept, other)
        self.choices: dict[str, Choice] = {}
        for number, choice in enumerate(find_choices(kept, other)):
            self.choices[f"choice_{number}"] = choice
            self.fields[f"choice_{number}"] = forms.ChoiceField(
                label=_label(choice),
                choices=[(KEPT, choice.kept), (OTHER, choice.other)],
                initial=KEPT,
                widget=forms.RadioSelect,
            )
        if self.optouts:
            self.fields[
                "may_write"
            ].label = "Only the other number opted out: the kept one may be written to"
        else:
            del self.fields["may_write"]

    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.choices]

    def take(self) -> set[tuple[str, bool]]:
        """The fields whose value is the other contact's."""
        taken = (c for n, c in self.choices.items() if self.cleaned_data[n] == OTHER)
        return {(choice.name, choice.is_attribute) for choice in taken}


def _label(choice: Choice) -> str:
    if choice.is_attribute:
        return choice.name
    return _LABELS.get(choice.name) or label_of(choice.name)
