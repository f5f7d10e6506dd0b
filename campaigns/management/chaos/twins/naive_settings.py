"""Settings of the bad twin that tries everything again."""

from mmsportal.settings import *  # noqa: F403

_TWIN = "campaigns.management.chaos.twins.apps.RetriesEverything"
INSTALLED_APPS = [*INSTALLED_APPS, _TWIN]  # noqa: F405
