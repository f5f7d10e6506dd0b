"""Kinds of media, their types and extensions (reference/sinch-mms-json-api.md §2.1)."""

from django.db.models import TextChoices


class MediaKind(TextChoices):
    IMAGE = "image", "Image"
    AUDIO = "audio", "Audio"
    VIDEO = "video", "Video"
    CONTACT = "contact", "Contact"
    CALENDAR = "calendar", "Calendar"
    PDF = "pdf", "PDF"
    EXCEL = "excel", "Excel"


#: A slide holds one of these and then no image, audio or video (§2.2).
OBJECT_KINDS = frozenset({MediaKind.CONTACT, MediaKind.CALENDAR, MediaKind.PDF, MediaKind.EXCEL})

#: MIME type as our parsers find it → (kind, extension of the public address).
TYPES: dict[str, tuple[MediaKind, str]] = {
    "image/jpeg": (MediaKind.IMAGE, "jpg"),
    "image/png": (MediaKind.IMAGE, "png"),
    "image/gif": (MediaKind.IMAGE, "gif"),
    "audio/mpeg": (MediaKind.AUDIO, "mp3"),
    "audio/wav": (MediaKind.AUDIO, "wav"),
    "video/mp4": (MediaKind.VIDEO, "mp4"),
    "video/3gpp": (MediaKind.VIDEO, "3gp"),
    "text/vcard": (MediaKind.CONTACT, "vcf"),
    "text/calendar": (MediaKind.CALENDAR, "ics"),
    "application/pdf": (MediaKind.PDF, "pdf"),
    "application/vnd.ms-excel": (MediaKind.EXCEL, "xls"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (MediaKind.EXCEL, "xlsx"),
}
