"""`manage.py sandbox_sms_plan`: opens or changes a service plan of the pretend Sinch."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from campaigns.sandbox.sms.setup import ensure_plan


class Command(BaseCommand):
    help = "Open a service plan of the sandbox's SMS REST API, or bring it to these values."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", required=True, help="the service plan id")
        parser.add_argument("--token", required=True, help="its API token")
        parser.add_argument("--sender", action="append", required=True, help="may be repeated")
        parser.add_argument("--callback-url", default="", help="for reports and inbounds")
        parser.add_argument("--callback-secret", default="", help="callbacks are signed with it")
        parser.add_argument(
            "--repeat-references",
            action="store_true",
            help="inbounds carry the client_reference of what they answer",
        )
        parser.add_argument("--rate", type=float, default=500, help="messages sent per second")

    def handle(self, **options: Any) -> None:
        ensure_plan(
            options["plan"],
            token=options["token"],
            senders=options["sender"],
            callback_url=options["callback_url"],
            callback_secret=options["callback_secret"],
            rate=options["rate"],
            repeats_references=options["repeat_references"],
        )
        self.stdout.write(f"The service plan {options['plan']} of the sandbox is ready.")
