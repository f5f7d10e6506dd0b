"""Imports a file of contacts from the shell: the same as the page does, without asking back."""

import math
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import phonenumbers
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.models import ContactImport, ContactList
from campaigns.rules.problems import RuleBroken
from campaigns.services.import_rows import run_import
from campaigns.services.imports import confirm_import, start_import


class Command(BaseCommand):
    help = "Import a CSV file of contacts into a list, which is made when there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--list", required=True, help="the name of the list")
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
            contact_import = _start(options["file"], options["list"], country, by)
            mapping = {int(place): name for place, name in contact_import.mapping.items()}
            confirm_import(contact_import, mapping, by=by, in_background=False)
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


def _find_user(name: str | None) -> AbstractBaseUser | None:
    if name is None:
        return None
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user called {name}.")
    return user


def _start(path: Path, list_name: str, country: str, by: AbstractBaseUser | None) -> ContactImport:
    contact_list = ContactList.objects.filter(name__iexact=list_name).first()
    try:
        with path.open("rb") as stream:
            return start_import(
                File(stream, name=path.name),
                contact_list=contact_list,
                list_name=list_name,
                country=country,
                by=by,
            )
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
