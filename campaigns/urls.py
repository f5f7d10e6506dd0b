"""Addresses outside the admin."""

from django.urls import path, re_path

from campaigns.views import hooks
from campaigns.views.media import serve_media

app_name = "portal"
urlpatterns = [
    re_path(r"^hooks/(?P<token>[^/]+)/?$", hooks.receive, name="hook"),
    path("m/<str:public_name>", serve_media, name="media"),
]
