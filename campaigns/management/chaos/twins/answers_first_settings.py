"""Settings of the bad twin that says 200 before anything is kept."""

from mmsportal.settings import *  # noqa: F403

_TWIN = "campaigns.management.chaos.twins.apps.AnswersFirst"
INSTALLED_APPS = [*INSTALLED_APPS, _TWIN]  # noqa: F405
