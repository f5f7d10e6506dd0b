"""A draft as it arrives on phones: cards as a subject, a text and a file, questions and places as
text."""

from dataclasses import replace

from campaigns.rules.choices import settle
from campaigns.rules.formats import Format
from campaigns.rules.transcoding import MMS, SMS, Part, Sent, transcode
from campaigns.services.drafts import DraftSlide, MmsDraft, media_of
from campaigns.services.media import public_url


def arriving(draft: MmsDraft, *, adds_link: bool = True) -> MmsDraft:
    """The slides that a phone shows of it; slides themselves arrive as they are."""
    has_link = adds_link and draft.fallback_link and draft.format == Format.SLIDES
    around = {"fallback": draft.has_fallback, "fallback_link": has_link}
    if draft.format == Format.SLIDES:
        return replace(draft, **around)
    arrived = transcode(as_sent(draft), SMS if draft.format == Format.TEXT else MMS)
    files = {public_url(medium): medium for medium in media_of(draft)}
    media = tuple(files[address] for address in arrived.media)
    slide = DraftSlide(arrived.text, media)
    slides = (slide,) if arrived.text.strip() or media else ()
    return replace(draft, subject=arrived.subject, slides=slides, **around)


def as_sent(draft: MmsDraft) -> Sent:
    """The draft as the rules of transcoding see it."""
    return Sent(
        draft.format,
        tuple(
            Part(
                slide.text,
                tuple(map(public_url, slide.media)),
                slide.title,
                tuple(map(settle, slide.choices)),
            )
            for slide in draft.slides
        ),
        subject=draft.subject,
        choices=tuple(map(settle, draft.choices)),
        place=draft.place.place,
    )
