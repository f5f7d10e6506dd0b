"""The composer's preview of eight slides with media: what `bench page` measures of it."""

import secrets

from django.urls import reverse

from campaigns.models import Channel, MediaFile

SLIDES = 8
WORDS = "Come to our garden on Sunday at three, {{ first_name|there }}. There is cake. "


def look_at_eight_slides() -> tuple[str, dict[str, str | list[int]]]:
    """The address of the composer, and the form of eight slides, each with a file."""
    media = MediaFile.objects.bulk_create(_medium(number) for number in range(SLIDES))
    form: dict[str, str | list[int]] = {"do": "look", "name": "Bench", "subject": "You are invited"}
    form |= {"fallback": "on", "fallback_link": "on", "fallback_text": "You are invited:"}
    form |= {"channel": str(Channel.objects.values_list("pk", flat=True)[0])}
    for number, medium in enumerate(media):
        form |= {f"slide-{number}-text": WORDS * 4, f"slide-{number}-media": [medium.pk]}
    return reverse("admin:campaigns_mms_add"), form


def _medium(number: int) -> MediaFile:
    """A row is enough: a preview opens no file."""
    kind, mime = ("video", "video/mp4") if number % 2 else ("image", "image/jpeg")
    name = secrets.token_hex(12)
    return MediaFile(
        file=f"media/{name}",
        name=f"File {number}",
        kind=kind,
        mime=mime,
        size=60_000,
        sha256=name * 2,
        width=720,
        height=720,
        seconds=12 if number % 2 else None,
        public_name=f"{name}.{'mp4' if number % 2 else 'jpg'}",
    )
