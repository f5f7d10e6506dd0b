"""The forms of the inbox: what is looked for, and a reply."""

import re
from secrets import token_hex
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from campaigns.models import Channel, MediaFile, Mms, ThreadLabel
from campaigns.rules.numbers import read_number
from campaigns.services.replies import Wording
from campaigns.services.thread_list import VIEWS, Wanted

_TOKEN = re.compile(r"[0-9a-f]{16}")


class FilterForm(forms.Form):
    """What of the inbox is shown. An address that says nonsense shows all."""

    q = forms.CharField(label="Search", required=False, max_length=200)
    label = forms.ChoiceField(label="Label", required=False)
    channel = forms.ChoiceField(label="Channel", required=False)
    gone = forms.BooleanField(label="Opted out", required=False)

    def __init__(self, asked: QueryDict) -> None:
        super().__init__(asked)
        self.labels = list(ThreadLabel.objects.all())
        self.channels = list(Channel.objects.values_list("pk", "name"))
        labels = [(str(label.pk), label.name) for label in self.labels]
        self.fields["label"].choices = [("", "Any label"), *labels]
        channels = [(str(pk), name) for pk, name in self.channels]
        self.fields["channel"].choices = [("", "Any channel"), *channels]

    def wanted(self, user_id: int) -> Wanted:
        asked = self.data
        view = asked.get("view", "")
        return Wanted(
            user_id,
            view=view if view in VIEWS else "",
            label=read_number(asked.get("label")),
            channel=read_number(asked.get("channel")),
            opted_out=bool(asked.get("gone")),
            words=asked.get("q", "")[:200],
        )


class ReplyForm(forms.Form):
    """What somebody answers. `token` is of one writing, `seen` the newest reply the page showed."""

    text = forms.CharField(
        label="Reply",
        required=False,
        strip=True,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "aria-keyshortcuts": "r"}),
    )
    upload = forms.FileField(
        label="Upload a file",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"form": "reply-form"}),
    )
    media = forms.ModelChoiceField(
        MediaFile.objects.filter(replaced_by=None),
        required=False,
        error_messages={"invalid_choice": "This file is not in the library any more."},
    )
    mms = forms.ModelChoiceField(
        Mms.objects.all(),
        required=False,
        error_messages={"invalid_choice": "This MMS is not there any more: choose another one."},
    )
    token = forms.CharField(required=False)
    seen = forms.IntegerField(required=False)
    hurry = forms.BooleanField(label="Send now all the same", required=False)

    @classmethod
    def begin(cls, seen: int) -> "ReplyForm":
        """An empty one for a page that is opened."""
        return cls(initial={"token": token_hex(8), "seen": seen})

    def clean_token(self) -> str:
        """A page that was tampered with gets a token of its own."""
        token = self.cleaned_data["token"]
        return token if _TOKEN.fullmatch(token) else token_hex(8)

    @property
    def file(self) -> UploadedFile | None:
        return self.cleaned_data.get("upload")

    def wording(self, uploaded: MediaFile | None = None) -> Wording:
        said: dict[str, Any] = self.cleaned_data
        return Wording(said["text"], uploaded or said["media"], said["mms"])
