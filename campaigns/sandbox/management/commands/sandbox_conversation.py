"""`manage.py sandbox_conversation`: opens or changes a project of the pretend Conversation API."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from campaigns.sandbox.conversation.setup import ensure_project


class Command(BaseCommand):
    help = "Open a project with one app in the sandbox, or bring them to these values."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project-id", required=True)
        parser.add_argument("--app-id", required=True, help="a ULID")
        parser.add_argument("--key-id", required=True)
        parser.add_argument("--key-secret", required=True)
        parser.add_argument("--sender", action="append", required=True, help="may be repeated")
        parser.add_argument("--region", default="us", choices=["us", "eu", "br"])
        parser.add_argument(
            "--switches", type=json.loads, default={}, help='JSON, e.g. {"keys_revoked": true}'
        )

    def handle(self, **options: Any) -> None:
        ensure_project(
            options["project_id"],
            app_id=options["app_id"],
            key_id=options["key_id"],
            key_secret=options["key_secret"],
            senders=options["sender"],
            region=options["region"],
            switches=options["switches"],
        )
        self.stdout.write(f"The sandbox project {options['project_id']} is ready.")
