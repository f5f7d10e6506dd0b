"""The versions of an MMS: what changed from one to the next, and bringing one back."""

from django.contrib.admin import ModelAdmin
from django.urls import URLPattern


def urls(admin: ModelAdmin) -> list[URLPattern]:
    return []
