"""`manage.py bench`: measures ours against baselines in the same run, on a database of its own."""

import json
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
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
from campaigns.management.benchmarks.document import write_document
from campaigns.management.benchmarks.machine import describe_database, describe_machine
from campaigns.management.benchmarks.postgres import own_database
from campaigns.management.benchmarks.report import Missing, Row, print_rows
from campaigns.management.benchmarks.sizes import FULL, SHORT, Sizes
from campaigns.services.channel_kinds import channel_kinds

NAMES = ("dispatch", "callbacks", "page", "media", "import", "segments", "fill")
SHORT_NAMES = ("dispatch", "callbacks")
#: They look at pages.
SEEN = {"callbacks", "page", "media"}
LINES = "-"


class Command(BaseCommand):
    help = "Benchmarks with ratios; repeat them to see the noise of the machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
        parser.add_argument("--short", action="store_true", help="only see that it runs")
        parser.add_argument(
            "--json",
            nargs="?",
            const=LINES,
            metavar="FILE",
            help="one object per row instead of the table, or all of it into this file",
        )
        parser.add_argument("--doc", type=Path, metavar="FILE", help="a page with table and plot")
        parser.add_argument("--messages", type=int)
        parser.add_argument("--people", type=int, help="of import, segments, fill")
        parser.add_argument("--rounds", type=int)
        parser.add_argument(
            *("--database", "--postgres"),
            default="sqlite",
            metavar="URL",
            help="sqlite, or the address of a PostgreSQL database to make and drop; or sqlite,URL",
        )
        parser.add_argument("--kind", choices=sorted(dict(channel_kinds())), default="sinch_mms")
        parser.add_argument("--latency", help="of the stub in ms; several with commas")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"] in NAMES:  # `bench --json dispatch`
            options["names"], options["json"] = [*options["names"], options["json"]], LINES
        names = options["names"] or (SHORT_NAMES if options["short"] else ())
        if not names or not set(names) <= set(NAMES):
            raise CommandError(f"Name what to measure, of {', '.join(NAMES)}.")
        if "BENCH_INSIDE" in os.environ:
            measure(names, options, Path(os.environ["BENCH_INSIDE"]))
            return
        about, rows, code = describe_machine(), [], 0
        for url in options["database"].split(","):
            try:
                with own_database(url) if url != "sqlite" else nullcontext():
                    code |= run_inside(url, rows)
            except Missing as reason:
                rows += [Row(name, database="PostgreSQL", skipped=str(reason)) for name in names]
        self._tell(rows, about, options)
        sys.exit(code)

    def _tell(self, rows: list[Row], about: list[str], options: dict[str, Any]) -> None:
        about = [*about, f"Databases: {', '.join(dict.fromkeys(row.database for row in rows))}"]
        if options["json"] == LINES:
            for row in rows:
                self.stdout.write(json.dumps(row.as_json()))
            return
        print_rows(rows, about, self.stdout.write)
        if options["json"]:
            told = {"about": about, "rows": [row.as_json() for row in rows]}
            Path(options["json"]).write_text(json.dumps(told, indent=1))
        if options["doc"]:
            write_document(options["doc"], rows, about)


def run_inside(url: str, rows: list[Row]) -> int:
    """The same command again on this database, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="magpie-bench-") as folder:
        found = Path(folder) / "rows.json"
        own = {
            "BENCH_INSIDE": str(found),
            "DATA_DIR": folder,
            "DATABASE_URL": "" if url == "sqlite" else url,
            "REDIS_URL": "",
            "SANDBOX": "",
            "LOG_LEVEL": "ERROR",
            "DEBUG": "off",
            "SECRET_KEY": get_random_string(50),
            "FIELD_KEYS": Fernet.generate_key().decode(),
            "FIRST_QUIET_HOURS": "open",
        }
        manage = str(Path(settings.BASE_DIR) / "manage.py")
        command = [sys.executable, manage, *sys.argv[1:]]
        done = subprocess.run(command, env={**os.environ, **own}, check=False)  # noqa: S603
        known = {field.name for field in fields(Row)}
        for told in found.read_text().splitlines() if found.exists() else ():
            rows.append(Row(**{k: v for k, v in json.loads(told).items() if k in known}))
    return done.returncode


def measure(names: Iterable[str], options: dict[str, Any], found: Path) -> None:
    """Every row is written down when it is known, and said for who waits."""
    call_command("migrate", verbosity=0)
    if not SEEN.isdisjoint(names):
        call_command("collectstatic", verbosity=0, interactive=False)
    database = describe_database()
    for name in names:
        for row in benches(options)[name]():
            row = replace(row, database=database)
            with found.open("a") as file:
                file.write(json.dumps(row.as_json()) + "\n")
            print(f"… {row.name} {row.at}", file=sys.stderr)


def benches(options: dict[str, Any]) -> dict[str, Callable[[], Iterable[Row]]]:
    given = {key: options[key] for key in ("messages", "rounds") if options[key]}
    sizes: Sizes = replace(SHORT if options["short"] else FULL, **given)
    rounds, people = sizes.rounds, options["people"] or (1000 if options["short"] else 1_000_000)
    latencies = options["latency"] or ("0,50" if options["short"] else "0,50,200")
    waits = [float(latency) for latency in latencies.split(",")]
    return {
        "dispatch": lambda: dispatch.run(sizes, waits, options["kind"]),
        "callbacks": lambda: callbacks.run(sizes),
        "page": page.run,
        "media": lambda: media.run(rounds),
        "import": lambda: imports.run(people, rounds),
        "segments": lambda: segments.run(people, rounds),
        "fill": lambda: filling.run(people, rounds),
    }
