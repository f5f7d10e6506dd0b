"""Channels: how they are at a glance, their credentials, their callback address, their pace."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from campaigns.admin import channel_buttons, channel_setup
from campaigns.forms.channels import REGION, SECRET, SETTING, channel_form, field_name
from campaigns.forms.senders import sender_form
from campaigns.models import Channel, Sender
from campaigns.rules.looks import write_number
from campaigns.services.accounts import tell_others
from campaigns.services.channel_kinds import (
    channel_fields,
    channel_kinds,
    channel_limits,
    kinds_that,
    kinds_with_sms,
)
from campaigns.services.channel_secrets import is_unsigned
from campaigns.services.channels import save_channel
from campaigns.services.hook_addresses import hook_url
from campaigns.services.hooks import find_arrivals, find_arrived
from campaigns.services.lights import find_light, find_lights
from campaigns.services.provisioning import is_offered
from campaigns.templatetags.portal import ago, pill

SET_UP = (
    'Saved. <a href="{}">Set up at Sinch</a> enters the callback address there and shows first '
    "what would change."
)

STANDS_IN = (
    "{channel} cannot be deleted: a number of it stands in for “{other}” in an outage. Choose "
    "another one there first."
)


class SenderInline(admin.StackedInline):
    model = Sender
    verbose_name_plural = "Senders: the numbers messages come from"

    def get_formset(
        self, request: HttpRequest, obj: Channel | None = None, **kwargs: Any
    ) -> type[BaseInlineFormSet]:
        return super().get_formset(
            request, obj, **{**kwargs, "form": sender_form(_kind_of(request, obj))}
        )

    def get_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        return sender_form(_kind_of(request, obj)).Meta.fields

    def get_extra(self, request: HttpRequest, obj: Channel | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):
    change_form_template = "campaigns/channels/change_form.html"
    list_display = ("name", "interface", "light", "senders_shown", "rate", "callbacks", "tested")
    search_fields = ("name", "senders__number")
    list_select_related = ("lane",)
    inlines = (SenderInline,)
    actions = None

    # --- The list ------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("senders")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """How all channels of a page are is asked at once."""
        shown = super().get_changelist_instance(request)
        rows = list(shown.result_list)
        arrivals = find_arrivals(rows)
        lights = find_lights(rows, arrivals)
        for row in rows:
            row.shown_light, row.arrived = lights[row.pk], arrivals[row.pk]
        return shown

    @admin.display(description="State")
    def light(self, channel: Channel) -> str:
        light = channel.shown_light
        said = pill(light.word, light.tone)
        if not is_unsigned(channel):
            return said
        return format_html("{} {}", said, pill("Unsigned", "warn"))

    @admin.display(description="Senders")
    def senders_shown(self, channel: Channel) -> str:
        return (
            ", ".join(write_number(sender.number) for sender in channel.senders.all()) or "none yet"
        )

    @admin.display(description="Rate", ordering="requests_per_second")
    def rate(self, channel: Channel) -> str:
        return f"{channel.requests_per_second:g} a second"

    @admin.display(description="Last callback", ordering="last_hook_at")
    def callbacks(self, channel: Channel) -> str:
        return ago(channel.arrived.last_at)

    @admin.display(description="Last test", ordering="tested_at")
    def tested(self, channel: Channel) -> str:
        return ago(channel.tested_at)

    # --- The form ------------------------------------------------------------------------------

    @admin.display(description="Interface")
    def interface(self, channel: Channel) -> str:
        return dict(channel_kinds())[channel.kind]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Two ways to save, both lead back here: with a test and without."""
        form = context["adminform"].form
        if form.is_bound:  # it is shown again, so something was refused: perhaps a number below
            form.tell_what_is_lost()
        context.update(
            show_save_and_add_another=False,
            show_save_and_continue=False,
            may_test=request.user.has_perm("campaigns.test_channel"),
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Channel | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        if self.has_change_permission(request, obj) or obj is None:
            kwargs["form"] = channel_form(_kind_of(request, obj), choose_kind=obj is None)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Channel | None = None) -> list[Any]:
        kind = _kind_of(request, obj)
        pace = ["requests_per_second", "connections", "size_limit", "transcodes"]
        if kind in kinds_that("poll"):
            pace.append("polls")
        if not (self.has_change_permission(request, obj) or obj is None):
            account = [("Account", {"fields": ["name", "interface", "base_url"]})]
        else:
            account = _account_fieldsets(kind)
        outage = ("In an outage", {"fields": ["outage_sender"]})
        return [*account, ("Pace and size", {"fields": pace}), outage]

    def save_model(self, request: HttpRequest, obj: Channel, form: ModelForm, change: bool) -> None:
        if change and not form.has_changed():
            return
        save_channel(
            obj,
            values=form.provider_values(SETTING),
            secrets=form.provider_values(SECRET),
            by=request.user,
        )

    def response_add(
        self, request: HttpRequest, obj: Channel, post_url_continue: str | None = None
    ) -> HttpResponse:
        said: str = "Saved. Hand over the address below."
        if is_offered(obj):
            url = reverse("admin:campaigns_channel_setup", args=[obj.pk])
            said = format_html(SET_UP, url)
        return self._after_saving(request, obj, said)

    def response_change(self, request: HttpRequest, obj: Channel) -> HttpResponse:
        return self._after_saving(request, obj, f"{obj} was saved.")

    def _after_saving(self, request: HttpRequest, channel: Channel, said: str) -> HttpResponse:
        """Back to its page; “Save and test” has tested what was just saved."""
        messages.success(request, said)
        if "_test" in request.POST and request.user.has_perm("campaigns.test_channel"):
            messages.add_message(request, *channel_buttons.test(request, channel))
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
            "arrived": find_arrived(channel),
            "hook_url": hook_url(channel) if may_change else "",
            "may_change": may_change,
            "may_pause": request.user.has_perm("campaigns.pause_channel"),
            "interface": self.interface(channel),
            "is_unsigned": is_unsigned(channel),
            "shared_account": tell_others(channel),
            "is_batched": channel_limits(channel).batch > 1,
            "has_sms": channel.kind in kinds_with_sms(),
            "can_poll": channel.kind in kinds_that("poll"),
            "can_set_up": may_change and is_offered(channel),
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
        if channel and (others := Channel.objects.filter(outage_sender__channel=channel)):
            messages.error(request, STANDS_IN.format(channel=channel, other=others[0]))
            return redirect("admin:campaigns_channel_change", channel.pk)
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
        callbacks = self.admin_site.admin_view(self.show_callbacks)
        return [
            *channel_buttons.urls(self),
            *channel_setup.urls(self),
            path("<int:pk>/callbacks/", callbacks, name="campaigns_channel_callbacks"),
            *super().get_urls(),
        ]

    def show_callbacks(self, request: HttpRequest, pk: int) -> HttpResponse:
        """“Waiting for the first callback…”, fetched again until it came."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        channel = get_object_or_404(Channel, pk=pk)
        context = {
            "channel": channel,
            "arrived": find_arrived(channel),
            "can_poll": channel.kind in kinds_that("poll"),
        }
        return render(request, "campaigns/channels/_callbacks.html", context)


def _kind_of(request: HttpRequest, channel: Channel | None) -> str:
    """Of a new channel the one that is being chosen."""
    known = dict(channel_kinds())
    asked = request.POST.get("kind") or request.GET.get("kind")
    return channel.kind if channel else (asked if asked in known else next(iter(known)))


def _account_fieldsets(kind: str) -> list[Any]:
    """What every account needs, and, folded up, what some need."""
    items = channel_fields(kind)
    first = [field_name(item) for item in items if item.required or item.overlaps]
    region = [name for name in map(field_name, items) if name == REGION]
    more = [name for name in map(field_name, items) if name not in {*first, *region}]
    account = ["kind", "name", *region, "base_url", *first]
    options = {"fields": more, "classes": ["collapse"]}
    return [("Account", {"fields": account}), *([("Further settings", options)] if more else [])]


def _has_history(channel: Channel) -> bool:
    optouts = channel.consent_set
    related = (channel.messages, channel.campaign_set, channel.inbound, channel.posts, optouts)
    return any(rows.exists() for rows in related)
