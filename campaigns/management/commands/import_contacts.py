"""Imports a file of contacts from the shell: the same as the page does, without asking back."""

import math
from argparse import ArgumentParser
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import phonenumbers
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.models import ContactImport, ContactList
from campaigns.rules.consent import ConsentMethod
from campaigns.rules.problems import RuleBroken
from campaigns.rules.workbooks import NO_SHEET
from campaigns.services.import_consent import NOBODY_AGREED, Agreed
from campaigns.services.import_files import sheets_of
from campaigns.services.import_rows import run_import
from campaigns.services.imports import change_layout, confirm_import, start_import

NOBODY = "none"


class Command(BaseCommand):
    help = "Import a CSV, TSV or XLSX file of contacts into a list, made when there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--list", required=True, help="the name of the list")
        parser.add_argument(
            "--consent-method",
            required=True,
            choices=[*ConsentMethod.values, NOBODY],
            help=f"how these people agreed to be written to; {NOBODY}: they did not",
        )
        parser.add_argument("--consent-wording", default="", help="the words they agreed to")
        parser.add_argument(
            "--consent-source", default="", help="where: the address of the form, the event, …"
        )
        parser.add_argument(
            "--consented-on",
            type=date.fromisoformat,
            help="the day the last of them agreed, such as 2026-03-31; today when left out",
        )
        parser.add_argument(
            "--winner",
            choices=ContactImport.Winner.values,
            default=ContactImport.Winner.LAST,
            help="of several lines with one number",
        )
        parser.add_argument(
            "--unusable",
            choices=ContactImport.Unusable.values,
            default=ContactImport.Unusable.REFUSE,
            help="of a cell that cannot be used, such as a bad e-mail address: refuse its row, or "
            "leave the cell out and import the person; a bad number always costs its row",
        )
        parser.add_argument("--sheet", default="", help="of a workbook; the first when left out")
        parser.add_argument(
            "--country", default="US", help="of numbers without a country code; two letters"
        )
        parser.add_argument("--by", help="the user name to write down as who did it")

    def handle(self, *args: Any, **options: Any) -> None:
        country = options["country"].upper()
        if country not in phonenumbers.SUPPORTED_REGIONS:
            raise CommandError(f"{country} is not a country: use two letters, such as US.")
        by = _find_user(options["by"])
        try:
            contact_import = _start({**options, "country": country}, by)
            _choose(contact_import, options)
            confirm_import(
                contact_import,
                _mapping(contact_import),
                agreed=_agreed(options),
                by=by,
                in_background=False,
            )
        except RuleBroken as problem:
            raise CommandError(str(problem)) from problem
        run_import(contact_import.pk, timezone.now(), seconds=math.inf)
        contact_import.refresh_from_db()
        self._tell(contact_import)

    def _tell(self, done: ContactImport) -> None:
        if done.status == ContactImport.Status.FAILED:
            raise CommandError(done.reason)
        self.stdout.write(
            f"{done.row_count:,} rows: {done.new_count:,} new, {done.updated_count:,} updated, "
            f"{done.duplicate_count:,} duplicates, {done.problem_count:,} not imported."
        )
        for cause, count in done.causes.items():
            self.stdout.write(f"{count:>9,}  {cause}")
        if done.left_out:
            self.stdout.write(f"{done.left_out_count:,} cells left out of rows that were imported:")
        for cause, count in done.left_out.items():
            self.stdout.write(f"{count:>9,}  {cause}")


def _choose(contact_import: ContactImport, options: dict[str, Any]) -> None:
    """What the page lets people choose when they look at the file."""
    sheet = options["sheet"]
    if sheet and sheet not in sheets_of(contact_import.file.path):
        raise RuleBroken(NO_SHEET)
    chosen = {"sheet": sheet} if sheet else {}
    chosen |= {name: options[name] for name in ("winner", "unusable")}
    change_layout(contact_import, _mapping(contact_import), **chosen)


def _mapping(contact_import: ContactImport) -> dict[int, str]:
    return {int(place): name for place, name in contact_import.mapping.items()}


def _agreed(options: dict[str, Any]) -> Agreed:
    if options["consent_method"] == NOBODY:
        return NOBODY_AGREED
    day = options["consented_on"]
    midnight = day and timezone.make_aware(datetime.combine(day, time()))
    return Agreed(
        options["consent_method"],
        options["consent_wording"],
        options["consent_source"],
        midnight or timezone.now(),
    )


def _find_user(name: str | None) -> AbstractBaseUser | None:
    if name is None:
        return None
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user called {name}.")
    return user


def _start(options: dict[str, Any], by: AbstractBaseUser | None) -> ContactImport:
    path, list_name = options["file"], options["list"]
    contact_list = ContactList.objects.filter(name__iexact=list_name).first()
    try:
        with path.open("rb") as stream:
            return start_import(
                File(stream, name=path.name),
                contact_list=contact_list,
                list_name=list_name,
                country=options["country"],
                by=by,
            )
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
