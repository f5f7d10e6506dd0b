"""The gallery of MMS: a card for each, made in the same few questions for any number of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from campaigns.models import (
    Campaign,
    MediaFile,
    Mms,
    MmsRevision,
    SavedMms,
    Slide,
    SlideMedium,
)
from campaigns.rules.formats import Format
from campaigns.rules.templates import (
    STANDS,
    WEIGHTIEST,
    TemplateState,
    find_weightiest,
    judge_state,
)


@dataclass(frozen=True, slots=True)
class Card:
    """What the gallery shows of an MMS: its working version."""

    mms: Mms
    picture: MediaFile | None
    words: str
    slide_count: int
    size: int
    state: TemplateState
    campaign_count: int
    #: What it is, where it is no slides.
    format: str = ""


def with_heads(rows: QuerySet[Mms]) -> QuerySet[Mms]:
    """The rows, each knowing the id of its newest version as `head_id`, its format and place."""
    newest = MmsRevision.objects.filter(mms=OuterRef("pk")).order_by("-number")
    return rows.annotate(
        head_id=Subquery(newest.values("pk")[:1]),
        head_format=Subquery(newest.values("format")[:1]),
        head_place=Subquery(newest.values("place")[:1]),
    )


def make_cards(rows: Sequence[Mms]) -> list[Card]:
    """Cards of rows from `with_heads`."""
    heads = [mms.head_id for mms in rows]
    slides = _slides_of(heads)
    media = _media_of(heads)
    states = _states_of(rows)
    uses = _count_campaigns(rows)
    return [
        Card(
            mms,
            picture=_choose_picture(media.get(mms.head_id, [])),
            words=next(filter(str.strip, slides.get(mms.head_id, [])), _name_place(mms)),
            slide_count=len(slides.get(mms.head_id, [])),
            size=sum(len(text.encode()) for text in slides.get(mms.head_id, []))
            + sum(medium.size for medium in media.get(mms.head_id, [])),
            state=states[mms.pk],
            campaign_count=uses.get(mms.pk, 0),
            format=_FORMATS.get(mms.head_format or "", ""),
        )
        for mms in rows
    ]


#: Those told by their name; slides are told by their number.
_FORMATS = {each.value: each.label for each in Format if each != Format.SLIDES}


def _name_place(mms: Mms) -> str:
    return (mms.head_place or {}).get("title", "")


def _slides_of(heads: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    slides = Slide.objects.filter(revision__in=heads).order_by("revision", "position")
    for revision_id, title, text in slides.values_list("revision_id", "title", "text"):
        found.setdefault(revision_id, []).append("\n".join(filter(None, (title, text))))
    return found


def _media_of(heads: Collection[int]) -> dict[int, list[MediaFile]]:
    found: dict[int, list[MediaFile]] = {}
    uses = SlideMedium.objects.filter(slide__revision__in=heads)
    for use in uses.select_related("slide", "media_file").order_by("slide__position", "pk"):
        found.setdefault(use.slide.revision_id, []).append(use.media_file)
    return found


def _choose_picture(media: Sequence[MediaFile]) -> MediaFile | None:
    """The first that can be seen; else the first."""
    seen = [medium for medium in media if medium.kind == "image" or medium.poster]
    return next(iter(seen or media), None)


def _count_campaigns(rows: Sequence[Mms]) -> dict[int, int]:
    campaigns = Campaign.objects.filter(mms__in=[mms.pk for mms in rows]).order_by()
    return dict(campaigns.values_list("mms").annotate(count=Count("pk")))


# --- States ------------------------------------------------------------------------------------


def _states_of(rows: Sequence[Mms]) -> dict[int, TemplateState]:
    heads = [mms.head_id for mms in rows]
    current: dict[int, list[TemplateState]] = {}
    for pk, status in SavedMms.objects.filter(revision__in=heads).values_list(
        "revision_id", "status"
    ):
        current.setdefault(pk, []).append(judge_state(status))
    pks = [mms.pk for mms in rows]
    standing = SavedMms.objects.filter(revision__mms__in=pks, status__in=STANDS)
    older = set(standing.exclude(revision__in=heads).values_list("revision__mms", flat=True))
    return {
        mms.pk: find_weightiest(current[mms.head_id])
        if mms.head_id in current
        else TemplateState.OUT_OF_DATE
        if mms.pk in older
        else TemplateState.NONE
        for mms in rows
    }


def in_state(rows: QuerySet[Mms], state: TemplateState) -> QuerySet[Mms]:
    """Those of the rows, from `with_heads`, whose cards show this state."""
    here = SavedMms.objects.filter(revision=OuterRef("head_id"))
    older = SavedMms.objects.filter(revision__mms=OuterRef("pk"), status__in=STANDS)
    if state == TemplateState.NONE:
        return rows.filter(~Exists(here), ~Exists(older))
    if state == TemplateState.OUT_OF_DATE:
        return rows.filter(~Exists(here), Exists(older))
    weightier = WEIGHTIEST[: WEIGHTIEST.index(state)]
    is_weightier = Exists(here.filter(status__in=weightier))
    return rows.filter(Exists(here.filter(status=state)), ~is_weightier)


def failing() -> QuerySet[SavedMms]:
    """What could not be saved of working versions: who edited since has seen it."""
    newer = MmsRevision.objects.filter(
        mms=OuterRef("revision__mms"), number__gt=OuterRef("revision__number")
    )
    return SavedMms.objects.filter(~Exists(newer), status=TemplateState.FAILED)


# --- Finding -----------------------------------------------------------------------------------


def saying(rows: QuerySet[Mms], words: str) -> QuerySet[Mms]:
    """Those of the rows, from `with_heads`, with all these words in their name, subject or
    slides."""
    for word in words.split():
        slides = Slide.objects.filter(
            Q(text__icontains=word) | Q(title__icontains=word), revision=OuterRef("head_id")
        )
        heads = MmsRevision.objects.filter(pk=OuterRef("head_id"), subject__icontains=word)
        rows = rows.filter(Q(name__icontains=word) | Exists(slides) | Exists(heads))
    return rows


def used(rows: QuerySet[Mms], is_used: bool) -> QuerySet[Mms]:
    """Those of the rows that a campaign sends, or that none does."""
    campaigns = Exists(Campaign.objects.filter(mms=OuterRef("pk")))
    return rows.filter(campaigns if is_used else ~campaigns)


def saved_on(rows: QuerySet[Mms], channel_id: int) -> QuerySet[Mms]:
    """Those of the rows of which any version is, or was to be, saved on this channel."""
    there = SavedMms.objects.filter(revision__mms=OuterRef("pk"), channel=channel_id)
    return rows.filter(Exists(there))
