"""What the pages of one import share: who may see it, its addresses, the frame around it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path

from campaigns.models import ContactImport


def page(
    admin: ModelAdmin, name: str, view: Callable[..., HttpResponse], more: str = ""
) -> URLPattern:
    """The address of `view`, which takes the admin, the request and the key of the import."""
    return path(
        f"<int:pk>/{name}/{more}",
        admin.admin_site.admin_view(partial(view, admin)),
        name=f"campaigns_contactimport_{name}",
    )


def find_import(
    admin: ModelAdmin, request: HttpRequest, pk: int, *, to_add: bool = False
) -> ContactImport:
    """The import, if this person may look at it (or, `to_add`, may import)."""
    has_permission = admin.has_add_permission if to_add else admin.has_view_permission
    if not has_permission(request):
        raise PermissionDenied
    return get_object_or_404(ContactImport.objects.select_related("contact_list", "by"), pk=pk)


def render_page(
    admin: ModelAdmin, request: HttpRequest, template: str, **context: Any
) -> HttpResponse:
    """A template of imports, by its short name."""
    context = {**admin.admin_site.each_context(request), "opts": admin.opts, **context}
    return render(request, f"campaigns/imports/{template}.html", context)
