"""Versions saved as templates at a provider, which then fetches and converts media only once."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from campaigns.gateways.base import Gateway
from campaigns.gateways.errors import GatewayError, OutcomeUnknown, Throttled, Unreachable
from campaigns.gateways.outcomes import Saved
from campaigns.models import Channel, MmsRevision, SavedMms
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.slides import find_template_problems
from campaigns.rules.statuses import SavedStatus
from campaigns.services.audit import record
from campaigns.services.channels import open_gateway
from campaigns.services.content import freeze
from campaigns.services.content_checks import find_mms_problems
from campaigns.services.drafts import as_slides, as_wording, draft_of
from campaigns.services.journal import keep_exchanges
from campaigns.services.queue import ring
from campaigns.services.template_reports import FINAL, name_slide
from campaigns.services.templates import may_keep
from campaigns.services.wording import outgoing_content

#: Longer than any answer takes: after this the worker that took it is gone.
GIVE_UP = timedelta(minutes=3)
#: Nobody took it for so long: its doorbell was lost.
RING_AGAIN = timedelta(minutes=1)
LEFT = "The worker stopped while this was being saved. It may be saved: save it again."
#: Longer than any video takes: after this its report was lost, and it may be saved again.
TRANSCODING_TAKES = timedelta(hours=1)
GONE = "Sinch did not have the template {mms_id} any more (E241): it is being saved again."


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
    words = name_slide(row, str(error))
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
    rows.exclude(status__in=FINAL).update(status=status, reason="")


def ring_stalled(now: datetime) -> None:
    """Ring again for what no worker took; what a worker took and left may be saved or not."""
    saving = SavedMms.objects.filter(status=SavedStatus.SAVING)
    saving.filter(started_at__lt=now - GIVE_UP).update(
        status=SavedStatus.IN_DOUBT, reason=LEFT, updated_at=now
    )
    forgotten = saving.filter(started_at=None, updated_at__lt=now - RING_AGAIN)
    for saved_id in forgotten.values_list("pk", flat=True):
        ring("content.save_mms", saved_id)
