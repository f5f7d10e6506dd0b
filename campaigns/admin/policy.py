"""Limits: what holds for all campaigns. There is one row; its list is its form."""

from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from campaigns.forms.policy import PolicyForm
from campaigns.models import Policy
from campaigns.services.limits import count_capped
from campaigns.services.policy import change_policy, get_policy


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):
    form = PolicyForm
    change_form_template = "campaigns/policy/limits.html"
    fieldsets = (
        ("How often one person is written to", {"fields": ("cap_count", "cap_days")}),
        (
            "When a campaign pauses itself",
            {"fields": ("brake_failures", "brake_optouts", "brake_silence")},
        ),
        ("Who is writing", {"fields": ("brand", "contact")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self.change_view(request, str(get_policy().pk), extra_context=extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        policy = get_policy()
        context = {
            "title": "Limits",
            "policy": policy,
            "capped_count": count_capped(timezone.now()),
            "show_save_and_continue": False,
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("hash_key")

    def save_model(self, request: HttpRequest, obj: Policy, form: ModelForm, change: bool) -> None:
        change_policy(obj, by=request.user)

    def log_change(self, request: HttpRequest, obj: Policy, message: Any) -> None:
        """The audit has it."""

    def response_change(self, request: HttpRequest, obj: Policy) -> HttpResponse:
        messages.success(
            request,
            "Saved. Campaigns that are sending pause themselves by it from now on; how often one "
            "person is written to holds for every campaign launched from now on.",
        )
        return redirect("admin:campaigns_policy_changelist")
