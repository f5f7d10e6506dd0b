"""What every channel holds of an MMS as a template, and what a campaign there would send."""

from dataclasses import dataclass

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from campaigns.models import Channel, Mms, MmsRevision, SavedMms, SlideMedium
from campaigns.rules.formats import Format
from campaigns.rules.media import MediaKind
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
from campaigns.services.channel_kinds import channel_limits
from campaigns.services.template_reports import slide_of


def find_ready_id(revision_id: int, channel_id: int) -> str:
    """The provider's id of this very version, where one is ready; "" where none is."""
    ready = SavedMms.objects.filter(
        revision=revision_id, channel=channel_id, status=SavedStatus.READY
    )
    return ready.values_list("mms_id", flat=True).first() or ""


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
    return Shelf(channel, state, sentence, choose(standing), shown, slide_of(row))


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
