"""Addresses outside the admin."""

from django.urls import path

from campaigns.views.media import serve_media

app_name = "portal"
urlpatterns = [
    path("m/<str:public_name>", serve_media, name="media"),
]
