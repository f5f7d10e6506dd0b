"""Users and roles: stock pages, with the four roles offered instead of single permissions."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, QuerySet
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join

from campaigns.forms.labels import PasswordForm
from campaigns.services.roles import WORDS
from campaigns.templatetags.portal import ago, pill

admin.site.unregister(User)
admin.site.unregister(Group)


class RolesField(ModelMultipleChoiceField):
    """A checkbox per role, each with what the role may do."""

    widget = CheckboxSelectMultiple

    def label_from_instance(self, group: Group) -> str:
        told = WORDS.get(group.name, "")
        return format_html('<span><b>{}</b> <span class="muted">{}</span></span>', group, told)


class RoleFilter(admin.RelatedFieldListFilter):
    """By group, in our word for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "role"


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "full_name", "roles", "may_sign_in", "last_seen")
    list_filter = (("groups", RoleFilter), "is_active")
    ordering = ("username",)
    add_form_template = None
    change_password_form = PasswordForm
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "groups")}),
        ("Password", {"fields": ("password1", "password2")}),
    )
    filter_horizontal = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        fieldsets = [
            (None, {"fields": ("username", "password")}),
            ("Person", {"fields": ("first_name", "last_name", "email")}),
            ("Roles", {"fields": ("groups", "is_active")}),
        ]
        if request.user.is_superuser:
            fieldsets.append(("Server", {"fields": ("is_superuser",), "classes": ["collapse"]}))
        return fieldsets

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            return RolesField(
                Group.objects.order_by("name"),
                label="Roles",
                required=False,
                help_text="What this person may do. Somebody without a role sees an empty portal.",
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Everybody added here works in the portal: its pages ask for "staff"."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Asked here, before every entry would be listed."""
        user = self.get_object(request, object_id)
        if user and self.has_delete_permission(request, user) and _has_entries(user):
            messages.error(
                request,
                f"{user} cannot be deleted: entries of the ledger or the audit trail are theirs. "
                "Switch off “Active” instead; who is not active cannot sign in.",
            )
            return redirect("admin:auth_user_change", user.pk)
        return super().delete_view(request, object_id, extra_context)

    @admin.display(description="Name", ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @admin.display(description="Roles")
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["superuser"] * user.is_superuser + names) or "none"

    @admin.display(description="May sign in", ordering="is_active")
    def may_sign_in(self, user: User) -> str:
        return pill("Yes", "ok") if user.is_active else pill("No", "wait")

    @admin.display(description="Last signed in", ordering="last_login")
    def last_seen(self, user: User) -> str:
        return ago(user.last_login)


def _has_entries(user: User) -> bool:
    return user.auditentry_set.exists() or user.consent_set.exists()


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    """An administrator must not become more than one by taking over a superuser."""
    return user is None or request.user.is_superuser or not user.is_superuser


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """To look at: what a role may do is part of the product and set by `migrate`."""

    list_display = ("name", "told", "people")
    search_fields = ()
    actions = None
    fields = ("name", "may")
    readonly_fields = ("may",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(people_count=Count("user"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False

    @admin.display(description="In a sentence")
    def told(self, group: Group) -> str:
        return WORDS.get(group.name, "–")

    @admin.display(description="People", ordering="people_count")
    def people(self, group: Group) -> int:
        return group.people_count

    @admin.display(description="May")
    def may(self, group: Group) -> str:
        names = group.permissions.order_by("content_type__model", "codename")
        words = [(name.removeprefix("Can "),) for name in names.values_list("name", flat=True)]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", words))
