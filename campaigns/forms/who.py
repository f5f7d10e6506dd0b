"""Who gets a campaign: lists and segments, chosen and left out."""

from django import forms

from campaigns.models import ContactList, Segment
from campaigns.models.audience import MANY

WHO = ("lists", "segments", "excluded_lists", "excluded_segments")


class ListsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: ContactList) -> str:
        count = obj.people_count
        return f"{obj.name} ({f'more than {MANY:,}' if count > MANY else f'{count:,}'})"


def _lists(label: str) -> ListsField:
    return ListsField(
        ContactList.objects.with_people(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=label,
    )


def _segments(label: str) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        Segment.objects.all(), required=False, widget=forms.CheckboxSelectMultiple, label=label
    )


class WhoFields(forms.Form):
    """Somebody on several of them gets it once; who is left out gets it never."""

    lists = _lists("Lists")
    segments = _segments("Segments")
    excluded_lists = _lists("Lists to leave out")
    excluded_segments = _segments("Segments to leave out")

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        for name, said in (("lists", "list"), ("segments", "segment")):
            both = set(cleaned.get(name) or ()) & set(cleaned.get(f"excluded_{name}") or ())
            if both:
                named = ", ".join(sorted(f"“{chosen}”" for chosen in both))
                self.add_error(
                    f"excluded_{name}",
                    f"{named}: a {said} is either written to or left out. Choose one of the two.",
                )
        return cleaned

    def leaves_out(self) -> bool:
        """Whether anybody is left out, or was about to be."""
        return any(self[f"excluded_{name}"].value() for name in ("lists", "segments"))
