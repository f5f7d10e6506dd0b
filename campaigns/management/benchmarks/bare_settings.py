"""Settings of the bare INSERT view: no middleware."""

from mmsportal.settings import *  # noqa: F403

MIDDLEWARE: list[str] = []
ROOT_URLCONF = "campaigns.management.benchmarks.bare"
