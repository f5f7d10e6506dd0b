"""The admin site: its name and its front page, Today."""

from django.contrib import admin


class PortalAdminSite(admin.AdminSite):
    site_header = "Magpie"
    site_title = "Magpie"
    index_title = "Today"
    site_url = None
