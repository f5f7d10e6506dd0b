"""Addresses outside the admin."""

from django.urls import path, re_path

from campaigns.views import health, hooks
from campaigns.views.media import serve_media, serve_poster

app_name = "portal"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    re_path(r"^hooks/(?P<token>[^/]+)/?$", hooks.receive, name="hook"),
    path("m/p/<str:public_name>", serve_poster, name="poster"),
    path("m/<str:public_name>", serve_media, name="media"),
]
