"""Single replies: their files, and old addresses, which lead to the thread."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from campaigns.admin.reading import ReadOnly
from campaigns.models import InboundMedia, InboundMessage
from campaigns.rules.numbers import read_number
from campaigns.services.inbox import copy_again

#: Shown in the browser; everything else, SVG too (it can hold script), is downloaded.
SHOWN_INLINE = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/wav",
        "audio/amr",
        "video/mp4",
        "video/3gpp",
        "video/webm",
    }
)


def thread_url(thread_id: int, reply_id: int | None = None) -> str:
    """The page of a thread, at this reply."""
    page = reverse("admin:campaigns_thread_change", args=[thread_id])
    return f"{page}?{urlencode({'reply': reply_id})}#reply-{reply_id}" if reply_id else page


@admin.register(InboundMessage)
class InboundMessageAdmin(ReadOnly):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        again = view(require_POST(self.copy_file_again))
        return [
            path("files/<int:pk>/", view(self.serve_file), name="campaigns_inboundmedia_file"),
            path("files/<int:pk>/again/", again, name="campaigns_inboundmedia_again"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        view = {"view": "unread"} if request.GET.get("read") == "no" else {}
        asked = {**view, **({"q": q} if (q := request.GET.get("q")) else {})}
        return redirect(f"{reverse('admin:campaigns_thread_changelist')}?{urlencode(asked)}")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        reply = InboundMessage.objects.filter(pk=read_number(object_id)).first()
        if reply is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return redirect(thread_url(reply.thread_id, reply.pk))

    def serve_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A file somebody sent us: never trusted, shown only if it is picture, sound or film."""
        if not request.user.has_perm("campaigns.view_inboundmedia"):
            raise PermissionDenied
        medium = get_object_or_404(InboundMedia, pk=pk, status=InboundMedia.Status.COPIED)
        try:
            file = medium.file.open("rb")
        except FileNotFoundError:
            raise Http404("The file is gone.") from None
        response = FileResponse(
            file,
            content_type=medium.mime if medium.mime in SHOWN_INLINE else "application/octet-stream",
            as_attachment=medium.mime not in SHOWN_INLINE,
        )
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def copy_file_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Fetch a file once more that could not be copied."""
        if not request.user.has_perm("campaigns.change_inboundmessage"):
            raise PermissionDenied
        medium = get_object_or_404(InboundMedia.objects.select_related("message"), pk=pk)
        copy_again(medium, by=request.user)
        messages.info(request, "The file is being fetched again: look here in a minute.")
        return redirect(thread_url(medium.message.thread_id, medium.message_id))
