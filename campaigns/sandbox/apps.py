"""How Django finds the sandbox."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "campaigns.sandbox"
    label = "sandbox"
    verbose_name = "Sandbox"
    default_auto_field = "django.db.models.BigAutoField"
