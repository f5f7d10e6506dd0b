"""`manage.py demo`: the whole portal with sample data, on a pretend Sinch, stopped as one."""

import ctypes
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import get_random_string

MANAGE = str(Path(settings.BASE_DIR) / "manage.py")
START_SECONDS = 120
STOP_SECONDS = 90
PR_SET_PDEATHSIG = 1
LOGIN = ("demo", "magpie-demo-2026")
#: The pretend carriers are five times faster than real ones; days of waiting become a minute.
QUICK = {"SANDBOX_SPEED": "5", "NO_RECEIPT_AFTER_SECONDS": "60", "UNRESOLVED_AFTER_SECONDS": "120"}


class Command(BaseCommand):
    help = "Start the portal, its workers and the sandbox with sample data. Ctrl-C ends all of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="The sandbox takes the next one")
        parser.add_argument("--data", type=Path, default=Path(settings.BASE_DIR) / "var" / "demo")

    def handle(self, *args: Any, port: int, data: Path, **options: Any) -> None:
        for wanted in (port, port + 1):
            check_free(wanted)
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if aside := move_old_database_aside(data):
            self.stdout.write(f"The database of an older version was moved to {aside}.")
        os.environ.update(demo_environment(data, port))
        run_quietly("migrate", "--no-input")
        run_quietly("migrate", "--no-input", "--database", "sandbox")
        run_quietly("collectstatic", "--no-input")
        self._run(port)

    def _run(self, port: int) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, raise_interrupt)
        family = Family()
        try:
            # One process: the threads that post its callbacks live in it.
            family.add(*gunicorn("campaigns.sandbox.wsgi", port + 1, workers=1, threads=16))
            wait_until_open(port + 1)
            run_quietly("demo_data", "--login", *LOGIN)
            family.add(*gunicorn("mmsportal.wsgi", port, workers=2, threads=8))
            family.add(sys.executable, MANAGE, "watch_workers")
            wait_until_open(port)
            self._greet(port)
            family.wait()
        except KeyboardInterrupt:
            self.stdout.write("\nStopping…")
        finally:
            family.stop()

    def _greet(self, port: int) -> None:
        user, password = LOGIN
        self.stdout.write(
            f"\n  Magpie is running.\n\n"
            f"  Portal    http://127.0.0.1:{port}/    login {user}, password {password}\n"
            f"  Handset   http://127.0.0.1:{port + 1}/    the pretend phones\n\n"
            f"  Nothing leaves this machine. Ctrl-C ends it; the data stays for the next time.\n"
        )
        self.stdout.flush()


def raise_interrupt(*args: Any) -> None:
    raise KeyboardInterrupt


def check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CommandError(
                f"Port {port} is taken by another program. Choose another: make demo PORT=9000"
            ) from None


def demo_environment(data: Path, port: int) -> dict[str, str]:
    """As in production, but on this machine, with secrets of its own that stay in `data`."""
    keys = data / "secrets"
    if not keys.exists():
        keys.touch(mode=0o600)
        keys.write_text(f"{get_random_string(50)}\n{Fernet.generate_key().decode()}\n")
    secret_key, field_key = keys.read_text().split()
    return {
        "DEBUG": "off",
        "SECRET_KEY": secret_key,
        "FIELD_KEYS": field_key,
        "DATA_DIR": str(data.resolve()),
        "DATABASE_URL": "",  # whatever a .env names is not for samples and a known password
        "REDIS_URL": "",
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "SANDBOX": "demo",
        "SANDBOX_URL": f"http://127.0.0.1:{port + 1}",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
        "FIRST_QUIET_HOURS": os.environ.get("FIRST_QUIET_HOURS", "open"),  # it sends at any hour
        **{name: os.environ.get(name, value) for name, value in QUICK.items()},
    }


def move_old_database_aside(data: Path) -> Path | None:
    """Before the first release migrations are rewritten: a database of other ones is set aside."""
    files = sorted(Path(settings.BASE_DIR).glob("campaigns/**/migrations/*.py"))
    schema = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    mark = data / "schema"
    is_same = not mark.exists() or mark.read_text() == schema
    mark.write_text(schema)
    if is_same:
        return None
    aside = data / f"older-{time.strftime('%Y%m%d-%H%M%S')}"
    aside.mkdir()
    for file in data.glob("*.sqlite3*"):
        file.rename(aside / file.name)
    return aside


def run_quietly(*command: str) -> None:
    """A management command of its own process; its words are shown only when it fails."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, MANAGE, *command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def gunicorn(application: str, port: int, *, workers: int, threads: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)),
        *("--log-level", "warning", "--graceful-timeout", "5", "--no-control-socket"),
    ]


def wait_until_open(port: int) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while time.monotonic() < ends_at:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CommandError(f"The server on port {port} did not start.")


class Family:
    """The processes of the demo: when one ends, or we are asked to, all end."""

    def __init__(self) -> None:
        self.members: list[subprocess.Popen] = []

    def add(self, *command: str) -> None:
        """Ctrl-C must reach only us, so that things stop in order: a group of their own."""
        group = self.members[0].pid if self.members else 0
        self.members.append(
            subprocess.Popen(command, process_group=group, preexec_fn=end_with_parent)  # noqa: S603
        )

    def wait(self) -> None:
        while all(member.poll() is None for member in self.members):
            time.sleep(0.5)
        raise CommandError("One of the processes ended; see its words above.")

    def stop(self) -> None:
        """Workers first, so that nothing is under way when the sandbox goes."""
        for member in reversed(self.members):
            member.terminate()
            self._wait_for(member)

    @staticmethod
    def _wait_for(member: subprocess.Popen) -> None:
        try:
            member.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            member.kill()


def end_with_parent() -> None:
    """Runs in the new process: when we are killed outright, it is asked to end (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
