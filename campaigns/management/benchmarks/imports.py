"""An import against its floor: csv, phonenumbers and one bulk insert into the same table."""

import csv
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import phonenumbers
from django.db import connection, transaction
from django.utils import timezone
from phonenumbers import NumberParseException, PhoneNumberFormat

from campaigns.management.benchmarks.report import Row, more_is_better, under_limit
from campaigns.models import Consent, Contact, Membership

MOST_MB = 200
_HEADER = ("Phone", "First name", "Last name", "E-mail", "State", "City")
_NAMES = ("Ann", "Bo", "José", "Zoë", "Lee", "Mary", "Ivan", "Noor", "Kim", "Ada")
_CITIES = ("Boston", "Miami", "Portland", "Köln")
_STATES = ("MA", "FL", "Oregon", "new york", "")
_AREAS = (201, 212, 305, 312, 415, 503, 617, 702, 818, 206, 404, 416, 604, 787)
_COLUMNS = (
    "phone first_name last_name email time_zone state postal_code attributes consented_at "
    "created_at updated_at country line place first_folded last_folded"
)


def run(people: int, rounds: int) -> list[Row]:
    """Rows per second; the table of contacts is empty before each turn."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        _write_file(path, people)
        turns = [(_measure(path, people), _measure_floor(path, people)) for _ in range(rounds)]
    speeds = [ours for (ours, _), _ in turns]
    memory = max(used for (_, used), _ in turns)
    return [
        more_is_better("import.vs_floor", speeds, [floor for _, floor in turns], "rows/s"),
        under_limit("import.memory", memory, MOST_MB, "MB"),
    ]


def _write_file(path: Path, people: int) -> None:
    """Every number once, in several spellings, in no order."""
    chance = random.Random(7)
    numbers = chance.sample(range(len(_AREAS) * 8_000_000), people)
    spellings = ("1{}{}{}", "({}) {}-{}", "+1 {} {} {}", "{}-{}-{}", "{}{}{}")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for at, number in enumerate(numbers):
            area, rest = _AREAS[number % len(_AREAS)], f"{2_000_000 + number // len(_AREAS)}"
            phone = chance.choice(spellings).format(area, rest[:3], rest[3:])
            names = (chance.choice(_NAMES), f"{chance.choice(_NAMES)} {at % 5000}")
            places = (chance.choice(_STATES), chance.choice(_CITIES))
            writer.writerow((phone, *names, f"p{at}@example.com", *places))


def _measure(path: Path, people: int) -> tuple[float, float]:
    """Rows per second of the whole command, its start included, and the MB it held."""
    _empty()
    started = time.perf_counter()
    program = [sys.executable, "-m", "campaigns.management.benchmarks.import_memory", str(path)]
    done = subprocess.run(program, check=True, capture_output=True, text=True)  # noqa: S603
    seconds = time.perf_counter() - started
    _check(people, Contact.objects.count(), Membership.objects.count(), Consent.objects.count())
    return people / seconds, float(done.stdout.split()[-1])


def _measure_floor(path: Path, people: int) -> float:
    _empty()
    started = time.perf_counter()
    with path.open(newline="", encoding="utf-8") as file, transaction.atomic():
        _insert(_rows(csv.reader(file)))
    seconds = time.perf_counter() - started
    _check(people, Contact.objects.count())
    return people / seconds


def _rows(lines: Iterator[list[str]]) -> Iterator[tuple[Any, ...]]:
    next(lines)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    for phone, first, last, email, _state, _city in lines:
        try:
            number = phonenumbers.parse(phone, "US")
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            digits = phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]
            empty = ("", "", "", "{}", None)
            yield (digits, first, last, email, *empty, now, now, "US", 0, ";;", first, last)


def _insert(rows: Iterator[tuple[Any, ...]]) -> None:
    names = ", ".join(_COLUMNS.split())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY campaigns_contact ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(_COLUMNS.split()))
        sql = f"INSERT INTO campaigns_contact ({names}) VALUES ({marks})"  # noqa: S608 our own
        cursor.executemany(sql, rows)


def _empty() -> None:
    """All that an import leaves; the ledger only by putting its guards aside."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE campaigns_consent DISABLE TRIGGER USER")
            cursor.execute(f"TRUNCATE {', '.join(_TABLES)} CASCADE")
            cursor.execute("ALTER TABLE campaigns_consent ENABLE TRIGGER USER")
            return
        cursor.execute("DROP TRIGGER IF EXISTS campaigns_consent_guard_delete")
        for table in _TABLES:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 our own names


_TABLES = (
    "campaigns_consent",
    "campaigns_importchange",
    "campaigns_importproblem",
    "campaigns_membership",
    "campaigns_contact",
)


def _check(people: int, *counts: int) -> None:
    if any(count != people for count in counts):
        raise RuntimeError(f"{counts} rows instead of {people:,}.")
