"""Whether an MMS will arrive: its rules, its files on the wire, its channel, told all at once."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.conf import settings
from PIL import Image

from campaigns.gateways.http import probe
from campaigns.models import Channel, MediaFile, Mms, SavedMms, Sender
from campaigns.rules.findings import Finding
from campaigns.rules.metadata import find_gif_delays
from campaigns.rules.slides import MediumDraft, SlideDraft
from campaigns.rules.statuses import SavedStatus
from campaigns.services.content_checks import find_draft_problems
from campaigns.services.drafts import MmsDraft, as_plain, as_slides, draft_of
from campaigns.services.pictures import UNREADABLE
from campaigns.services.reach import Fetch, Trip, fetch_files, is_https, say_trip, sum_up

#: Larger pictures are not opened while somebody waits: they have to be made to fit anyway.
LOOKED_INTO_BYTES, LOOKED_INTO_PIXELS = 3_000_000, 4_000_000
LOOKED_INTO_FRAMES = 200

Findings = tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was found, in the order of the slides, and how each file came."""

    problems: Findings
    warnings: Findings
    fine: Findings
    trips: tuple[Trip, ...]

    @property
    def summary(self) -> str:
        return sum_up(self.trips)


def check_arrival(
    draft: MmsDraft,
    *,
    mms: Mms | None = None,
    channel: Channel | None = None,
    sender: Sender | None = None,
    told: tuple[list[Finding], list[Finding]] = ([], []),
    fetch: Fetch = probe,
) -> Arrival:
    """Everything that stands in its way at once. `told` are problems and warnings that somebody
    else found before, such as those about merge fields and the people it goes to."""
    problems, warnings = find_draft_problems(
        draft, channel, sender=sender, slides=_look_closer(draft)
    )
    trips = fetch_files(_places_of(draft), fetch=fetch)
    return Arrival(
        problems=_in_order(_find_closed_ways(channel), told[0], problems, _tell_once(trips)),
        warnings=_in_order(
            _find_doubtful_ways(mms, draft, channel),
            told[1],
            warnings,
            (found for trip in trips for found in trip.warnings),
        ),
        fine=_in_order(_find_open_ways(mms, draft, channel), _find_good_trips(trips)),
        trips=tuple(trips),
    )


def mark_of(draft: MmsDraft, channel: Channel | None, sender: Sender | None) -> str:
    """The same as long as what would be sent is the same."""
    way = (channel.pk if channel else None, sender.pk if sender else None)
    return hashlib.sha256(json.dumps([as_plain(draft), way]).encode()).hexdigest()[:16]


def _in_order(*found: Iterator[Finding] | list[Finding]) -> Findings:
    """What concerns the whole first, then slide by slide; each sentence once."""
    together = dict.fromkeys(finding for part in found for finding in part)
    return tuple(sorted(together, key=lambda finding: finding.slide or 0))


# --- The channel ---------------------------------------------------------------------------------


def _find_closed_ways(channel: Channel | None) -> Iterator[Finding]:
    if channel and channel.paused_at:
        yield Finding(
            f"The channel “{channel}” is paused. {channel.paused_reason}".rstrip(),
            "Resume it first: until then nothing goes out.",
        )
    if channel and not channel.senders.exists():
        yield Finding(
            f"The channel “{channel}” has no number to send from.", "Add a sender on its page."
        )


def _find_doubtful_ways(
    mms: Mms | None, draft: MmsDraft, channel: Channel | None
) -> Iterator[Finding]:
    if channel is None:
        yield Finding(
            "No channel is chosen: this was checked as for the most careful one.",
            "Choose the channel that it will go out on.",
            field="channel",
        )
    elif channel.test_problem:
        said = "" if channel.works_in_part else " failed"
        yield Finding(
            f"The last test of “{channel}”{said}: {channel.test_problem}", "Test it again."
        )
    if not is_https(settings.PUBLIC_BASE_URL) and not settings.SANDBOX:
        yield Finding(
            "Files travel without encryption: their address begins with http://.",
            "Give the portal a certificate and set PUBLIC_BASE_URL to https://.",
        )
    yield from _judge_saved(mms, draft, channel)[0]


def _find_open_ways(mms: Mms | None, draft: MmsDraft, channel: Channel | None) -> Iterator[Finding]:
    if channel and not channel.paused_at:
        yield Finding(f"The channel “{channel}” is open.")
    if settings.SANDBOX and any(slide.media for slide in draft.slides):
        yield Finding(
            "Files are fetched as the sandbox does it, from this machine: the real Sinch needs "
            "an address that the internet reaches."
        )
    yield from _judge_saved(mms, draft, channel)[1]


def _judge_saved(
    mms: Mms | None, draft: MmsDraft, channel: Channel | None
) -> tuple[list[Finding], list[Finding]]:
    """(doubts, good news) about the template saved at the provider."""
    saved = SavedMms.objects.filter(revision__mms=mms, channel=channel) if mms else None
    row = saved.order_by("-revision__number").first() if saved else None
    if row is None:
        return [], []
    if mms.head != row.revision or draft_of(row.revision) != replace(draft, name=mms.name):
        words = "The template saved at Sinch is older than what you have here."
        return [Finding(words, "Save it again, or campaigns send the slides themselves.")], []
    if row.status in {SavedStatus.FAILED, SavedStatus.IN_DOUBT}:
        words = f"The template saved at Sinch cannot be used: {row.reason}"
        return [Finding(words, "Save it again; until then campaigns send the slides.")], []
    if row.status == SavedStatus.READY:
        return [], [Finding(f"Sinch has it ready as template {row.mms_id}: files come from there.")]
    return [], [Finding("The template is on its way to Sinch; until then the slides are sent.")]


# --- The files -----------------------------------------------------------------------------------


def _places_of(draft: MmsDraft) -> dict[MediaFile, tuple[int, ...]]:
    """Each file with the numbers of the slides that it stands on."""
    places: dict[MediaFile, tuple[int, ...]] = {}
    for number, slide in enumerate(draft.slides, 1):
        for medium in slide.media:
            places[medium] = (*places.get(medium, ()), number)
    return places


def _tell_once(trips: list[Trip]) -> Iterator[Finding]:
    """One cause that keeps every file away is told once."""
    causes = {trip.cause for trip in trips}
    if len(trips) > 1 and len(causes) == 1 and "" not in causes:
        words = f"Sinch cannot fetch any of the {len(trips)} files. {trips[0].cause}"
        yield Finding(words, trips[0].remedy)
        return
    for trip in trips:
        yield from trip.problems


def _find_good_trips(trips: list[Trip]) -> Iterator[Finding]:
    for trip in trips:
        if trip.tone == "ok":
            yield Finding(say_trip(trip), slide=trip.slides[0])


def _look_closer(draft: MmsDraft) -> tuple[SlideDraft, ...]:
    """The slides with what only the pictures themselves can tell."""
    return tuple(
        replace(
            judged,
            media=tuple(map(_look_into, slide.media, judged.media)),
        )
        for slide, judged in zip(draft.slides, as_slides(draft), strict=True)
    )


def _look_into(media: MediaFile, judged: MediumDraft) -> MediumDraft:
    pixels = (media.width or 0) * (media.height or 0)
    if media.mime not in {"image/png", "image/gif"}:
        return judged
    if media.size > LOOKED_INTO_BYTES or pixels > LOOKED_INTO_PIXELS:
        return judged
    try:
        if media.mime == "image/png":
            with media.file.open("rb") as file, Image.open(file, formats=["PNG"]) as image:
                return replace(judged, is_transparent=_is_transparent(image))
        with media.file.open("rb") as file:
            delays = find_gif_delays(file.read())[:LOOKED_INTO_FRAMES]
            return replace(judged, frames=len(delays), seconds=sum(delays))
    except UNREADABLE:
        return judged  # the fetch tells more about a file that is broken or gone


def _is_transparent(image: Image.Image) -> bool:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return False
    return image.convert("RGBA").getchannel("A").getextrema()[0] < 255
