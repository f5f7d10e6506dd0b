"""Uploading: one file per request, answered with its tile or with the sentence that refuses it."""

from urllib.parse import quote

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.template.loader import render_to_string
from django.urls import URLPattern, path

from campaigns.forms.media import take_file
from campaigns.rules.problems import RuleBroken


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(upload_view)
    return [path("upload/", view, name="campaigns_mediafile_upload")]


def upload_view(request: HttpRequest) -> HttpResponse:
    """Asked by static/js/upload.js. Headers carry no foreign letters: they are quoted."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not request.user.has_perm("campaigns.add_mediafile"):
        raise PermissionDenied
    try:
        media, note = take_file(_find_file(request), by=request.user)
    except RuleBroken as problem:
        return HttpResponse(str(problem), status=422, content_type="text/plain; charset=utf-8")
    may_change = request.user.has_perm("campaigns.change_mediafile")
    shown = {"media": media, "may_change": may_change}
    tile = render_to_string("campaigns/media/_tile.html", shown, request)
    headers = {"X-Media-Id": str(media.pk), "X-Media-Name": quote(media.name)}
    return HttpResponse(tile, headers=headers | {"X-Media-Note": quote(note)})


def _find_file(request: HttpRequest) -> UploadedFile | None:
    try:
        return request.FILES.get("file")
    except UnreadablePostError:  # the connection is gone; nobody hears the answer
        return None
