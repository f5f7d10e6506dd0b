"""What an MMS may hold and still disappoint with: on phones, at carriers, with its readers
(reference/sinch-mms-json-api.md §7.3)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from campaigns.rules.carriers import judge_message
from campaigns.rules.findings import Finding
from campaigns.rules.formats import Format
from campaigns.rules.keywords import tells_how_to_stop
from campaigns.rules.media import MediaKind, say_size
from campaigns.rules.mergefields import fill_in_for_nobody
from campaigns.rules.routes import tell_no_route
from campaigns.rules.slides import (
    FALLBACK_ADVICE,
    SUBJECT_ADVICE,
    VIDEO_HEAVY,
    Capacity,
    MediumDraft,
    SlideDraft,
    Wording,
    a_noun,
    total_size,
)
from campaigns.rules.smsparts import count_parts

SECONDS_ADVICE, SECONDS_ADVICE_HD = 30, 20
PNG_ADVICE = 300_000
GIF_ADVICE, GIF_ADVICE_TRANSCODED = 600_000, 740_000
GIF_PIXELS, GIF_PICTURES_PER_SECOND = 720, 5
HD_PIXELS = 1280
#: Upright 9:16 is 1.8 times as tall as wide; beyond this phones cut or shrink.
LONGEST_SHAPE = 2.0
#: A word in capitals may be a name; from so many letters on it is shouting.
SHOUTED_LETTERS = 6

#: Kind of sender → what it is called. On these routes customers report lost subjects.
DROPS_SUBJECT: Mapping[str, str] = {"toll_free": "a toll-free number", "10dlc": "a 10DLC number"}
SHORTENERS = (
    "adf.ly",
    "bit.ly",
    "bl.ink",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "lnkd.in",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "shorturl.at",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
    "v.gd",
)
_SHORT_LINK = re.compile(
    rf"(?<![\w.@-])(?<!\w/)(?:www\.)?({'|'.join(map(re.escape, SHORTENERS))})(?=[/?#\s.,;:!)]|$)",
    re.IGNORECASE,
)


def find_warnings(
    slides: tuple[SlideDraft, ...],
    wording: Wording,
    capacity: Capacity,
    *,
    sender_kind: str = "",
) -> list[Finding]:
    """What is allowed and may still disappoint. `sender_kind` is a `Sender.Kind`, where known."""
    return [
        *_about_subject(wording.subject, sender_kind),
        *_about_links(slides, wording),
        *_about_fallback(wording, capacity),
        *_about_stopping(slides, wording),
        *_about_all_slides(slides, wording, capacity, sender_kind),
        *_about_each_slide(slides, capacity),
    ]


# --- Words ---------------------------------------------------------------------------------------


def _about_subject(subject: str, sender_kind: str) -> Iterator[Finding]:
    length = len(fill_in_for_nobody(subject))
    if length > SUBJECT_ADVICE:
        yield Finding(
            f"The subject has {length} characters; many phones show {SUBJECT_ADVICE}.",
            "Shorten it, or begin with what matters.",
            field="subject",
        )
    if foreign := "".join(dict.fromkeys(char for char in subject if not char.isascii())):
        yield Finding(
            f"The subject holds {foreign}: some carriers refuse a subject beyond plain letters.",
            "Keep emoji and accents for the slides.",
            field="subject",
        )
    if subject.isupper() and sum(map(str.isalpha, subject)) >= SHOUTED_LETTERS:
        yield Finding(
            "The subject is written in capitals only: it reads, and is filtered, like spam.",
            "Write it in small letters.",
            field="subject",
        )
    if subject.strip() and sender_kind in DROPS_SUBJECT:
        yield Finding(
            f"From {DROPS_SUBJECT[sender_kind]} the subject may get lost on its way.",
            "Say on the first slide what must be read.",
            field="subject",
        )


def _about_fallback(wording: Wording, capacity: Capacity) -> Iterator[Finding]:
    length = len(fill_in_for_nobody(wording.fallback_text))
    if not wording.fallback:
        return
    if not (capacity.adds_link and wording.format == Format.SLIDES):
        parts = count_parts(fill_in_for_nobody(wording.fallback_text)).parts
        if parts > 1:
            yield Finding(
                f"The fallback SMS goes out in {parts} parts, and each is paid for.",
                "Shorten it.",
                field="fallback_text",
            )
    elif length > FALLBACK_ADVICE:
        yield Finding(
            f"The fallback SMS has {length} characters; up to {FALLBACK_ADVICE} leave room for "
            "the link.",
            "Shorten it.",
            field="fallback_text",
        )


def _about_stopping(slides: tuple[SlideDraft, ...], wording: Wording) -> Iterator[Finding]:
    if not slides or any(tells_how_to_stop(slide.text) for slide in slides):
        return
    noun = wording.shape.noun.lower()
    where = f"on the last {noun}" if wording.shape.is_row else "at its end"
    remedy = f"Write “Reply STOP to opt out.” {where}."
    if not wording.shape.words:
        remedy = "Choose a format that has words."
    yield Finding(
        "There is no line that says how to stop: carriers expect one in marketing.",
        remedy,
        field=f"slide-{len(slides)}-text" if wording.shape.words else "format",
    )


def find_route_doubts(
    slides: tuple[SlideDraft, ...], number: str, replies_reach_us: bool
) -> Iterator[Finding]:
    """An MMS that promises an opt-out by text, from a number whose texts do not reach us."""
    for slide_number, slide in enumerate(slides, 1):
        if not replies_reach_us and tells_how_to_stop(slide.text):
            yield Finding(
                tell_no_route(number),
                "Add the number to a channel with SMS, or name another way to opt out as well.",
                field=f"slide-{slide_number}-text",
            )
            return


def _about_links(slides: tuple[SlideDraft, ...], wording: Wording) -> Iterator[Finding]:
    for number, slide in enumerate(slides, 1):
        for found in _short_links(slide.text):
            yield replace(found, slide=number, field="text")
    for field in ("subject", "fallback_text"):
        for found in _short_links(getattr(wording, field)):
            yield replace(found, field=field)


def _short_links(text: str) -> Iterator[Finding]:
    for name in dict.fromkeys(match[1].lower() for match in _SHORT_LINK.finditer(text)):
        yield Finding(
            f"Carriers filter messages with links that {name} shortened.",
            "Use a full link on a domain of your own.",
        )


# --- Slides --------------------------------------------------------------------------------------


def _about_all_slides(
    slides: tuple[SlideDraft, ...], wording: Wording, capacity: Capacity, sender_kind: str
) -> Iterator[Finding]:
    size = total_size(slides)
    verdict = judge_message(size, sender_kind, capacity)
    is_refused = size > capacity.total and not capacity.transcodes
    if verdict.tone and not is_refused:
        words = verdict.words.replace(" · ", ": ")
        remedy = "Press “Make it smaller” at the heaviest file."
        noun = wording.shape.noun.lower()
        which = f"All {noun}s together weigh" if wording.shape.is_row else f"The {noun} weighs"
        yield Finding(f"{which} {words}.", remedy)
    video = sum(m.size for slide in slides for m in slide.media if m.kind == MediaKind.VIDEO)
    if video > VIDEO_HEAVY and capacity.saves and wording.format == Format.SLIDES:
        yield Finding(
            "With this much video, every recipient costs another download.",
            "Save the MMS to Sinch first: it is then fetched only once.",
        )
    if len(slides) > 1 and wording.format == Format.SLIDES:
        yield Finding(
            "Some phones do not keep the order of slides.", "Let each one make sense alone."
        )


def _about_each_slide(slides: tuple[SlideDraft, ...], capacity: Capacity) -> Iterator[Finding]:
    for number, slide in enumerate(slides, 1):
        for medium in slide.media:
            for found in (*_about_kind(medium, capacity), *_about_shape(medium)):
                yield replace(found, slide=number)


def _about_kind(medium: MediumDraft, capacity: Capacity) -> Iterator[Finding]:
    if medium.kind in {MediaKind.PDF, MediaKind.CALENDAR}:
        yield Finding(
            f"many Android phones cannot open {a_noun(medium)} in an MMS; they get the fallback "
            "SMS or a link.",
            "Say in the text what is in it.",
        )
    elif medium.mime == "image/png":
        yield from _about_png(medium)
    elif medium.mime == "image/gif":
        yield from _about_gif(medium, capacity)
    elif medium.kind == MediaKind.VIDEO:
        yield from _about_video(medium)


def _about_png(medium: MediumDraft) -> Iterator[Finding]:
    if medium.is_transparent:
        yield Finding(
            f"“{medium.name}” is transparent in places: phones paint them black or white.",
            "Give it a background, or save it as a JPEG.",
        )
    elif medium.size > PNG_ADVICE:
        yield Finding(
            f"“{medium.name}” is a PNG of {say_size(medium.size)}.",
            "Save it as a JPEG: that weighs a fraction and looks the same.",
        )


def _about_gif(medium: MediumDraft, capacity: Capacity) -> Iterator[Finding]:
    advice = GIF_ADVICE_TRANSCODED if capacity.transcodes else GIF_ADVICE
    if medium.size > advice:
        yield Finding(
            f"the GIF weighs {say_size(medium.size)}; up to {say_size(advice)} play on most "
            "phones, and nobody makes it smaller on its way.",
            "Make it fit: fewer pictures, or smaller ones.",
        )
    if max(medium.width or 0, medium.height or 0) > GIF_PIXELS:
        yield Finding(
            f"the GIF is {medium.width} × {medium.height} pixels; phones play up to 480 × 720 or "
            "640 × 640 smoothly.",
            "Make it smaller.",
        )
    if medium.frames and medium.seconds:
        speed = medium.frames / medium.seconds
        if medium.frames > 1 and speed > GIF_PICTURES_PER_SECOND:
            yield Finding(
                f"the GIF shows {speed:.0f} pictures a second; 2 to 4 play on most phones.",
                "Leave out every other picture.",
            )


def _about_video(medium: MediumDraft) -> Iterator[Finding]:
    is_hd = max(medium.width or 0, medium.height or 0) >= HD_PIXELS
    advice = SECONDS_ADVICE_HD if is_hd else SECONDS_ADVICE
    if (medium.seconds or 0) > advice:
        yield Finding(
            f"the video runs {medium.seconds:.0f} s; up to {advice} s"
            f"{' in HD' if is_hd else ''} reach most phones.",
            "Cut it.",
        )
    if max(medium.width or 0, medium.height or 0) > HD_PIXELS:
        yield Finding(
            f"the video is {medium.width} × {medium.height} pixels, more than phones show.",
            "Make it fit: 1280 × 720 is plenty.",
        )


def _about_shape(medium: MediumDraft) -> Iterator[Finding]:
    if not medium.width or not medium.height:
        return
    longer, shorter = max(medium.width, medium.height), min(medium.width, medium.height)
    if longer / shorter > LONGEST_SHAPE:
        shape = "wide" if medium.width > medium.height else "tall"
        yield Finding(
            f"“{medium.name}” is very {shape} ({medium.width} × {medium.height}): phones show it "
            "small, or cut it.",
            "Crop it to a square, or to upright 9:16.",
        )
