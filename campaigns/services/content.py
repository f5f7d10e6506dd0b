"""An MMS and its versions as things: frozen, copied, deleted while nobody needs them."""

from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from campaigns.models import Campaign, Mms, MmsRevision
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.audit import record
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import draft_of

_UNDER_WAY = (CampaignStatus.FILLING, CampaignStatus.SENDING, CampaignStatus.PAUSED)


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
