"""“Make all fit”: every file of a too heavy MMS at once, how far it is, and taking them all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns.models import Channel, Fitting, MediaFile, Mms, Sender
from campaigns.rules.media import OBJECT_KINDS
from campaigns.rules.numbers import is_number
from campaigns.rules.shares import LEAST
from campaigns.rules.statuses import FitStatus
from campaigns.services.content_checks import capacity_of
from campaigns.services.drafts import MmsDraft, media_of
from campaigns.services.fitting import find_fitted_since, find_need
from campaigns.services.fitting_together import find_together, plan_together, start_together

STEP = "fit-all"
#: So long after a file was made to fit, its slide still offers to take it.
_OFFERED = timedelta(hours=1)
_PLACES = ("total", "check")


@dataclass(frozen=True, slots=True)
class Fit:
    """A file on the slide with this index, and how far it is."""

    slide: int
    media: MediaFile
    fitting: Fitting

    @property
    def number(self) -> int:
        return self.slide + 1


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(require_GET(look))
    return [path("fit-all/", view, name="campaigns_mediafile_fit_all")]


def context(
    request: HttpRequest,
    *,
    mms: Mms | None,
    draft: MmsDraft,
    channel: Channel | None,
    sender: Sender | None,
) -> dict[str, Any]:
    """The button or how far it is, and which slides show their own panel at once."""
    if not request.user.has_perm("campaigns.add_mediafile"):
        return {}
    plan = plan_together(draft, channel)
    found = find_together(plan.pieces)
    fits = [Fit(piece.slide, piece.media, row) for piece, row in found.items() if row]
    is_begun = bool(found) and len(fits) == len(found)
    return {
        "may_fit_all": bool(plan.pieces),
        "fit_obstacles": plan.obstacles,
        "can_shrink": [media.pk for media in media_of(draft) if _can_shrink(media)],
        "opened": _find_open(media_of(draft), channel),
        **(_describe(fits) if is_begun else {}),
    }


def start(request: HttpRequest, draft: MmsDraft, channel: Channel | None) -> None:
    if request.user.has_perm("campaigns.add_mediafile"):
        start_together(plan_together(draft, channel).pieces, channel, by=request.user)


def look(request: HttpRequest) -> HttpResponse:
    """How far those are that were started, at "<slide>-<file>-<fitting>_…"."""
    fits = _read(request.GET.get("fits", "")) if request.user.is_staff else []
    where = request.GET.get("where", "")
    shown = {**_describe(fits), "where": where if where in _PLACES else "total"}
    return TemplateResponse(request, "campaigns/media/_fit_all.html", shown)


def _describe(fits: list[Fit]) -> dict[str, Any]:
    done = [fit for fit in fits if fit.fitting.status == FitStatus.DONE and fit.fitting.result_id]
    failed = [fit for fit in fits if fit.fitting.status == FitStatus.FAILED]
    swaps = [f"{fit.slide}-{fit.media.pk}-{fit.fitting.result_id}" for fit in done]
    return {
        "fits": fits,
        "fits_asked": "_".join(f"{fit.slide}-{fit.media.pk}-{fit.fitting.pk}" for fit in fits),
        "fits_done": done,
        "fits_failed": failed,
        "is_fitting": len(done) + len(failed) < len(fits),
        "use_all": f"swap-{'-'.join(swaps)}" if swaps else "",
        "fits_progress": sum(100 if fit in done else fit.fitting.progress for fit in fits)
        // max(1, len(fits)),
    }


def _read(asked: str) -> list[Fit]:
    triples = [part.split("-") for part in asked.split("_")[:60]]
    triples = [t for t in triples if len(t) == 3 and all(map(is_number, t))]
    files = MediaFile.objects.in_bulk([int(t[1]) for t in triples])
    rows = Fitting.objects.in_bulk([int(t[2]) for t in triples])
    return [
        Fit(int(slide), files[int(pk)], rows[int(row)])
        for slide, pk, row in triples
        if int(pk) in files and int(row) in rows
    ]


def _can_shrink(media: MediaFile) -> bool:
    return media.kind not in OBJECT_KINDS and media.size > LEAST


def _find_open(files: Iterable[MediaFile], channel: Channel | None) -> set[int]:
    """Ids of the files whose slide shows the panel at once: what does not fit, or was made to."""
    files, capacity = list(files), capacity_of(channel)
    needy = {media.pk for media in files if find_need(media, capacity)}
    others = [m for m in files if m.pk not in needy and m.kind not in OBJECT_KINDS]
    return needy | find_fitted_since(others, timezone.now() - _OFFERED)
