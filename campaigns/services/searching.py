"""Rows found by number, contacts by name or e-mail address too: every way walks an index."""

import re
import unicodedata
from collections.abc import Iterator
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, TextChoices
from django.db.models.expressions import RawSQL

from campaigns.models import Contact, OptOut
from campaigns.models.audience import MANY, FoldedEmail
from campaigns.rules.lines import UNREACHABLE_LINES
from campaigns.rules.people import fold_name
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken

#: Of each way to read the words so many are found at most: who looks for "a" writes more anyway.
MOST_FOUND = 500
_MOST_WORDS = 5
_LONGEST_NUMBER = 15
_TRUNK_ZERO = re.compile(r"\(0\)")


def search_contacts(people: QuerySet[Contact], words: str) -> QuerySet[Contact]:
    """Those of `people` whose number, e-mail address, first or last name (or both, in either
    order) begins like this."""
    found: set[int] = set()
    people_with_email = people.alias(email_folded=FoldedEmail())
    for reading in read_search(words):
        rows = people_with_email.filter(reading).order_by()
        found.update(rows.values_list("pk", flat=True)[:MOST_FOUND])
    return people.filter(pk__in=found)


def read_search(words: str) -> Iterator[Q]:
    """What the words may mean, one condition each; `email_folded` is a `FoldedEmail`."""
    words = words.replace("\0", "").strip()
    if numbers := _read_numbers(words):
        yield from numbers
        return
    names = fold_name(words).split()[:_MOST_WORDS]
    if not names:
        return
    if len(names) == 1:
        yield Q(email_folded__begins=words.lower())
    whole = " ".join(names)
    yield Q(last_folded__begins=whole)
    yield Q(first_folded__begins=whole)
    for cut in range(1, len(names)):
        before, after = " ".join(names[:cut]), " ".join(names[cut:])
        yield Q(first_folded__begins=before, last_folded__begins=after)
        yield Q(last_folded__begins=before, first_folded__begins=after)


def _read_numbers(words: str) -> list[Q]:
    """Digits in any spelling: that very number, and those that begin so."""
    plain = _plain(words)
    starts = [_begins("phone", start) for start in _read_starts(plain)]
    try:
        return [Q(phone=normalise(plain)), *starts] if starts else []
    except RuleBroken:
        return starts


def number_begins(field: str, words: str) -> Q | None:
    """The rows of any table whose number in `field` begins like this; None when the words are no
    number."""
    starts = [_begins(field, start) for start in _read_starts(_plain(words))]
    return reduce(or_, starts) if starts else None


def _plain(words: str) -> str:
    return _TRUNK_ZERO.sub("", unicodedata.normalize("NFKC", words))


def _read_starts(plain: str) -> list[str]:
    """The digits as they are, and after the 1 of North America where that may be meant."""
    digits = re.sub(r"\D", "", plain)
    if len(digits) < 3 or any(map(str.isalpha, plain)) or "@" in plain:
        return []
    digits = digits.removeprefix("00")
    return [digits] if "+" in plain or digits.startswith("1") else [digits, f"1{digits}"]


def _begins(field: str, digits: str) -> Q:
    """A range instead of LIKE: it can use the index on every database."""
    first = digits[:_LONGEST_NUMBER]
    return Q(**{f"{field}__gte": first, f"{field}__lte": first.ljust(_LONGEST_NUMBER, "9")})


class Reachable(TextChoices):
    """What the list is filtered by: whether somebody may be written to, or a reason why not, be it
    the first or not."""

    YES = "yes", "Yes"
    OPTED_OUT = "opted_out", "Opted out"
    NO_CONSENT = "no_consent", "No consent"
    LINE = "line", "Landline or toll-free number"


def filter_reachable(people: QuerySet[Contact], wanted: str) -> QuerySet[Contact]:
    """Those of `people` of whom it holds; all of them when `wanted` is none of the choices."""
    if wanted == Reachable.YES:
        agreeing = people.filter(~_OUT_OF_REACH, consented_at__isnull=False)
        return agreeing.exclude(Exists(_GONE))
    if wanted == Reachable.OPTED_OUT:
        return _opted_out(people)
    if wanted == Reachable.NO_CONSENT:
        return people.filter(consented_at=None)
    return people.filter(_out_of_reach()) if wanted == Reachable.LINE else people


_GONE = OptOut.objects.filter(channel=None, phone=OuterRef("phone"))
_OUT_OF_REACH = Q(line__in=UNREACHABLE_LINES)


def _out_of_reach() -> RawSQL:
    """As literals: SQLite uses a partial index only when it sees its very condition."""
    listed = ", ".join(str(line.value) for line in UNREACHABLE_LINES)
    sql = f'"campaigns_contact"."line" IN ({listed})'
    return RawSQL(sql, [], output_field=BooleanField())  # noqa: S611 our own numbers


def _opted_out(people: QuerySet[Contact]) -> QuerySet[Contact]:
    """Few opt-outs lead to their contacts; of many, one is met soon from the newest contact on."""
    optouts = OptOut.objects.filter(channel=None).order_by()
    if optouts[: MANY + 1].count() > MANY:
        return people.filter(Exists(_GONE))
    return people.filter(phone__in=optouts.values("phone"))
