"""Channels: how they are at a glance, their credentials, their callback address, their pace."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from campaigns.forms.channels import SECRET, SETTING, SenderForm, SenderFormSet, channel_form
from campaigns.models import Channel, Sender
from campaigns.rules.problems import RuleBroken
from campaigns.services import channels as services
from campaigns.services.reports import find_light
from campaigns.templatetags.portal import ago, pill


class SenderInline(admin.TabularInline):
    model = Sender
    form, formset = SenderForm, SenderFormSet
    verbose_name_plural = "Senders: the numbers messages come from"

    def get_extra(self, request: HttpRequest, obj: Channel | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):
    change_form_template = "campaigns/channels/change_form.html"
    list_display = ("name", "light", "senders_shown", "rate", "callbacks", "tested")
    search_fields = ("name", "senders__number")
    list_select_related = ("lane",)
    inlines = (SenderInline,)
    actions = None

    # --- The list ------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("senders")

    @admin.display(description="State")
    def light(self, channel: Channel) -> str:
        light = find_light(channel)
        return pill(light.word, light.tone)

    @admin.display(description="Senders")
    def senders_shown(self, channel: Channel) -> str:
        return ", ".join(sender.number for sender in channel.senders.all()) or "none yet"

    @admin.display(description="Requests per second", ordering="requests_per_second")
    def rate(self, channel: Channel) -> str:
        return f"{channel.requests_per_second:g}"

    @admin.display(description="Last callback", ordering="last_hook_at")
    def callbacks(self, channel: Channel) -> str:
        return ago(channel.last_hook_at)

    @admin.display(description="Last test", ordering="tested_at")
    def tested(self, channel: Channel) -> str:
        return ago(channel.tested_at)

    # --- The form ------------------------------------------------------------------------------

    @admin.display(description="Interface")
    def interface(self, channel: Channel) -> str:
        return dict(services.channel_kinds())[channel.kind]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Two ways to save, both lead back here: with a test and without."""
        context.update(
            show_save_and_add_another=False,
            show_save_and_continue=False,
            may_test=request.user.has_perm("campaigns.test_channel"),
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def _kind(self, request: HttpRequest, channel: Channel | None) -> str:
        known = dict(services.channel_kinds())
        asked = request.POST.get("kind") or request.GET.get("kind")
        return channel.kind if channel else (asked if asked in known else next(iter(known)))

    def get_form(
        self, request: HttpRequest, obj: Channel | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        if self.has_change_permission(request, obj) or obj is None:
            kwargs["form"] = channel_form(self._kind(request, obj), choose_kind=obj is None)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Channel | None = None) -> list[Any]:
        account = ["name", "interface", "base_url"]
        if self.has_change_permission(request, obj) or obj is None:
            account = ["name", "kind", "base_url"] + [
                f"{SECRET if item.secret else SETTING}{item.name}"
                for item in services.channel_fields(self._kind(request, obj))
            ]
        return [
            ("Account", {"fields": account}),
            (
                "Pace and size",
                {"fields": ["requests_per_second", "connections", "size_limit", "transcodes"]},
            ),
        ]

    def save_model(self, request: HttpRequest, obj: Channel, form: ModelForm, change: bool) -> None:
        if change and not form.has_changed():
            return
        services.save_channel(
            obj,
            values=form.provider_values(SETTING),
            secrets=form.provider_values(SECRET),
            by=request.user,
        )

    def response_add(
        self, request: HttpRequest, obj: Channel, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._after_saving(request, obj, "Saved. Hand over the address below.")

    def response_change(self, request: HttpRequest, obj: Channel) -> HttpResponse:
        return self._after_saving(request, obj, f"{obj} was saved.")

    def _after_saving(self, request: HttpRequest, channel: Channel, said: str) -> HttpResponse:
        """Back to its page; “Save and test” has tested what was just saved."""
        messages.success(request, said)
        if "_test" in request.POST and request.user.has_perm("campaigns.test_channel"):
            messages.add_message(request, *_test(request, channel))
        return redirect("admin:campaigns_channel_change", channel.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        channel = self.get_object(request, object_id)
        context = self._panel(request, channel) if channel else {}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def _panel(self, request: HttpRequest, channel: Channel) -> dict[str, Any]:
        """What stands above the form: state, address, pace. The address is for those who set up."""
        may_change = self.has_change_permission(request, channel)
        return {
            "channel": channel,
            "lane": getattr(channel, "lane", None),
            "light": find_light(channel),
            "hook_url": services.hook_url(channel) if may_change else "",
            "may_change": may_change,
            "may_pause": request.user.has_perm("campaigns.pause_channel"),
        }

    # --- Deleting ------------------------------------------------------------------------------

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes with a channel that was never used, in one sentence."""
        counted = {"senders": Sender.objects.filter(channel__in=objs).count()}
        told = "Its key, senders, saved templates and requests kept for looking at go with it."
        return [told], counted, set(), []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A channel with a history stays; asked here, before all of it would be listed."""
        channel = self.get_object(request, object_id)
        if channel and _has_history(channel):
            messages.error(
                request,
                f"{channel} cannot be deleted: messages, campaigns, replies or opt-outs belong to "
                "it. Pause it instead; a paused channel sends nothing.",
            )
            return redirect("admin:campaigns_channel_change", channel.pk)
        return super().delete_view(request, object_id, extra_context)

    # --- Buttons -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def button(name: str, permission: str, verb: Callable) -> URLPattern:
            def press(request: HttpRequest, pk: int) -> HttpResponse:
                return _press(request, pk, permission, verb)

            return path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(require_POST(press)),
                name=f"campaigns_channel_{name}",
            )

        callbacks = self.admin_site.admin_view(self.show_callbacks)
        return [
            button("test", "test_channel", _test),
            button("pause", "pause_channel", _pause),
            button("resume", "pause_channel", _resume),
            button("rotate", "change_channel", _rotate),
            path("<int:pk>/callbacks/", callbacks, name="campaigns_channel_callbacks"),
            *super().get_urls(),
        ]

    def show_callbacks(self, request: HttpRequest, pk: int) -> HttpResponse:
        """“Waiting for the first callback…”, fetched again until it came."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        channel = get_object_or_404(Channel, pk=pk)
        return render(request, "campaigns/channels/_callbacks.html", {"channel": channel})


def _has_history(channel: Channel) -> bool:
    optouts = channel.consent_set
    related = (channel.messages, channel.campaign_set, channel.inbound, channel.posts, optouts)
    return any(rows.exists() for rows in related)


def _press(request: HttpRequest, pk: int, permission: str, verb: Callable) -> HttpResponse:
    """Ask who may, do it, and go back to the channel with the answer."""
    if not request.user.has_perm(f"campaigns.{permission}"):
        raise PermissionDenied
    channel = get_object_or_404(Channel, pk=pk)
    try:
        messages.add_message(request, *verb(request, channel))
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("admin:campaigns_channel_change", pk)


def _test(request: HttpRequest, channel: Channel) -> tuple[int, str]:
    problems = services.try_connection(channel, by=request.user)
    if problems:
        return messages.ERROR, " ".join(problems)
    return messages.SUCCESS, "The connection works: the account would accept our messages."


def _pause(request: HttpRequest, channel: Channel) -> tuple[int, str]:
    reason = request.POST.get("reason", "").strip() or f"Paused by {request.user}."
    if not services.pause_channel(channel, reason, by=request.user):
        raise RuleBroken(f"{channel} is paused already.")
    return messages.SUCCESS, f"{channel} is paused: nothing more goes out on it."


def _resume(request: HttpRequest, channel: Channel) -> tuple[int, str]:
    services.resume_channel(channel, by=request.user)
    return messages.SUCCESS, f"{channel} sends again."


def _rotate(request: HttpRequest, channel: Channel) -> tuple[int, str]:
    services.rotate_hook_token(channel, by=request.user)
    return (
        messages.SUCCESS,
        "The callback address is new. Give it to the provider; the old one works for 7 more days.",
    )
