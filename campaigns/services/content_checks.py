"""What is wrong with an MMS, or may disappoint, on the channel it goes out by."""

from collections.abc import Iterable
from dataclasses import replace

from campaigns.models import Channel, MediaFile, MmsRevision, Sender
from campaigns.rules.doubts import find_route_doubts, find_warnings
from campaigns.rules.findings import Finding
from campaigns.rules.formats import Shape
from campaigns.rules.formats_checks import (
    find_country_doubts,
    find_format_doubts,
    find_format_problems,
)
from campaigns.rules.mergefields import find_broken, passages_in
from campaigns.rules.phones import country_and_line
from campaigns.rules.slides import Capacity, MediumDraft, SlideDraft, Wording, find_problems
from campaigns.rules.slides import can_share as may_share
from campaigns.services.channel_kinds import channel_limits
from campaigns.services.drafts import MmsDraft, as_slides, as_wording, draft_of
from campaigns.services.hearing import is_heard

#: Shorter numbers are short codes.
LONG_NUMBER = 7


def capacity_of(channel: Channel | None) -> Capacity:
    """What a channel carries; without one, what the most careful channel would."""
    if channel is None:
        return Capacity()
    limits = channel_limits(channel)
    return Capacity(
        slides=limits.slides,
        text=limits.text,
        subject=limits.subject,
        sizes=limits.sizes_transcoded if channel.transcodes else limits.sizes,
        total=channel.size_limit,
        types=limits.types,
        transcodes=channel.transcodes,
        formats=limits.formats,
        media=limits.media,
        saves=limits.saves,
        adds_link=not limits.has_sms,
        choices=limits.choices,
    )


def find_draft_problems(
    draft: MmsDraft,
    channel: Channel | None,
    *,
    sender: Sender | None = None,
    slides: tuple[SlideDraft, ...] = (),
) -> tuple[list[Finding], list[Finding]]:
    """(what the provider would refuse, what may disappoint). `slides` where more is known of
    their files than the table says."""
    slides, capacity = slides or as_slides(draft), capacity_of(channel)
    wording = as_wording(draft)
    kind = sender.kind if sender else ""
    problems = [
        *find_problems(slides, wording, capacity),
        *find_format_problems(slides, wording, capacity),
        *_find_broken_fields(slides, wording),
    ]
    doubts = [
        *find_warnings(slides, wording, capacity, sender_kind=kind),
        *find_format_doubts(slides, wording, capacity),
        *find_country_doubts(draft.format, _country_of(sender), capacity),
        *find_route_doubts(slides, sender.number if sender else "", _hears(sender)),
    ]
    return _name(problems, wording.shape), _name(doubts, wording.shape)


def _country_of(sender: Sender | None) -> str:
    """A short code says nothing of its country."""
    if sender is None or len(sender.number) < LONG_NUMBER:
        return ""
    return country_and_line(sender.number)[0]


def _name(findings: Iterable[Finding], shape: Shape) -> list[Finding]:
    """Each by the word for a slide in this format; the only one there is needs no number."""
    if shape.noun == "Slide":
        return [*findings]
    is_alone = not shape.is_row
    return [replace(found, noun=shape.noun, is_alone=is_alone) for found in findings]


def _hears(sender: Sender | None) -> bool:
    return sender is None or is_heard(sender)


def _find_broken_fields(slides: Iterable[SlideDraft], wording: Wording) -> list[Finding]:
    fallback = wording.fallback_text if wording.fallback else ""
    slides = tuple(slides)
    titles = [slide.title for slide in slides]
    texts = [slide.text for slide in slides]
    return find_broken(passages_in(wording.subject, texts, fallback, titles))


def find_mms_problems(
    revision: MmsRevision, channel: Channel | None
) -> tuple[list[str], list[str]]:
    """The same of a saved version, each a full sentence."""
    problems, warnings = find_draft_problems(draft_of(revision), channel)
    return [str(found) for found in problems], [str(found) for found in warnings]


def can_share(media: Iterable[MediaFile]) -> bool:
    """Whether these files may stand on one slide."""
    return may_share(MediumDraft(m.kind, m.mime, m.size, m.name) for m in media)
