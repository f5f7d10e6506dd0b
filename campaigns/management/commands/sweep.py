"""`manage.py sweep`: sets right what a lost doorbell or a dead worker left behind."""

from typing import Any

from django.core.management.base import BaseCommand

from campaigns.tasks.outbox import sweep


class Command(BaseCommand):
    help = "Settle abandoned messages, ring for due work, finish campaigns. Runs by itself, too."

    def handle(self, *args: Any, **options: Any) -> None:
        sweep()
