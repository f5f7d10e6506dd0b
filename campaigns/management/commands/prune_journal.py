"""`manage.py prune_journal`: forgets old requests and callbacks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from campaigns.services.journal import prune_journal


class Command(BaseCommand):
    help = "Delete requests and read callbacks older than --days. Messages and states stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=30)

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in prune_journal(options["days"], timezone.now()).items():
            self.stdout.write(f"{count:,} {name} deleted.")
