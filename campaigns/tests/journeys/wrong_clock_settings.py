"""Settings of a machine whose clock is wrong by `CLOCK_WRONG_BY` seconds."""

import os
import time
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from mmsportal.settings import *  # noqa: F403

_WRONG_BY = float(os.environ["CLOCK_WRONG_BY"])
_true_time = time.time


def _wrong_time():
    return _true_time() + _WRONG_BY


def _wrong_now():
    return datetime.now(UTC) + timedelta(seconds=_WRONG_BY)


time.time = _wrong_time
timezone.now = _wrong_now
