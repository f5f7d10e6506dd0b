"""A bad twin: a callback is answered at once, and kept a moment later."""

import threading
import time
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from campaigns.services import journal

MOMENT = 0.1
_keep_callback = journal.keep_callback


def answer_first(token: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    def keep() -> None:
        time.sleep(MOMENT)
        _keep_callback(token, headers, body, now)
        connection.close()

    threading.Thread(target=keep, daemon=True).start()
    return True


def install() -> None:
    """Before the views are loaded, which take it by its name."""
    journal.keep_callback = answer_first
