"""Pages of the admin whose labels have no colon, as in all our other forms."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse


class WithoutColons(admin.ModelAdmin):
    """Put before every page by the site, so that none has to think of it."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["adminform"].form.label_suffix = ""
        return super().render_change_form(request, context, *args, **kwargs)

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Model, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        own = {**kwargs.get("form_kwargs", {}), "label_suffix": ""}
        return {**kwargs, "form_kwargs": own}


def without_colons(page: type[admin.ModelAdmin] | None) -> type[admin.ModelAdmin]:
    """The same page, but for the colons."""
    page = page or admin.ModelAdmin
    names = {name: getattr(page, name) for name in ("__module__", "__qualname__", "__doc__")}
    return type(page.__name__, (WithoutColons, page), names)
