"""Settings of the bad twin where the last word counts."""

from mmsportal.settings import *  # noqa: F403

_TWIN = "campaigns.management.chaos.twins.apps.LastWriteWins"
INSTALLED_APPS = [*INSTALLED_APPS, _TWIN]  # noqa: F405
