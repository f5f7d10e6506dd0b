"""`manage.py bench`: measures ours against baselines in the same run, on a database of its own."""

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.crypto import get_random_string

from campaigns.management.benchmarks import (
    callbacks,
    dispatch,
    filling,
    imports,
    media,
    page,
    segments,
)
from campaigns.management.benchmarks.postgres import own_database
from campaigns.management.benchmarks.report import print_rows
from campaigns.services.channels import channel_kinds

NAMES = ("dispatch", "callbacks", "page", "media", "import", "segments", "fill")


class Command(BaseCommand):
    help = "Benchmarks with ratios; repeat them to see the noise of the machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="+", choices=NAMES)
        parser.add_argument("--json", action="store_true", help="one object per row")
        parser.add_argument("--messages", type=int, default=20_000)
        parser.add_argument(
            "--people", type=int, default=1_000_000, help="of import, segments, fill"
        )
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--postgres", metavar="URL", help="of a database to make and drop")
        parser.add_argument("--kind", choices=sorted(dict(channel_kinds())), default="sinch_mms")
        parser.add_argument("--latency", type=float, default=0, help="of the stub, in ms")

    def handle(self, *args: Any, **options: Any) -> None:
        if "BENCH_INSIDE" not in os.environ:
            with own_database(url) if (url := options["postgres"]) else nullcontext():
                self._run_inside({"DATABASE_URL": url} if url else {})
            return
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        rounds = options["rounds"]
        benches = {
            "dispatch": lambda: dispatch.run(
                options["messages"], rounds, options["latency"], options["kind"]
            ),
            "callbacks": lambda: callbacks.run(rounds),
            "page": page.run,
            "media": lambda: media.run(rounds),
            "import": lambda: imports.run(options["people"], rounds),
            "segments": lambda: segments.run(options["people"], rounds),
            "fill": lambda: filling.run(options["people"], rounds),
        }
        rows = [row for name in options["names"] for row in benches[name]()]
        print_rows(rows, as_json=options["json"], write=self.stdout.write)

    def _run_inside(self, besides: dict[str, str]) -> None:
        """The same command again, in a folder that is thrown away."""
        with tempfile.TemporaryDirectory(prefix="magpie-bench-") as folder:
            own = {
                "BENCH_INSIDE": "1",
                "DATA_DIR": folder,
                "SANDBOX": "",
                "LOG_LEVEL": "ERROR",
                "DEBUG": "off",
                "SECRET_KEY": get_random_string(50),
                "FIELD_KEYS": Fernet.generate_key().decode(),
                "FIRST_QUIET_HOURS": "open",
                **besides,
            }
            manage = str(Path(settings.BASE_DIR) / "manage.py")
            command = [sys.executable, manage, *sys.argv[1:]]
            done = subprocess.run(command, env={**os.environ, **own}, check=False)  # noqa: S603
        sys.exit(done.returncode)
