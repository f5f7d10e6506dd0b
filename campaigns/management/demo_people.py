"""The people of the demo: their numbers belong to nobody; not all of them may be written to."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone

from campaigns.models import ContactList, Segment
from campaigns.services.import_consent import NOBODY_AGREED, Agreed
from campaigns.services.import_rows import run_import
from campaigns.services.imports import confirm_import, start_import
from campaigns.services.policy import change_policy, get_policy
from campaigns.services.segments_keeping import save_segment

AGREED_TO = "Yes, text me offers, up to four a month. Reply STOP to end."
FIRST_NAMES = (
    "Ada Ben Chloé Dmitri Eva Farid Grace Hiro Inés Jack Kofi Léa Mia Noor Owen Pia".split()
)
LAST_NAMES = "Álvarez Brown Chen Dubois Evans Fischer García Haddad Ito Jones Kim López".split()
AREA_CODES = ("201", "212", "303", "404", "512", "617", "702", "808")
#: The sandbox delivers to endings 00 to 59; the others have their stories, which it lists itself.
ENDINGS = (*range(22), 60, 61, 64, 66, 68, 80, 91, 96)
FIRST_JOINED = date(2026, 1, 5)


def sample_phones(areas: Iterable[str] = AREA_CODES) -> list[str]:
    """Numbers that belong to nobody: 555-0100 to 555-0199 of several area codes."""
    return [f"+1 {area} 555 {100 + ending:04d}" for area in areas for ending in ENDINGS]


def import_contacts(user: User, list_name: str, *, count: int, area: str = "") -> ContactList:
    """People who agreed on a web page."""
    phones = sample_phones([area]) if area else sample_phones()
    rows = [_person(number, phone) for number, phone in enumerate(phones[:count])]
    agreed = Agreed("web", AGREED_TO, "https://shop.example/offers", timezone.now())
    return _import(user, list_name, rows, agreed)


def import_fair_visitors(user: User) -> ContactList:
    """People who left a card and agreed to nothing; two of the numbers are toll-free."""
    phones = [f"+1 541 555 01{ending:02d}" for ending in range(30, 48)]
    phones += ["+1 800 555 0130", "+1 888 555 0131"]
    rows = [_person(number, phone) for number, phone in enumerate(phones)]
    return _import(user, "Spring fair", rows, NOBODY_AGREED)


def _person(number: int, phone: str) -> list[str]:
    # Some are known only by their number: a merge field then reads as its fallback.
    first = "" if number % 20 == 19 else FIRST_NAMES[number % len(FIRST_NAMES)]
    last = LAST_NAMES[number % len(LAST_NAMES)]
    joined = FIRST_JOINED + timedelta(days=number)
    return [phone, first, last, "Springfield", str(number * 7 % 500), joined.isoformat()]


def _import(
    user: User, list_name: str, rows: Sequence[Sequence[str]], agreed: Agreed
) -> ContactList:
    """By the same door as people: a CSV file."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["Phone", "First name", "Last name", "City", "Points", "Member since"])
    writer.writerows(rows)
    file = ContentFile(table.getvalue().encode(), name=f"{list_name.lower()}.csv")
    started = start_import(file, list_name=list_name, country="US", by=user)
    confirm_import(started, started.mapping, agreed=agreed, by=user, in_background=False)
    run_import(started.pk, timezone.now())
    return ContactList.objects.get(name=list_name)


def make_segment(user: User, vip: ContactList) -> None:
    """A sentence to start from."""
    points = {"about": "attribute", "name": "Points", "kind": "number", "how": "least"}
    definition = {
        "all": [{**points, "value": 100}, {"not": {"about": "list", "how": "on", "value": vip.pk}}]
    }
    save_segment(Segment(), name="Many points, not VIP yet", definition=definition, by=user)


def set_limits(user: User) -> None:
    """HELP is answered with this."""
    policy = get_policy()
    policy.brand, policy.contact = "Magpie Flowers", "hello@flowers.example"
    change_policy(policy, by=user)
