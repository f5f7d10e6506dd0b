"""Where a file is shown, and putting another one in its place."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from campaigns.models import Campaign, MediaFile, Mms, MmsRevision
from campaigns.rules.library import say_replacement
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.audit import record
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import MmsDraft, draft_of

#: MMS told one by one on the page of a file; the others are counted.
USES_SHOWN = 50
_UNDER_WAY = (CampaignStatus.FILLING, CampaignStatus.SENDING, CampaignStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Use:
    """An MMS that shows a file: in which versions, and the campaigns that send them."""

    mms: Mms
    numbers: tuple[int, ...]
    is_current: bool
    campaigns: tuple[Campaign, ...]


def list_uses(media: MediaFile) -> tuple[list[Use], int]:
    """(the first MMS by name, how many more there are)."""
    showing = Mms.objects.filter(pk__in=_versions_of(media).values("mms"))
    shown = list(showing.order_by("name", "pk")[:USES_SHOWN])
    more = showing.count() - len(shown) if len(shown) == USES_SHOWN else 0
    versions = _versions_of(media).filter(mms__in=shown).order_by("number")
    current = set(_current(media).values_list("mms", flat=True))
    campaigns = list(_campaigns_of(media, shown))
    return [
        Use(
            mms,
            tuple(version.number for version in versions if version.mms_id == mms.pk),
            mms.pk in current,
            tuple(campaign for campaign in campaigns if campaign.mms_id == mms.pk),
        )
        for mms in shown
    ], more


def _versions_of(media: MediaFile) -> QuerySet[MmsRevision]:
    return MmsRevision.objects.filter(slides__media__media_file=media).distinct()


def _current(media: MediaFile) -> QuerySet[MmsRevision]:
    """The working versions among them: those whose number is the highest of their MMS."""
    newest = Max("mms__revisions__number")
    showing = MmsRevision.objects.filter(pk__in=_versions_of(media).values("pk"))
    return showing.annotate(newest=newest).filter(number=F("newest"))


def _campaigns_of(media: MediaFile, shown: Iterable[Mms]) -> QuerySet[Campaign]:
    """Those that send a version with the file, and drafts that would."""
    drafts = Q(revision=None, mms__in=_current(media).values("mms"))
    sending = Q(revision__in=_versions_of(media).values("pk"))
    return Campaign.objects.filter(sending | drafts, mms__in=shown).order_by("-id")


# --- Replacing ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Replacement:
    """What another file in the place of one changes, and what keeps the old one."""

    changing: tuple[Mms, ...]
    sent: int
    under_way: int

    @property
    def words(self) -> str:
        return say_replacement(len(self.changing), self.sent, self.under_way)

    @property
    def words_after(self) -> str:
        return say_replacement(len(self.changing), self.sent, self.under_way, done=True)


def plan_replacement(media: MediaFile) -> Replacement:
    """What would change: the working version of an MMS does, what was sent or saved does not."""
    pinned = Campaign.objects.filter(revision__in=_versions_of(media).values("pk"))
    return Replacement(
        tuple(Mms.objects.filter(pk__in=_current(media).values("mms")).order_by("name", "pk")),
        pinned.exclude(status__in=_UNDER_WAY).count(),
        pinned.filter(status__in=_UNDER_WAY).count(),
    )


@transaction.atomic
def replace_media(old: MediaFile, new: MediaFile, *, by: AbstractBaseUser) -> Replacement:
    """Put a file in the place of another, in the library and in every working version.

    The new one gets the tags of the old one, which leaves the library and stays where it is shown.
    """
    check_replacement(old, new)
    replacement = plan_replacement(old)
    for mms in _lock(replacement.changing):
        save_draft(mms, _swap(draft_of(mms.head), old, new), by=by)
    MediaFile.objects.filter(pk=new.pk).update(replaced_by=None)  # it may be the way back
    MediaFile.objects.filter(pk=old.pk).update(replaced_by=new)
    old.replaced_by = new
    new.tags.add(*old.tags.all())
    names = [mms.name for mms in replacement.changing]
    record("media.replaced", old, by=by, before={}, after={"file": new.name, "MMS": names})
    return replacement


def _lock(changing: Iterable[Mms]) -> QuerySet[Mms]:
    """Nobody saves other words between our reading and our writing."""
    rows = Mms.objects.select_for_update(of=("self",))
    return rows.filter(pk__in=[mms.pk for mms in changing]).order_by("pk")


def check_replacement(old: MediaFile, new: MediaFile) -> None:
    """Raises `RuleBroken`: on a slide each kind of file has its own company."""
    if old.pk == new.pk:
        raise RuleBroken("This is the same file: nothing would change.")
    if old.kind != new.kind:
        raise RuleBroken(
            f"“{old}” is of the kind “{old.get_kind_display()}” and “{new}” of the kind "
            f"“{new.get_kind_display()}”: replace a file with one of its own kind."
        )


def _swap(draft: MmsDraft, old: MediaFile, new: MediaFile) -> MmsDraft:
    slides = tuple(
        replace(slide, media=tuple(new if medium == old else medium for medium in slide.media))
        for slide in draft.slides
    )
    return replace(draft, slides=slides)


@transaction.atomic
def bring_back(media: MediaFile, *, by: AbstractBaseUser) -> None:
    """A replaced file is offered in the library again; no MMS changes."""
    before = media.replaced_by
    if before is None:
        return
    media.replaced_by = None
    media.save(update_fields=["replaced_by"])
    record("media.brought_back", media, by=by, before={"replaced by": before.name})
