"""Versions saved as templates at a provider, which then fetches and converts media only once."""

import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from campaigns.gateways.base import Gateway, Saved, SavedEvent
from campaigns.gateways.errors import GatewayError, OutcomeUnknown, Throttled, Unreachable
from campaigns.models import Channel, Mms, MmsRevision, SavedMms, SlideMedium
from campaigns.rules.formats import Format
from campaigns.rules.media import MediaKind
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.slides import find_template_problems
from campaigns.rules.statuses import SavedStatus
from campaigns.rules.templates import (
    STANDS,
    UNDER_WAY,
    Choice,
    Standing,
    TemplateState,
    choose,
    judge_state,
    tell_state,
)
from campaigns.services.audit import record
from campaigns.services.channels import channel_limits, open_gateway
from campaigns.services.content import find_mms_problems, freeze
from campaigns.services.drafts import as_slides, as_wording, draft_of
from campaigns.services.journal import keep_exchanges
from campaigns.services.queue import ring
from campaigns.services.wording import outgoing_content

#: Longer than any answer takes: after this the worker that took it is gone.
GIVE_UP = timedelta(minutes=3)
#: Nobody took it for so long: its doorbell was lost.
RING_AGAIN = timedelta(minutes=1)
LEFT = "The worker stopped while this was being saved. It may be saved: save it again."
#: Longer than any video takes: after this its report was lost, and it may be saved again.
TRANSCODING_TAKES = timedelta(hours=1)
GONE = "Sinch did not have the template {mms_id} any more (E241): it is being saved again."
_FINAL = (SavedStatus.READY, SavedStatus.FAILED)
#: How reasons, ours and the provider's, name a slide.
_SLIDE = re.compile(r"\bslide (\d{1,2})\b", re.IGNORECASE)


@transaction.atomic
def save_to_provider(revision: MmsRevision, channel: Channel, *, by: AbstractBaseUser) -> SavedMms:
    """Have this version saved as a template on that channel; a task does it."""
    if not may_keep(revision, channel):
        raise RuleBroken(f"“{channel}” keeps no template of this: it is sent as it is each time.")
    check([*find_mms_problems(revision, channel)[0], *_find_template_problems(revision)])
    now = timezone.now()
    reference = _new_reference(revision.pk)
    row, is_new = SavedMms.objects.get_or_create(
        revision=revision, channel=channel, defaults={"reference": reference}
    )
    if not is_new:
        _check_again(row, now)
    freeze(revision, now)
    row.reference = reference
    row.status, row.started_at, row.created_by = SavedStatus.SAVING, None, by
    row.mms_id = row.provider_id = row.code = row.reason = ""
    row.save()
    record("mms.saved_to_provider", revision.mms, by=by, after={"channel": channel.name})
    ring("content.save_mms", row.pk)
    return row


def _find_template_problems(revision: MmsRevision) -> list[str]:
    draft = draft_of(revision)
    return [str(found) for found in find_template_problems(as_slides(draft), as_wording(draft))]


def _check_again(row: SavedMms, now: datetime) -> None:
    if row.status == SavedStatus.READY:
        raise RuleBroken(f"This version is ready on {row.channel}: it need not be saved again.")
    patience = {SavedStatus.SAVING: GIVE_UP, SavedStatus.TRANSCODING: TRANSCODING_TAKES}
    if row.status in patience and row.updated_at > now - patience[row.status]:
        raise RuleBroken(f"This version is on its way to {row.channel}: wait for the answer.")


@transaction.atomic
def resave_gone(revision_id: int, channel_id: int, mms_id: str) -> None:
    """The provider says that it does not have this template any more: save the same version
    again. Acts once, while that very id is still the ready one, however often it is told."""
    now = timezone.now()
    ready = SavedMms.objects.filter(
        revision=revision_id, channel=channel_id, mms_id=mms_id, status=SavedStatus.READY
    )
    if not mms_id or not ready.update(
        status=SavedStatus.SAVING,
        reference=_new_reference(revision_id),
        reason=GONE.format(mms_id=mms_id),
        code="E241",
        mms_id="",
        provider_id="",
        started_at=None,
        updated_at=now,
    ):
        return
    row = SavedMms.objects.select_related("revision__mms", "channel").get(
        revision=revision_id, channel=channel_id
    )
    after = {"channel": row.channel.name, "gone": mms_id}
    record("mms.saved_again", row.revision.mms, by=None, after=after)
    ring("content.save_mms", row.pk)


def _new_reference(revision_id: int) -> str:
    return f"saved-{revision_id}-{secrets.token_hex(6)}"


def find_ready_id(revision_id: int, channel_id: int) -> str:
    """The provider's id of this very version, where one is ready; "" where none is."""
    ready = SavedMms.objects.filter(
        revision=revision_id, channel=channel_id, status=SavedStatus.READY
    )
    return ready.values_list("mms_id", flat=True).first() or ""


def run_save(
    saved_id: int, now: datetime, *, connect: Callable[[Channel], Gateway] = open_gateway
) -> None:
    """Send the template to the provider, once, and note the answer. Who takes it over after
    somebody else would send it twice, so nobody does."""
    rows = SavedMms.objects.filter(pk=saved_id, status=SavedStatus.SAVING, started_at=None)
    if not rows.update(started_at=now, updated_at=now):
        return
    row = SavedMms.objects.select_related("channel", "revision__mms").get(pk=saved_id)
    content = outgoing_content(row.revision, sender="", channel=row.channel)
    gateway = connect(row.channel)
    try:
        saved = gateway.save(content, row.reference)
        keep_exchanges(row.channel_id, [saved.exchange], now)
    except GatewayError as error:
        keep_exchanges(row.channel_id, [error.exchange], now)
        _note_error(row, error)
    else:
        _keep(row, saved)


def _note_error(row: SavedMms, error: GatewayError) -> None:
    words = _name_slide(row, str(error))
    if isinstance(error, OutcomeUnknown):
        _note(row, SavedStatus.IN_DOUBT, error, f"{words} It may be saved: save it again.")
    elif isinstance(error, (Unreachable, Throttled)):
        _note(row, SavedStatus.FAILED, error, f"{words} Nothing was saved: save it again.")
    else:
        _note(row, SavedStatus.FAILED, error, words)


def _note(row: SavedMms, status: SavedStatus, error: GatewayError, reason: str) -> None:
    """A report may have come before the answer; it knows better. So does a save begun since."""
    rows = SavedMms.objects.filter(pk=row.pk, reference=row.reference, status=SavedStatus.SAVING)
    rows.update(status=status, code=error.code, reason=reason, updated_at=timezone.now())


def _keep(row: SavedMms, saved: Saved) -> None:
    status = SavedStatus.READY if saved.ready else SavedStatus.TRANSCODING
    rows = SavedMms.objects.filter(pk=row.pk, reference=row.reference)
    rows.update(mms_id=saved.saved_id, provider_id=saved.provider_id, updated_at=timezone.now())
    rows.exclude(status__in=_FINAL).update(status=status, reason="")


def ring_stalled(now: datetime) -> None:
    """Ring again for what no worker took; what a worker took and left may be saved or not."""
    saving = SavedMms.objects.filter(status=SavedStatus.SAVING)
    saving.filter(started_at__lt=now - GIVE_UP).update(
        status=SavedStatus.IN_DOUBT, reason=LEFT, updated_at=now
    )
    forgotten = saving.filter(started_at=None, updated_at__lt=now - RING_AGAIN)
    for saved_id in forgotten.values_list("pk", flat=True):
        ring("content.save_mms", saved_id)


@transaction.atomic
def apply_saved_event(channel_ids: Collection[int], event: SavedEvent) -> bool:
    """Note that a template is ready or failed; False while no row matches. What is ready or
    failed stays so."""
    is_it = Q(mms_id=event.saved_id) if event.saved_id else Q(pk=None)
    if event.reference:
        is_it |= Q(reference=event.reference)
    row = SavedMms.objects.filter(is_it, channel__in=channel_ids).first()
    if row is None:
        return False
    SavedMms.objects.filter(pk=row.pk).exclude(status__in=_FINAL).update(
        status=SavedStatus.READY if event.ready else SavedStatus.FAILED,
        mms_id=event.saved_id or row.mms_id,
        code=event.code,
        reason="" if event.ready else _why(row, event),
        updated_at=timezone.now(),
    )
    return True


def _why(row: SavedMms, event: SavedEvent) -> str:
    """The reason in words, with the slide it is about where the provider names the file; else
    with the slides that hold a file of the kind it blames."""
    words = event.text or f"The provider reported {event.code}."
    named = _name_slide(row, words, event.url)
    if named != words or not event.kind:
        return named
    uses = SlideMedium.objects.filter(slide__revision=row.revision_id)
    places = uses.filter(media_file__kind=event.kind).order_by("slide__position")
    numbers = [str(number) for number in places.values_list("slide__position", flat=True)]
    return f"Slide {' or '.join(numbers)}: {words}" if numbers else words


def _name_slide(row: SavedMms, words: str, url: str = "") -> str:
    """These words with the slide and file before them that they, or the address, tell of."""
    uses = SlideMedium.objects.filter(slide__revision=row.revision_id)
    for use in uses.select_related("slide", "media_file").order_by("slide__position", "pk"):
        if use.media_file.public_name in f"{url} {words}":
            return f"Slide {use.slide.position}, “{use.media_file}”: {words}"
    said = _SLIDE.search(words)
    return f"Slide {said[1]}: {words}" if said else words


# --- What is where -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one channel holds of an MMS, and what a campaign there would use now."""

    channel: Channel
    state: TemplateState
    sentence: str
    choice: Choice
    row: SavedMms | None = None
    #: Of what failed: the slide to mend, where it is known.
    slide: int | None = None

    @property
    def may_save(self) -> bool:
        """Whether saving the working version makes sense; what is under way is waited for."""
        return self.state != TemplateState.READY and self.state not in UNDER_WAY

    @property
    def is_waiting(self) -> bool:
        """Whether news of the row is on its way."""
        return self.row is not None and self.row.status in UNDER_WAY


def list_shelves(mms: Mms) -> list[Shelf]:
    """What every channel that keeps templates holds of this MMS."""
    head = mms.head
    if head is None:
        return []
    older = {row.channel_id: row for row in _newest_standing(mms, head)}
    rows = SavedMms.objects.filter(revision=head).select_related("revision", "created_by")
    current = {row.channel_id: row for row in rows}
    media = _weigh_media(head)
    return [
        _shelf(channel, head, current.get(channel.pk), older.get(channel.pk), media)
        for channel in Channel.objects.all()
        if may_keep(head, channel)
    ]


def may_keep(revision: MmsRevision, channel: Channel) -> bool:
    """Whether this channel keeps templates, and of what is written in this format."""
    limits = channel_limits(channel)
    return limits.saves and revision.format in limits.formats


def tell_not_kept(revision: MmsRevision) -> str:
    """On which channels the message itself is sent each time; "" when all keep templates."""
    channels = list(Channel.objects.all())
    others = [f"“{channel}”" for channel in channels if not may_keep(revision, channel)]
    if not channels:
        return "A channel is needed first."
    if revision.format != Format.SLIDES:
        return "Templates hold slides only: in this format the message itself is sent each time."
    if len(others) == len(channels):
        return "No channel here keeps templates: the message itself is sent each time."
    verb = "keep" if others[1:] else "keeps"
    listed = " and ".join(filter(None, (", ".join(others[:-1]), *others[-1:])))
    return f"{listed} {verb} no templates: there the message itself is sent." if others else ""


def explain_choice(
    revision: MmsRevision | None, channel: Channel | None, *, recipients: int = 0
) -> Choice | None:
    """What a campaign with this version on that channel would send now, and what would be
    better; None while either is missing."""
    if revision is None or channel is None:
        return None
    row = SavedMms.objects.filter(revision=revision, channel=channel).first()
    older = _newest_standing(revision.mms, revision).filter(channel=channel).first()
    media = {**_weigh_media(revision), "recipients": recipients}
    return _shelf(channel, revision, row, older, media).choice


def _shelf(
    channel: Channel,
    head: MmsRevision,
    row: SavedMms | None,
    older: SavedMms | None,
    media: dict[str, int],
) -> Shelf:
    state = judge_state(row.status if row else "", older.status if older else "")
    shown = row or (older if state == TemplateState.OUT_OF_DATE else None)
    standing = Standing(
        state,
        channel=channel.name,
        version=head.number,
        saved_version=shown.revision.number if shown else 0,
        mms_id=shown.mms_id if shown else "",
        may_keep=may_keep(head, channel),
        **media,
    )
    sentence = row.reason if row and row.reason else tell_state(standing)
    return Shelf(channel, state, sentence, choose(standing), shown, _slide_of(row))


def _slide_of(row: SavedMms | None) -> int | None:
    said = _SLIDE.match(row.reason) if row and row.status == SavedStatus.FAILED else None
    return int(said[1]) if said else None


def _newest_standing(mms: Mms, head: MmsRevision) -> QuerySet[SavedMms]:
    """Of each channel, the template of the newest version before this one that is there."""
    standing = SavedMms.objects.filter(revision__mms=mms, status__in=STANDS)
    before = standing.filter(revision__number__lt=head.number)
    newest = before.filter(channel=OuterRef("channel")).order_by("-revision__number")
    rows = before.filter(pk=Subquery(newest.values("pk")[:1]))
    return rows.select_related("revision", "created_by")


def _weigh_media(revision: MmsRevision) -> dict[str, int]:
    uses = SlideMedium.objects.filter(slide__revision=revision).order_by()
    weights = dict(uses.values_list("media_file__kind").annotate(weight=Sum(F("media_file__size"))))
    return {"has_media": bool(weights), "video": weights.get(MediaKind.VIDEO, 0)}
