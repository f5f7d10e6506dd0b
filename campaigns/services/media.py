"""Files that slides are made of: kept as what they truly are, public under an unguessable name."""

import hashlib
import io
import secrets
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from PIL import Image, ImageOps

from campaigns.models import MediaFile
from campaigns.rules.media import clean_name, is_named_as, say_size
from campaigns.rules.metadata import blank_film, strip_jpeg, strip_png
from campaigns.rules.problems import RuleBroken
from campaigns.services.audit import record
from campaigns.services.probes import Probed, probe_file

_CHUNK = 1024 * 1024
_ORIENTATION = 0x0112


def store_media(upload: UploadedFile, *, name: str = "", by: AbstractBaseUser | None) -> MediaFile:
    """Keep an uploaded file; the same content again gives the row that is there.

    Raises `RuleBroken` when it is nothing that an MMS can carry.
    """
    shown = clean_name(name or upload.name or "")
    _check_size(upload.size)
    probed = probe_file(upload.file, upload.size)
    content, probed = _clean(upload.file, probed)
    digest = _hash(content)
    known = MediaFile.objects.filter(sha256=digest).first()
    return known or _add(content, probed, digest, shown, by)


def _check_size(size: int) -> None:
    if not size:
        raise RuleBroken("The file is empty.")
    if size > settings.MEDIA_MAX_BYTES:
        raise RuleBroken(
            f"The file weighs {say_size(size)}; at most {say_size(settings.MEDIA_MAX_BYTES)} "
            "can be uploaded."
        )


def _clean(file: BinaryIO, probed: Probed) -> tuple[BinaryIO, Probed]:
    """The file without what a camera wrote about a person, standing upright."""
    if probed.mime in {"video/mp4", "video/3gpp"}:
        blank_film(file, file.seek(0, io.SEEK_END))
    if probed.mime not in {"image/jpeg", "image/png"}:
        return file, probed
    file.seek(0)
    content = file.read()
    if probed.mime == "image/png":
        return io.BytesIO(strip_png(content)), probed
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        if image.getexif().get(_ORIENTATION, 1) == 1:
            return io.BytesIO(_stripped_jpeg(content)), probed
        upright = ImageOps.exif_transpose(image)
        encoded = io.BytesIO()
        upright.save(encoded, "JPEG", quality=92, icc_profile=image.info.get("icc_profile"))
    return io.BytesIO(_stripped_jpeg(encoded.getvalue())), Probed(probed.mime, *upright.size)


def _stripped_jpeg(content: bytes) -> bytes:
    try:
        return strip_jpeg(content)
    except ValueError:
        raise RuleBroken("The picture is damaged: save it again and upload that.") from None


def _hash(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


@transaction.atomic
def _add(
    content: BinaryIO, probed: Probed, digest: str, name: str, by: AbstractBaseUser | None
) -> MediaFile:
    public_name = f"{secrets.token_urlsafe(24)}.{probed.extension}"
    content.seek(0)
    file = ContentFile(content.getvalue()) if isinstance(content, io.BytesIO) else File(content)
    media = MediaFile(
        name=name,
        kind=probed.kind,
        mime=probed.mime,
        sha256=digest,
        width=probed.width,
        height=probed.height,
        seconds=probed.seconds,
        public_name=public_name,
        size=file.size,
        uploaded_by=by,
    )
    media.file.save(public_name, file, save=False)
    media.save()
    record("media.added", media, by=by, after={"type": media.mime, "size": media.size})
    return media


def find_surprise(name: str, media: MediaFile) -> str:
    """What to tell about a file whose name says another thing than its content; "" if nothing."""
    extension = media.public_name.rpartition(".")[2]
    if is_named_as(name, extension):
        return ""
    return f"“{clean_name(name)}” is really {extension.upper()} and is kept as that."


@transaction.atomic
def rename_media(media: MediaFile, name: str, *, by: AbstractBaseUser) -> None:
    """Call it something else; its address and content stay."""
    before = media.name
    media.name = clean_name(name)
    media.save(update_fields=["name"])
    record("media.renamed", media, by=by, before={"name": before}, after={"name": media.name})


def find_uses(media: MediaFile) -> list[str]:
    """Names of the MMS that show this file, in any of their versions."""
    names = media.uses.values_list("slide__revision__mms__name", flat=True)
    return list(names.order_by("slide__revision__mms__name").distinct())


def check_deletable(media: MediaFile) -> None:
    """Raises `RuleBroken`, which says where the file is used."""
    if uses := find_uses(media):
        raise RuleBroken(
            f"“{media}” is used in {', '.join(uses[:3])}{' and others' if uses[3:] else ''}: "
            "what was sent stays as it was. Delete that first."
        )


@transaction.atomic
def delete_media(media: MediaFile, *, by: AbstractBaseUser) -> None:
    """Delete a file that nothing shows."""
    check_deletable(media)
    record("media.deleted", media, by=by, before={"sha256": media.sha256})
    storage, path = media.file.storage, media.file.name
    media.delete()
    transaction.on_commit(lambda: storage.delete(path))


def public_url(media: MediaFile) -> str:
    """The address under which the provider fetches this file."""
    return f"{settings.PUBLIC_BASE_URL}/m/{media.public_name}"
