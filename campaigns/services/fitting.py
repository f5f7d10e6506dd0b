"""Makes files fit: smaller, or in a form phones play, in the background; the original stays."""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from campaigns.models import Channel, Fitting, MediaFile
from campaigns.rules.fitting import find_no_gain, find_obstacle, say_need, target_of
from campaigns.rules.media import MediaKind, size_key
from campaigns.rules.problems import RuleBroken
from campaigns.rules.slides import Capacity
from campaigns.rules.statuses import FitStatus
from campaigns.services.audit import record
from campaigns.services.content_checks import capacity_of
from campaigns.services.fitting_films import fit_film, fit_sound
from campaigns.services.fitting_images import fit_picture
from campaigns.services.media import keep_fitted
from campaigns.services.queue import ring

#: The queue ends a task after two minutes; before that we say so ourselves.
MOST_SECONDS = 100
#: Longer than any worker lives with one task: whoever took it is gone.
GIVE_UP = timedelta(seconds=150)
#: Nobody took it for so long: its doorbell was lost.
RING_AGAIN = timedelta(minutes=1)
TELL_EVERY = 0.5  # seconds

logger = logging.getLogger(__name__)

BROKEN = "It cannot be made to fit here: export it again in another form and upload that."
SECOND_TRY = "The first try ended half way: trying once more."
TOO_MUCH = "It could not be made to fit, twice: make it shorter or smaller and upload that."
TOO_SLOW = "It takes too long to make it fit here: make it shorter or smaller and upload that."
#: Another try may do better; whatever else was said stays true.
_MAY_PASS = (TOO_MUCH, TOO_SLOW)

_FITTERS: dict[str, Callable[..., Path]] = {
    MediaKind.IMAGE: fit_picture,
    MediaKind.VIDEO: fit_film,
    MediaKind.AUDIO: fit_sound,
}


def find_need(media: MediaFile, capacity: Capacity) -> str:
    """Why this file must be made to fit before such a channel carries it; "" if it need not."""
    sizes = capacity.sizes
    limit = sizes.get(size_key(media.kind, media.mime)) or sizes[media.kind]
    if not capacity.transcodes:
        limit = min(limit, capacity.total)
    return say_need(media.mime, media.size, limit, capacity.types)


def source_of(media: MediaFile) -> MediaFile:
    """What it is made from: the original, so that quality is not lost twice."""
    return media.original or media


def source_id(media: MediaFile) -> int:
    """The same without asking for it."""
    return media.original_id or media.pk


def find_fitted_since(files: Iterable[MediaFile], since: datetime) -> set[int]:
    """Ids of those for which a fitting was asked lately whose result they are not."""
    files = list(files)
    rows = Fitting.objects.filter(
        media_file__in={source_id(media) for media in files}, updated_at__gt=since
    )
    results = dict(rows.order_by("updated_at").values_list("media_file", "result")) if files else {}
    return {
        media.pk
        for media in files
        if source_id(media) in results and results[source_id(media)] != media.pk
    }


def find_latest(media: MediaFile) -> Fitting | None:
    """The fitting that was asked for last; None where its result is this very file."""
    rows = Fitting.objects.filter(media_file=source_of(media)).select_related("result")
    row = rows.order_by("-updated_at").first()
    return None if row is None or row.result_id == media.pk else row


@transaction.atomic
def start_fitting(
    media: MediaFile,
    channel: Channel | None,
    *,
    by: AbstractBaseUser,
    target_bytes: int | None = None,
) -> Fitting:
    """Have this file made to fit; asking again gives the same row. What cannot be made to fit
    gives a row that says why."""
    capacity = capacity_of(channel)
    target = target_bytes or target_of(media.kind, media.mime, capacity.sizes, capacity.total)
    row, is_new = Fitting.objects.get_or_create(
        media_file=media, target_bytes=target, defaults={"created_by": by}
    )
    if is_new or _may_start_again(row):
        _start(row, by)
    return row


def _may_start_again(row: Fitting) -> bool:
    if row.status == FitStatus.DONE:
        return row.result_id is None  # it was deleted since
    return row.status == FitStatus.FAILED and row.reason in _MAY_PASS


def _start(row: Fitting, by: AbstractBaseUser) -> None:
    media = row.media_file
    row.reason = find_obstacle(media.kind, media.seconds, row.target_bytes)
    row.status = FitStatus.FAILED if row.reason else FitStatus.WAITING
    row.progress, row.started_at, row.created_by = 0, None, by
    row.save()
    if row.status == FitStatus.WAITING:
        record("media.fitting_started", media, by=by, after={"target": row.target_bytes})
        ring("media.fit", row.pk)


# --- In the background -------------------------------------------------------------------------


def run_fitting(fitting_id: int, now: datetime) -> None:
    """Make one file fit. One worker takes it; a few at a time, so that sending goes on."""
    if _is_crowded(now) or not _take(fitting_id, now):
        return
    row = Fitting.objects.select_related("media_file", "created_by").get(pk=fitting_id)
    try:
        result = _make(row, _Teller(row))
    except RuleBroken as problem:
        _end(row, status=FitStatus.FAILED, reason=str(problem))
    except Exception:  # whatever a library makes of a strange file: nobody waits for it in vain
        logger.exception("fitting %s failed", row.pk)
        _end(row, status=FitStatus.FAILED, reason=BROKEN)
    else:
        _end(row, status=FitStatus.DONE, reason="", progress=100, result=result)
    ring_next()


def _is_crowded(now: datetime) -> bool:
    working = Fitting.objects.filter(status=FitStatus.WORKING, started_at__gt=now - GIVE_UP)
    return working.count() >= _most_at_once()


def _most_at_once() -> int:
    return max(1, settings.Q_CLUSTER["workers"] // 2)


def _take(fitting_id: int, now: datetime) -> bool:
    rows = Fitting.objects.filter(pk=fitting_id, status=FitStatus.WAITING, started_at=None)
    taken = rows.update(status=FitStatus.WORKING, started_at=now, progress=0, updated_at=now)
    return bool(taken)


def _mine(row: Fitting) -> Q:
    """The row, while it is this worker's."""
    return Q(pk=row.pk, status=FitStatus.WORKING, started_at=row.started_at)


def _end(row: Fitting, **fields: object) -> None:
    Fitting.objects.filter(_mine(row)).update(updated_at=timezone.now(), **fields)


class _Teller:
    """Called with the share that is done; notes it, and ends what takes too long or was taken
    over."""

    def __init__(self, row: Fitting) -> None:
        self._row = row
        self._until = time.monotonic() + MOST_SECONDS
        self._next = 0.0

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now > self._until:
            raise RuleBroken(TOO_SLOW)
        if now < self._next:
            return
        self._next = now + TELL_EVERY
        percent = max(0, min(99, int(share * 100)))
        rows = Fitting.objects.filter(_mine(self._row))
        if not rows.update(progress=percent, updated_at=timezone.now()):
            raise RuleBroken(TOO_MUCH)


def _make(row: Fitting, tell: Callable[[float], None]) -> MediaFile:
    media = row.media_file
    with TemporaryDirectory(prefix="magpie-fit-") as folder:
        with media.file.open("rb") as source:
            fitted = _FITTERS[media.kind](source, media, row.target_bytes, Path(folder), tell)
        size = fitted.stat().st_size
        if problem := find_no_gain(media.mime, media.size, size):
            raise RuleBroken(problem)
        with fitted.open("rb") as content:
            return keep_fitted(content, size, original=media, by=row.created_by)


def ring_next() -> None:
    """Ring for those who wait longest, as many as may be at work."""
    waiting = Fitting.objects.filter(status=FitStatus.WAITING, started_at=None)
    for fitting_id in waiting.order_by("pk").values_list("pk", flat=True)[: _most_at_once()]:
        ring("media.fit", fitting_id)


def ring_stalled(now: datetime) -> None:
    """What a worker left half way is tried once more; what none took is rung for again."""
    left = Fitting.objects.filter(status=FitStatus.WORKING, started_at__lt=now - GIVE_UP)
    left.filter(reason=SECOND_TRY).update(status=FitStatus.FAILED, reason=TOO_MUCH, updated_at=now)
    left.update(
        status=FitStatus.WAITING, reason=SECOND_TRY, started_at=None, progress=0, updated_at=now
    )
    waiting = Fitting.objects.filter(status=FitStatus.WAITING, started_at=None)
    stale = Q(updated_at__lt=now - RING_AGAIN) | Q(reason=SECOND_TRY)
    for fitting_id in waiting.filter(stale).order_by("pk").values_list("pk", flat=True)[:20]:
        ring("media.fit", fitting_id)
