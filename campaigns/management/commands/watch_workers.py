"""`manage.py watch_workers`: runs the workers and restarts them when they are stuck."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from campaigns.services.watchdog import Watchdog


class Command(BaseCommand):
    help = "Run the workers, and restart them when they are stuck. Stop with SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        Watchdog(stopped).run()
