"""What can be written on a phone: words, pictures, a place, a binary SMS, or a tap on a choice."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from campaigns.sandbox.inbound import Picture
from campaigns.sandbox.lines import Line

LARGEST_PICTURE, MOST_PICTURES = 1_000_000, 5
PICTURE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.Field):
    """Several files, each a picture that a phone could send."""

    widget = SeveralFiles

    def clean(self, value: Any) -> list[Picture]:
        files = [file for file in value or [] if file]
        if len(files) > MOST_PICTURES:
            raise ValidationError(f"Choose at most {MOST_PICTURES} pictures.")
        return [self._read(file) for file in files]

    @staticmethod
    def _read(file: UploadedFile) -> Picture:
        picture = forms.ImageField().clean(file)
        if picture.size > LARGEST_PICTURE:
            raise ValidationError("Choose pictures below 1 MB.")
        if picture.image.format not in PICTURE_TYPES:
            raise ValidationError("Choose JPEG, PNG or GIF pictures.")
        picture.seek(0)  # the form has looked into it
        return Picture(picture.read(), PICTURE_TYPES[picture.image.format])


class ReplyForm(forms.Form):
    to = forms.ChoiceField(label="To")
    text = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 1, "placeholder": "Message", "aria-label": "Message"}),
    )
    picture = PicturesField(required=False)
    place = forms.BooleanField(required=False)
    binary = forms.BooleanField(required=False)

    def __init__(self, lines: Sequence[Line], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = {line.key: line for line in reversed(lines)}
        self.fields["to"].choices = [(line.key, line.label) for line in lines]

    def clean_to(self) -> Line:
        return self._lines[self.cleaned_data["to"]]

    def clean(self) -> dict:
        if self.errors:
            return self.cleaned_data
        parts = ("text", "picture", "place", "binary")
        if not any(self.cleaned_data[part] for part in parts):
            raise ValidationError("Write something or choose a picture.")
        if self.cleaned_data["binary"] and not self.cleaned_data["to"].takes_binary:
            raise ValidationError("Choose a number of the SMS REST API for a binary SMS.")
        return self.cleaned_data
