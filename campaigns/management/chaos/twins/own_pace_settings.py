"""Settings of the bad twin whose processes know nothing of each other's pace."""

from mmsportal.settings import *  # noqa: F403

_TWIN = "campaigns.management.chaos.twins.apps.PacesAlone"
INSTALLED_APPS = [*INSTALLED_APPS, _TWIN]  # noqa: F405
