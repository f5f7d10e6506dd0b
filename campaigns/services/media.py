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
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image, ImageOps

from campaigns.models import MediaFile
from campaigns.rules.media import (
    MediaKind,
    Probed,
    clean_name,
    is_named_as,
    name_fitted,
    say_size,
)
from campaigns.rules.metadata import blank_film, strip_gif, strip_jpeg, strip_png, strip_webp
from campaigns.rules.problems import RuleBroken
from campaigns.services.audit import record
from campaigns.services.pictures import ORIENTATION, UNREADABLE, encode
from campaigns.services.probes import probe_file
from campaigns.services.queue import ring

_CHUNK = 1024 * 1024
_MOV_FAMILY = {"video/mp4", "video/3gpp", "video/quicktime", "audio/mp4"}
_STRIPPERS = {
    "image/jpeg": ("JPEG", strip_jpeg),
    "image/png": ("PNG", strip_png),
    "image/gif": ("GIF", strip_gif),
    "image/webp": ("WEBP", strip_webp),
}


def store_media(upload: UploadedFile, *, name: str = "", by: AbstractBaseUser | None) -> MediaFile:
    """Keep an uploaded file; the same content again gives the row that is there.

    Raises `RuleBroken` when it is nothing that an MMS can carry.
    """
    shown = clean_name(name or upload.name or "")
    _check_size(upload.size)
    probed = probe_file(upload.file, upload.size)
    content, probed = _clean(upload.file, probed)
    return _keep(content, probed, shown, by)


def keep_fitted(
    content: BinaryIO, size: int, *, original: MediaFile, by: AbstractBaseUser | None
) -> MediaFile:
    """Keep what was made from a file so that it fits, called like that and its weight."""
    probed = probe_file(content, size)
    shown = name_fitted(original.name, size, probed.extension)
    return _keep(content, probed, shown, by, original=original)


def _keep(
    content: BinaryIO,
    probed: Probed,
    name: str,
    by: AbstractBaseUser | None,
    original: MediaFile | None = None,
) -> MediaFile:
    digest = _hash(content)
    known = MediaFile.objects.filter(sha256=digest)
    if media := known.first():
        return media
    try:
        return _add(content, probed, digest, name, by, original)
    except IntegrityError:
        if media := known.first():  # somebody else kept the same at this moment
            return media
        raise


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
    if probed.mime.partition(";")[0] in _MOV_FAMILY:
        _clean_film(file)
    if probed.mime not in _STRIPPERS:
        return file, probed
    form, strip = _STRIPPERS[probed.mime]
    file.seek(0)
    content = file.read()
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as image:
            if not getattr(image, "is_animated", False) and _is_turned(image):
                content, probed = _turn(image, form, probed.mime)
        return io.BytesIO(strip(content)), probed
    except UNREADABLE:
        raise RuleBroken("The picture is damaged: save it again and upload that.") from None


def _clean_film(file: BinaryIO) -> None:
    try:
        blank_film(file, file.seek(0, io.SEEK_END))
    except ValueError:
        raise RuleBroken("The video is damaged: export it again and upload that.") from None


def _is_turned(image: Image.Image) -> bool:
    return image.getexif().get(ORIENTATION, 1) != 1


def _turn(image: Image.Image, form: str, mime: str) -> tuple[bytes, Probed]:
    upright = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    return encode(upright, form, quality=92, icc_profile=profile), Probed(mime, *upright.size)


def _hash(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _add(
    content: BinaryIO,
    probed: Probed,
    digest: str,
    name: str,
    by: AbstractBaseUser | None,
    original: MediaFile | None,
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
        original=original,
        uploaded_by=by,
    )
    media.file.save(public_name, file, save=False)
    try:
        _write(media, by)
    except BaseException:  # a file that no row names is never found again
        media.file.storage.delete(media.file.name)
        raise
    return media


@transaction.atomic
def _write(media: MediaFile, by: AbstractBaseUser | None) -> None:
    original = media.original
    if original and not MediaFile.objects.select_for_update().filter(pk=original.pk).first():
        raise RuleBroken("The file was deleted while it was made to fit.")
    media.save()
    after = {"type": media.mime, "size": media.size}
    if original:
        after["fitted_from"] = original.pk
    record("media.fitted" if original else "media.added", media, by=by, after=after)
    if media.kind in (MediaKind.IMAGE, MediaKind.VIDEO):
        ring("media.make_poster", media.pk)


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
    storage, paths = media.file.storage, [media.file.name, media.poster.name]
    media.delete()
    transaction.on_commit(lambda: [storage.delete(path) for path in paths if path])


def public_url(media: MediaFile) -> str:
    """The address under which the provider fetches this file."""
    return f"{settings.PUBLIC_BASE_URL}/m/{media.public_name}"


def poster_path(media: MediaFile) -> str:
    """The path of its small picture on this portal; "" while there is none."""
    return reverse("portal:poster", args=[media.public_name]) if media.poster else ""
