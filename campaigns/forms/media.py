"""Files as they come in: each refusal and each surprise is one sentence."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile

from campaigns.models import MediaFile
from campaigns.rules.media import clean_name
from campaigns.rules.problems import RuleBroken
from campaigns.services.media import find_surprise, store_media
from campaigns.services.replacing import bring_back

#: Files taken from one request; browsers send the rest with the next.
MOST_FILES = 50


@dataclass(slots=True)
class Upload:
    """What became of several files."""

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
            media, surprise = take_file(file, by=by)
        except RuleBroken as problem:
            upload.refusals.append(f"{name}: {problem}")
        else:
            upload.kept.append(media)
            if surprise:
                upload.surprises.append(surprise)
    return upload


def take_file(file: UploadedFile | None, *, by: AbstractBaseUser) -> tuple[MediaFile, str]:
    """(the file as it is kept, what to tell about it or ""). Raises `RuleBroken`."""
    if file is None:
        raise RuleBroken("No file came through: try again.")
    name = clean_name(file.name or "")
    media = store_media(file, by=by)
    bring_back(media, by=by)
    if media.name != name:
        return media, f"“{name}” was here already, as “{media}”."
    return media, find_surprise(name, media)
