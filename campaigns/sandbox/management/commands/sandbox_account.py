"""`manage.py sandbox_account`: opens or changes an account of the pretend Sinch."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from campaigns.sandbox.setup import ensure_account


class Command(BaseCommand):
    help = "Open an account of the sandbox, or bring it to these values."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--key", required=True, help="the x-api-key")
        parser.add_argument("--service-id", default="", help="demanded of every send when set")
        parser.add_argument("--sender", action="append", required=True, help="may be repeated")
        parser.add_argument("--postback-url", default="", help="where reports are posted to")
        parser.add_argument("--rate", type=float, default=10, help="requests a second and action")

    def handle(self, **options: Any) -> None:
        ensure_account(
            options["key"],
            options["service_id"],
            options["sender"],
            options["postback_url"],
            options["rate"],
        )
        self.stdout.write(f"The sandbox account of {', '.join(options['sender'])} is ready.")
