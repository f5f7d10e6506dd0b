"""Forms of the media library."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile

from campaigns.models import MediaFile
from campaigns.rules.media import clean_name
from campaigns.rules.problems import RuleBroken
from campaigns.services.media import find_surprise, store_media

#: Files taken from one request; browsers send the rest with the next.
MOST_FILES = 50


@dataclass(slots=True)
class Upload:
    """What became of several files: each refusal and each surprise is one sentence."""

    kept: list[MediaFile] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)


def take_files(files: Iterable[UploadedFile], *, by: AbstractBaseUser) -> Upload:
    """Keep what can be kept; one bad file stops no other."""
    upload = Upload()
    for number, file in enumerate(files):
        name = clean_name(file.name or "")
        if number >= MOST_FILES:
            upload.refusals.append(f"{name}: more than {MOST_FILES} files at once; upload it next.")
            continue
        try:
            media = store_media(file, by=by)
        except RuleBroken as problem:
            upload.refusals.append(f"{name}: {problem}")
        else:
            upload.kept.append(media)
            if media.name != name:
                upload.surprises.append(f"“{name}” was here already, as “{media}”.")
            elif surprise := find_surprise(name, media):
                upload.surprises.append(surprise)
    return upload
