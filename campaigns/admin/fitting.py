"""Making a file fit: the weight to aim at, its progress, and both files side by side."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from campaigns.admin.polling import STOP_POLLING
from campaigns.models import Channel, Fitting, MediaFile
from campaigns.rules.library import Target, find_targets, say_gain
from campaigns.rules.media import OBJECT_KINDS
from campaigns.rules.numbers import is_number, read_number
from campaigns.rules.shares import LEAST
from campaigns.rules.slides import MediumDraft
from campaigns.rules.statuses import FitStatus
from campaigns.services.content_checks import capacity_of
from campaigns.services.fitting import find_latest, find_need, source_of, start_fitting
from campaigns.services.replacing import plan_replacement

#: Channels whose own limits are offered where none is chosen.
_CHANNELS_OFFERED = 3
#: What the composer tells about the place of the file; it comes back with every answer.
_PLACE = ("slide", "mms", "channel")


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(require_http_methods(["GET", "POST"])(fit_view))
    return [path("<int:pk>/fit/", view, name="campaigns_mediafile_fit")]


def fit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """POST starts, GET looks how far it is; who only looks sees the choice, not the buttons."""
    wanted = "add" if request.method == "POST" else "view"
    if not request.user.has_perm(f"campaigns.{wanted}_mediafile"):
        raise PermissionDenied
    media = get_object_or_404(MediaFile, pk=pk)
    started = None
    if request.method == "POST":
        target = read_number(request.POST.get("target", "")) or None
        source, channel = source_of(media), _channel(request)
        started = start_fitting(source, channel, by=request.user, target_bytes=target)
    shown = context(request, media, fitting=started)
    fitting = shown["fitting"]
    is_over = fitting is None or fitting.status in {FitStatus.DONE, FitStatus.FAILED}
    status = STOP_POLLING if is_over and request.method == "GET" else 200
    return TemplateResponse(request, "campaigns/media/_fit.html", shown, status=status)


def context(
    request: HttpRequest, media: MediaFile, *, fitting: Fitting | None = None
) -> dict[str, Any]:
    """What `media/_fit.html` needs, wherever it stands."""
    asked = request.GET
    channel = _channel(request)
    if fitting is None and "keep" not in asked:
        fitting = _find_fitting(media, asked)
    need = find_need(media, capacity_of(channel))
    result = fitting.result if fitting and fitting.status == FitStatus.DONE else None
    return {
        "medium": media,
        "fitting": fitting,
        "result": result,
        "gain": say_gain(media.size, result.size) if result else "",
        "need": need,
        "targets": _targets(media, channel, in_composer="slide" in asked),
        "is_kept": "keep" in asked,
        "fit_url": reverse("admin:campaigns_mediafile_fit", args=[media.pk]),
        "place": _place(asked),
        "may_fit": request.user.has_perm("campaigns.add_mediafile"),
        "may_replace": may_replace(request),
        "replacement": plan_replacement(media),
        **_composer(asked),
    }


def may_replace(request: HttpRequest) -> bool:
    """Another file in the place of one changes MMS, too."""
    wanted = ("add_mediafile", "change_mediafile", "change_mms")
    return request.user.has_perms([f"campaigns.{name}" for name in wanted])


def _find_fitting(media: MediaFile, asked: QueryDict) -> Fitting | None:
    """The one that is asked for, else the last."""
    rows = Fitting.objects.filter(media_file=source_of(media)).select_related("result")
    pk = read_number(asked.get("fitting", ""))
    return rows.filter(pk=pk).first() if pk else find_latest(media)


def _targets(media: MediaFile, channel: Channel | None, *, in_composer: bool) -> list[Target]:
    if media.kind in OBJECT_KINDS:
        return []
    channels = [channel] if channel else Channel.objects.all()[:_CHANNELS_OFFERED]
    medium = MediumDraft(media.kind, media.mime, media.size, media.name)
    limits = {}
    for row in channels:
        capacity = capacity_of(row)
        limits[row.name] = min(capacity.size_of(medium), capacity.total)
    must_convert = media.mime not in capacity_of(channel).types
    targets = find_targets(media.size, limits, must_convert=must_convert)
    if in_composer and media.size > LEAST:
        targets.append(Target(LEAST, "for many slides"))
    return targets


def _channel(request: HttpRequest) -> Channel | None:
    pk = read_number(request.GET.get("channel", ""))
    return Channel.objects.filter(pk=pk).first() if pk else None


def _place(asked: QueryDict) -> str:
    """The same place for the next question, as the end of an address."""
    place = QueryDict(mutable=True)
    place.update({name: asked[name] for name in _PLACE if name in asked})
    return place.urlencode()


def _composer(asked: QueryDict) -> dict[str, Any]:
    """In the composer the choice is a step of it."""
    if not is_number(asked.get("slide")):
        return {"composer": ""}
    mms = read_number(asked.get("mms", ""))
    change = reverse("admin:campaigns_mms_change", args=[mms]) if mms else ""
    return {"composer": change or reverse("admin:campaigns_mms_add"), "slide": asked["slide"]}
