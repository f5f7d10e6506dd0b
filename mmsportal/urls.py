"""All addresses: the admin, the callbacks, the public media."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

handler403 = "campaigns.views.errors.show_forbidden"
handler404 = "campaigns.views.errors.show_not_found"
handler500 = "campaigns.views.errors.show_broken"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("", include("campaigns.urls")),
    path("admin/", admin.site.urls),
]
