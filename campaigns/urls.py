"""Addresses outside the admin."""

from django.urls import path

from campaigns.views import hooks
from campaigns.views.media import serve_media

app_name = "portal"
urlpatterns = [
    path("hooks/<str:token>/", hooks.receive, name="hook"),
    path("m/<str:public_name>", serve_media, name="media"),
]
