"""How Django finds the app and its admin site."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from campaigns import checks  # noqa: F401 registers the system checks
        from campaigns.services import guards, quiethours, roles, tallies_keeping

        post_migrate.connect(roles.install_after_migrate, sender=self)
        post_migrate.connect(quiethours.install_after_migrate, sender=self)
        post_migrate.connect(guards.install_after_migrate, sender=self)
        post_migrate.connect(tallies_keeping.install_after_migrate, sender=self)


class PortalAdminConfig(AdminConfig):
    """Replaces `django.contrib.admin`: the same admin, our site."""

    default_site = "campaigns.admin.site.PortalAdminSite"

    def ready(self) -> None:
        """Our pages first: were the site made before them, importing its module would import
        them, they would make a site of their own, and Django would keep the other, empty one."""
        import_module("campaigns.admin")
        super().ready()
