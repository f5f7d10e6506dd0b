"""“Not here” and “not open to you”: with the navigation for those who are signed in. And what went
wrong: without anything that might be what is broken."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader


def show_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _show(request, "403.html", 403)


def show_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _show(request, "404.html", 404)


def show_broken(request: HttpRequest) -> HttpResponse:
    """With the id that the lines of the log carry, for whoever reports it."""
    known = {"request_id": getattr(request, "request_id", "")}
    return HttpResponse(loader.render_to_string("500.html", known), status=500)


def _show(request: HttpRequest, template: str, status: int) -> HttpResponse:
    context = {}
    user = getattr(request, "user", None)  # unknown when it failed before sessions were read
    if user and user.is_active and user.is_staff:
        context = {**admin.site.each_context(request), "layout": "_error_inside.html"}
    return render(request, template, context, status=status)
