"""An MMS and its versions: drafting, checking, writing, freezing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Campaign,
    Channel,
    MediaFile,
    Mms,
    MmsRevision,
    Sender,
    Slide,
    SlideMedium,
)
from campaigns.rules.doubts import find_route_doubts, find_warnings
from campaigns.rules.findings import Finding
from campaigns.rules.formats import Shape, as_stored
from campaigns.rules.formats_checks import (
    find_country_doubts,
    find_format_doubts,
    find_format_problems,
)
from campaigns.rules.mergefields import find_broken, passages_in
from campaigns.rules.phones import country_and_line
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.slides import Capacity, MediumDraft, SlideDraft, Wording, find_problems
from campaigns.rules.slides import can_share as may_share
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.audit import record
from campaigns.services.channels import channel_limits
from campaigns.services.drafts import DraftSlide, MmsDraft, as_slides, as_wording, draft_of
from campaigns.services.hearing import is_heard

#: Within this, what one person changes in one version is one entry of the audit trail.
ONE_SITTING = timedelta(minutes=5)
#: Shorter numbers are short codes.
LONG_NUMBER = 7
_UNDER_WAY = (CampaignStatus.FILLING, CampaignStatus.SENDING, CampaignStatus.PAUSED)


# --- Checking ----------------------------------------------------------------------------------


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


# --- Writing -----------------------------------------------------------------------------------


class EditedMeanwhile(RuleBroken):
    """Somebody saved other words since this draft was begun; nothing was written."""

    def __init__(self, mms: Mms) -> None:
        self.mms = mms
        super().__init__(
            f"{mms.edited_by or 'Somebody'} saved other words meanwhile. Nothing was overwritten."
        )


class MmsGone(RuleBroken):
    """It was deleted while somebody wrote on it."""

    def __init__(self) -> None:
        super().__init__("This MMS was deleted meanwhile. What you wrote is still here.")


@transaction.atomic
def save_draft(
    mms: Mms | None, draft: MmsDraft, *, by: AbstractBaseUser, seen: int | None = None
) -> MmsRevision:
    """Save what is written, unfinished or not: into the working version, or into a new one
    when the newest is frozen. What is unchanged is not written.

    `seen` is the `edit_number` that the draft was made from; when another one was saved since,
    `EditedMeanwhile` is raised. Saying the same again is no conflict: an answer may have been
    lost on its way.
    """
    check(_find_unwritable(draft))
    draft = replace(draft, name=draft.name.strip())
    is_new = mms is None
    mms = Mms(created_by=by) if mms is None else _lock(mms)
    head = None if is_new else _lock_head(mms)
    if head and draft_of(head) == draft:
        return head
    if seen is not None and seen != mms.edit_number:
        raise EditedMeanwhile(mms)
    mms.name, mms.edited_by, mms.edit_number = draft.name, by, mms.edit_number + 1
    mms.save()
    revision = _write(mms, head, draft, by)
    _note_change(mms, revision, by, "mms.added" if is_new else "mms.changed")
    return revision


def _lock(mms: Mms) -> Mms:
    """One saves at a time."""
    rows = Mms.objects.select_for_update(of=("self",)).select_related("edited_by")
    found = rows.filter(pk=mms.pk).first()
    if found is None:
        raise MmsGone
    return found


def _lock_head(mms: Mms) -> MmsRevision | None:
    rows = MmsRevision.objects.select_for_update().filter(mms=mms)
    head = rows.order_by("-number").first()
    if head:
        head.mms = mms
    return head


def _note_change(mms: Mms, revision: MmsRevision, by: AbstractBaseUser, verb: str) -> None:
    """Whoever goes on writing the same version is noted once in a while, not at every pause."""
    after = {"version": revision.number}
    last = AuditEntry.objects.filter(target_type="mms", target_id=str(mms.pk)).first()
    goes_on = (
        last is not None
        and last.verb in {"mms.added", "mms.changed"}
        and (last.actor_id, last.after) == (by.pk, after)
        and last.at > timezone.now() - ONE_SITTING
    )
    if not goes_on:
        record(verb, mms, by=by, after=after)


def _find_unwritable(draft: MmsDraft) -> Iterator[str]:
    """What cannot even be kept as unfinished."""
    if not draft.name.strip():
        yield "Give the MMS a name: only you see it."
    for word, value, model in (
        ("name", draft.name, Mms),
        ("subject", draft.subject, MmsRevision),
        *(("title", slide.title, Slide) for slide in draft.slides),
    ):
        room = model._meta.get_field(word).max_length
        if len(value.strip()) > room:
            yield f"The {word} has {len(value.strip())} characters; shorten it to {room}."


def _write(
    mms: Mms, head: MmsRevision | None, draft: MmsDraft, by: AbstractBaseUser
) -> MmsRevision:
    revision = head
    if head is None or head.frozen_at:
        revision = MmsRevision(mms=mms, number=head.number + 1 if head else 1, created_by=by)
    revision.format = draft.format
    revision.subject = draft.subject
    revision.fallback = draft.fallback
    revision.fallback_text = draft.fallback_text
    revision.fallback_link = draft.fallback_link
    revision.choices = [as_stored(choice) for choice in draft.choices]
    revision.place = as_stored(draft.place) if draft.place else {}
    revision.save()
    revision.slides.all().delete()
    _write_slides(revision, draft.slides)
    return revision


def _write_slides(revision: MmsRevision, slides: Iterable[DraftSlide]) -> None:
    slides = tuple(slides)
    rows = Slide.objects.bulk_create(
        Slide(
            revision=revision,
            position=position,
            text=slide.text,
            title=slide.title,
            choices=[as_stored(choice) for choice in slide.choices],
        )
        for position, slide in enumerate(slides, 1)
    )
    _hold_media(slides)
    SlideMedium.objects.bulk_create(
        SlideMedium(slide=row, media_file=media)
        for row, slide in zip(rows, slides, strict=True)
        for media in dict.fromkeys(slide.media)
    )


def _hold_media(slides: Iterable[DraftSlide]) -> None:
    """Nobody deletes these files from now on; what was deleted just before is told."""
    shown = [(n, media) for n, slide in enumerate(slides, 1) for media in slide.media]
    rows = MediaFile.objects.select_for_update(no_key=True)
    kept = set(rows.filter(pk__in={m.pk for _, m in shown}).values_list("pk", flat=True))
    check(tell_lost(media.name, n) for n, media in shown if media.pk not in kept)


def tell_lost(name: str, number: int) -> str:
    """That a file was deleted while somebody wrote, and is gone from the slide it was on."""
    what = f"“{name}”" if name else "A file"
    return f"{what} was deleted meanwhile and is not on slide {number} any more."


@transaction.atomic
def freeze(revision: MmsRevision, now: datetime) -> MmsRevision:
    """From now on nothing in this version changes: somebody relies on it."""
    MmsRevision.objects.filter(pk=revision.pk, frozen_at=None).update(frozen_at=now)
    revision.refresh_from_db()
    return revision


@transaction.atomic
def duplicate_mms(mms: Mms, *, by: AbstractBaseUser) -> Mms:
    """A new MMS with the same content."""
    name = f"Copy of {mms.name}"[: Mms._meta.get_field("name").max_length]
    revision = save_draft(None, replace(draft_of(mms.head), name=name), by=by)
    return revision.mms


def find_pinned(revision: MmsRevision) -> list[int]:
    """Numbers of the other versions that campaigns under way go on sending."""
    campaigns = Campaign.objects.filter(mms=revision.mms_id, status__in=_UNDER_WAY)
    numbers = campaigns.exclude(revision=revision).order_by("revision__number")
    return list(numbers.values_list("revision__number", flat=True).distinct())


def check_deletable(mms: Mms) -> None:
    """Raises `RuleBroken`, which says where it is used."""
    if names := list(mms.campaign_set.values_list("name", flat=True)[:4]):
        listed = ", ".join(f"“{name}”" for name in names[:3])
        raise RuleBroken(
            f"“{mms}” belongs to the campaign{'s' if names[1:] else ''} {listed}"
            f"{' and others' if names[3:] else ''}: it cannot be deleted."
        )
    used = MmsRevision.objects.filter(mms=mms)
    if used.filter(messages__isnull=False).exists():
        raise RuleBroken(f"“{mms}” was sent as a test: it stays on record.")
    if channel := used.values_list("saved__channel__name", flat=True).exclude(saved=None).first():
        raise RuleBroken(f"“{mms}” is saved at Sinch, on {channel}: it stays on record.")


@transaction.atomic
def delete_mms(mms: Mms, *, by: AbstractBaseUser) -> None:
    """Delete an MMS that was never sent or saved at a provider."""
    check_deletable(mms)
    record("mms.deleted", mms, by=by)
    mms.delete()
