"""An MMS saved as a template at a provider: shown, started and followed from the composer."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import SimpleLazyObject, cached_property

from campaigns.models import Channel, Mms, MmsRevision, Sender
from campaigns.rules.mergefields import tell_held
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.services.drafts import MmsDraft, draft_of
from campaigns.services.personal import fields_of
from campaigns.services.template_saving import save_to_provider
from campaigns.services.templates import Shelf, list_shelves, tell_not_kept
from campaigns.services.version_uses import Uses, find_uses


def urls(admin: ModelAdmin) -> list[URLPattern]:
    view = admin.admin_site.admin_view(partial(show_saved, admin))
    return [path("<int:pk>/saved/", view, name="campaigns_mms_saved")]


@dataclass(frozen=True)
class Panel:
    """What the panel shows; asked of the database only when it is drawn."""

    mms: Mms
    may_save: bool

    @cached_property
    def head(self) -> MmsRevision | None:
        return self.mms.head

    @cached_property
    def shelves(self) -> list[Shelf]:
        return list_shelves(self.mms)

    @property
    def is_waiting(self) -> bool:
        return any(shelf.is_waiting for shelf in self.shelves)

    @property
    def is_empty(self) -> bool:
        """Whether no channel holds anything of it."""
        return all(shelf.row is None for shelf in self.shelves)

    @property
    def states(self) -> str:
        """What the page was told, so that it hears of a change only."""
        return "-".join(shelf.state for shelf in self.shelves)

    @cached_property
    def held(self) -> str:
        """What a template holds where merge fields stand."""
        return tell_held(fields_of(draft_of(self.head))) if self.head else ""

    @cached_property
    def not_kept(self) -> str:
        """Where the message itself is sent each time."""
        return tell_not_kept(self.head) if self.head else ""

    @cached_property
    def uses(self) -> Uses:
        return find_uses(self.mms)


def context(
    request: HttpRequest,
    *,
    mms: Mms | None,
    draft: MmsDraft,
    channel: Channel | None,
    sender: Sender | None,
) -> dict[str, Any]:
    """What the composer's fragments about this need."""
    return {"panel": _panel(request, mms)} if mms else {}


def show_saved(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The states of the templates saved at providers, asked for again and again."""
    mms = get_object_or_404(Mms, pk=pk)
    if not admin.has_view_permission(request, mms):
        raise PermissionDenied
    panel = _panel(request, mms)
    is_news = request.GET.get("seen", panel.states) != panel.states
    found = {"mms": mms, "panel": panel, "is_news": is_news}
    return TemplateResponse(request, "campaigns/content/_saved.html", found)


def _panel(request: HttpRequest, mms: Mms) -> Any:
    may_save = request.user.has_perms(("campaigns.add_savedmms", "campaigns.change_mms"))
    return SimpleLazyObject(lambda: Panel(mms, may_save))


def provide(request: HttpRequest, revision: MmsRevision) -> None:
    """The button "Save to …": its value names the channel, "provide-3"."""
    if not request.user.has_perm("campaigns.add_savedmms"):
        raise PermissionDenied
    pk = request.POST.get("do", "").partition("-")[2] or request.POST.get("channel", "")
    channel = Channel.objects.filter(pk=read_number(pk)).first()
    if channel is None:
        raise RuleBroken("Choose a channel to save it to.")
    save_to_provider(revision, channel, by=request.user)
    messages.success(request, f"“{revision.mms}” is on its way to {channel}.")
