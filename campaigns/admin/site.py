"""The admin site: its name, its front page (Today), its navigation, and what it keeps out."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone

from campaigns.admin import queue, today
from campaigns.admin.labels import without_colons
from campaigns.admin.navigation import build_navigation, find_section
from campaigns.forms.labels import OwnPasswordForm

#: Apps whose tables have pages here. Others register themselves and are kept out: django-q2's
#: Schedule form calls any dotted path (it runs code), django-axes' rows are nobody's work.
OURS = frozenset({"campaigns", "auth"})
View = Callable[..., HttpResponse]


class PortalAdminSite(admin.AdminSite):
    site_header = "Magpie"
    site_title = "Magpie"
    index_title = "Today"
    site_url = None
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        if isinstance(model_or_iterable, ModelBase):
            model_or_iterable = [model_or_iterable]
        ours = [model for model in model_or_iterable if model._meta.app_label in OURS]
        super().register(ours, without_colons(admin_class), **options)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Whatever an address asks for, PostgreSQL takes no NUL in a text."""

        @wraps(view)
        def view_without_nul(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if "%00" in request.META.get("QUERY_STRING", ""):
                plain = request.META["QUERY_STRING"].replace("%00", "")
                request.GET = QueryDict(plain, encoding=request.encoding)
            return view(request, *args, **kwargs)

        return super().admin_view(view_without_nul, cacheable)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        pages = [
            path("live/", self.admin_view(today.live), name="today_live"),
            path("queue/", self.admin_view(queue.show_queue), name="queue"),
            path("queue/live/", self.admin_view(queue.live), name="queue_live"),
        ]
        return pages + super().get_urls()

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        known = request.user.is_active and request.user.is_staff
        navigation = build_navigation(self, request) if known else []
        return {
            **super().each_context(request),
            "navigation": navigation,
            "section": find_section(navigation),
            "sandbox_url": settings.SANDBOX_URL if settings.SANDBOX else "",
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            **self.each_context(request),
            "title": self.index_title,
            **today.today_context(request, timezone.now()),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As Django has it, with our form: the site has no hook for that."""
        request.current_app = self.name
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Our navigation knows no apps."""
        return redirect("admin:index")
