"""`manage.py poll_inbounds`: fetches replies and reports from providers that can be asked."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.models import Channel
from campaigns.services.polling import poll_channel


class Command(BaseCommand):
    help = "Fetch replies and delivery reports beside callbacks. Runs by itself once a minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", help="name of one channel; else all that fetch")
        parser.add_argument("--hours", type=float, help="fetch again what is so old at most")

    def handle(self, *args: Any, **options: Any) -> None:
        channels = Channel.objects.filter(polls=True)
        if options["channel"]:
            channels = Channel.objects.filter(name=options["channel"])
        if not channels:
            raise CommandError(
                f"There is no channel {options['channel']}."
                if options["channel"]
                else "No channel fetches: switch “fetch reports and replies” on, on its page."
            )
        now = timezone.now()
        since = now - timedelta(hours=options["hours"]) if options["hours"] else None
        for channel in channels:
            count = poll_channel(channel.pk, now, since=since)
            channel.refresh_from_db()
            self.stdout.write(f"{channel}: {channel.poll_problem or f'{count} new'}")
