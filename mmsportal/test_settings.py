"""Settings of a test run: the sandbox is on, everything lives in a folder of its own, and nobody
sleeps at night unless a test says so."""

import os
import tempfile

os.environ["SANDBOX"] = "on"
os.environ["FIRST_QUIET_HOURS"] = "open"
os.environ["REDIS_URL"] = ""
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="magpie-test-")

from mmsportal.settings import *  # noqa: F403

USE_DATABASE_CLOCK = False
# Thousands of people are made and none of them has to be kept out.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
