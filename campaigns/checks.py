"""Start-up checks: what would go wrong quietly is said loudly."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from campaigns.services import spool


@register(Tags.security)
def check_no_gzip(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Media must carry Content-Length; GZipMiddleware takes it away (seed: §2.3)."""
    if any("GZip" in name for name in settings.MIDDLEWARE):
        return [
            Error(
                "GZipMiddleware makes media answers chunked, and the provider rejects those.",
                hint="Remove it from MIDDLEWARE; static files are compressed without it.",
                id="campaigns.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_public_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The provider cannot reach a laptop."""
    if not settings.PUBLIC_BASE_URL.startswith("https://"):
        return [
            Warning(
                "PUBLIC_BASE_URL is not an https:// address.",
                hint="Set it to the address under which the provider reaches this portal.",
                id="campaigns.W001",
            )
        ]
    return []


@register()
def check_spool(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Where it cannot be written, a callback during an outage of the database would be lost."""
    if trouble := spool.find_trouble():
        return [
            Error(
                f"{trouble} Callbacks are kept there while the database is away.",
                hint="Give the portal's user a DATA_DIR that it may write to.",
                id="campaigns.E002",
            )
        ]
    return []
