"""`manage.py chaos`: a campaign under kill -9; nobody may get it twice, nobody may be lost."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.crypto import get_random_string

from campaigns.management.chaos.backing import (
    find_missing,
    place_for_postgres,
    postgres_url,
    redis_url,
)
from campaigns.management.chaos.family import MARK, kill_all
from campaigns.management.chaos.report import as_json, as_table
from campaigns.management.chaos.rig import Order, Rig
from campaigns.management.chaos.twins import SETTINGS
from campaigns.management.chaos.verdict import LONGEST_STALL
from campaigns.management.commands.demo import raise_interrupt
from campaigns.management.ports import find_ports

PORTS = ("web", "provider", "postgres", "redis")


class Command(BaseCommand):
    help = "Kill everything at random in the middle of campaigns, and count who got what."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--messages", type=int, default=2000)
        parser.add_argument("--kills", type=int, default=10)
        parser.add_argument("--stops", type=int, default=0, help="of a cluster, by SIGTERM")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
        parser.add_argument("--broker", choices=["orm", "redis"], default="orm")
        parser.add_argument("--twin", choices=sorted(SETTINGS), default="", help="must fail")
        parser.add_argument("--longest-stall", type=float, default=LONGEST_STALL, metavar="SECONDS")
        parser.add_argument("--json", action="store_true", help="one object, nothing else")
        parser.add_argument("--keep", type=Path, help="a new folder that is left for a look")

    def handle(self, *args: Any, **options: Any) -> None:
        if MARK in os.environ:
            self._run(options)
            return
        if missing := find_missing(options["database"], options["broker"]):
            words = json.dumps({"skipped": missing}) if options["json"] else f"Skipped: {missing}"
            self.stdout.write(words)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, raise_interrupt)
        if options["keep"]:
            options["keep"].mkdir(parents=True)
            sys.exit(self._run_inside(options["keep"].resolve(), options))
        with tempfile.TemporaryDirectory(prefix="magpie-chaos-") as folder:
            status = self._run_inside(Path(folder), options)
        sys.exit(status)

    # --- Outside: a folder that is thrown away, and nothing left running ------------------------

    def _run_inside(self, folder: Path, options: dict[str, Any]) -> int:
        with place_for_postgres() as place:
            environment = own_environment(folder, options) | {"CHAOS_POSTGRES": place}
            return self._run_until_it_ends(folder, environment)

    def _run_until_it_ends(self, folder: Path, environment: dict[str, str]) -> int:
        manage = str(Path(settings.BASE_DIR) / "manage.py")
        inside = subprocess.Popen(  # noqa: S603
            [sys.executable, manage, *sys.argv[1:]], env=environment, start_new_session=True
        )
        try:
            return inside.wait()
        except KeyboardInterrupt:
            return 130
        finally:
            kill_all(folder)
            inside.wait()

    # --- Inside ---------------------------------------------------------------------------------

    def _run(self, options: dict[str, Any]) -> None:
        order = Order(
            messages=options["messages"],
            kills=options["kills"],
            stops=options["stops"],
            seed=options["seed"],
            database=options["database"],
            broker=options["broker"],
            twin=options["twin"],
            longest_stall=options["longest_stall"],
            folder=Path(os.environ[MARK]),
            postgres=Path(os.environ["CHAOS_POSTGRES"]) / "cluster",
            ports=json.loads(os.environ["CHAOS_PORTS"]),
            say=self._say if not options["json"] else lambda words: None,
        )
        found = Rig(order).run(lambda: call_command("migrate", verbosity=0))
        self.stdout.write(as_json(found) if options["json"] else f"\n{as_table(found)}")
        self.stdout.flush()
        sys.exit(1 if found.problems else 0)

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def own_environment(folder: Path, options: dict[str, Any]) -> dict[str, str]:
    """As in production, in a folder and with servers of its own."""
    ports = dict(zip(PORTS, find_ports(len(PORTS)), strict=True))
    is_postgres, is_redis = options["database"] == "postgres", options["broker"] == "redis"
    (folder / "data" / "static").mkdir(parents=True)
    return {
        **os.environ,
        MARK: str(folder),
        "CHAOS_PORTS": json.dumps(ports),
        "DJANGO_SETTINGS_MODULE": SETTINGS.get(options["twin"], "mmsportal.settings"),
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": postgres_url(ports["postgres"]) if is_postgres else "",
        "REDIS_URL": redis_url(ports["redis"]) if is_redis else "",
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{ports['web']}",
        "SANDBOX": "",
        "LOG_LEVEL": "WARNING",
        "DEBUG": "off",
        "SECRET_KEY": get_random_string(50),
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "FIRST_QUIET_HOURS": "open",
    }
