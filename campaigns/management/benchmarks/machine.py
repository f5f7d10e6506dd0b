"""The machine that was measured on, and the versions of what ran there."""

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import which

import django
from django.db import connection

_PACKAGES = ("django-q2", "requests", "psycopg", "gunicorn", "celery", "sinch")


def describe_machine() -> list[str]:
    """Lines for people: cores, processor, memory, and versions but the database's."""
    cores, memory = os.cpu_count(), _memory()
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    found = ", ".join(f"{name} {said}" for name in _PACKAGES if (said := _version(name)))
    return [
        f"{cores} cores, {_processor()}, {memory:.0f} GB of memory, {platform.platform()}; "
        f"load before it began: {load}",
        f"Python {platform.python_version()}, Django {django.__version__}, {found}"
        f"{_redis_version()}",
    ]


def describe_database() -> str:
    """ "SQLite 3.40", "PostgreSQL 15.4": the one of this process."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"
        cursor.execute("SELECT sqlite_version()")
        return f"SQLite {cursor.fetchone()[0]}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.*)", lines.read_text()) if lines.exists() else None
    return named[1] if named else platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _redis_version() -> str:
    program = which("redis-server")
    if program is None:
        return ""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"v=([\d.]+)", said.stdout)
    return f", Redis {found[1]}" if found else ""
