"""The inbox: what people wrote back. Opening a reply marks it read."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, Q, QuerySet, When
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.html import format_html

from campaigns.admin.reading import FindsNumbers, ReadOnly
from campaigns.models import InboundMedia, InboundMessage
from campaigns.services.inbox import find_answered, mark_read
from campaigns.templatetags.portal import ago, masked, pill

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
PREVIEW = 90
#: The words of an MMS come as a file too; they are shown as words.
WORDS = "text/plain"
#: What a reply did, where that is worth a pill: (words, tone).
HEARD = {
    InboundMessage.Heard.HELP: ("Asked for help", "info"),
    InboundMessage.Heard.START: ("Wants messages again", "ok"),
    InboundMessage.Heard.DOUBT: ("Maybe an opt-out", "warn"),
}
UNREAD_FIRST = Case(When(read_at=None, then=0), default=1)


class ReadFilter(admin.SimpleListFilter):
    title = "read"
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Unread"), ("yes", "Read")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() is None:
            return queryset
        return queryset.filter(read_at__isnull=self.value() == "no")


@admin.register(InboundMessage)
class InboundMessageAdmin(ReadOnly, FindsNumbers):
    change_form_template = "campaigns/inbox/reply.html"
    change_list_template = "campaigns/inbox/list.html"
    list_display = ("preview", "sender", "files", "note", "received")
    list_filter = (ReadFilter, "opted_out", "channel")
    list_select_related = ("contact",)
    search_fields = ("contact__last_name__istartswith", "contact__first_name__istartswith")
    search_help_text = "A number in any spelling, or the start of a name."
    ordering = (UNREAD_FIRST, "-id")
    fields = ("phone",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        files = Count("media", filter=~Q(media__mime=WORDS))
        rows = super().get_queryset(request).annotate(file_count=files)
        return rows.defer("copied_to")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        reply = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if reply and self.has_view_permission(request, reply):
            if request.user.has_perm("campaigns.change_inboundmessage"):
                mark_read(reply, by=request.user)
            files, answered = list(_files(reply)), find_answered(reply)
            context = {"reply": reply, "files": files, "answered": answered}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.serve_file)
        return [
            path("files/<int:pk>/", view, name="campaigns_inboundmedia_file"),
            *super().get_urls(),
        ]

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

    @admin.display(description="Reply")
    def preview(self, reply: InboundMessage) -> str:
        text = " ".join((reply.text or reply.subject).split()) or "Without text"
        text = f"{text[:PREVIEW]}…" if len(text) > PREVIEW else text
        if reply.read_at:
            return text
        return format_html('<strong class="unread">{}</strong>', text)

    @admin.display(description="From")
    def sender(self, reply: InboundMessage) -> str:
        number = masked(reply.phone)
        if reply.contact is None:
            return number
        return format_html("<bdi>{}</bdi> · <bdi>{}</bdi>", reply.contact, number)

    @admin.display(description="Files")
    def files(self, reply: InboundMessage) -> str:
        return str(reply.file_count or "–")

    @admin.display(description="", empty_value=" ")
    def note(self, reply: InboundMessage) -> str | None:
        if reply.opted_out:
            return pill("Opted out", "bad")
        return pill(*HEARD[reply.heard]) if reply.heard in HEARD else None

    @admin.display(description="Received", ordering="id")
    def received(self, reply: InboundMessage) -> str:
        return ago(reply.received_at)


def _files(reply: InboundMessage) -> Any:
    """The files of a reply with the way each is shown: image, audio, video or download."""
    for medium in reply.media.all():
        if medium.mime == WORDS and reply.text:
            continue
        kind = medium.mime.partition("/")[0]
        yield medium, kind if medium.mime in SHOWN_INLINE else "file"
