"""Conditions on what is known of a person: columns and attributes, as conditions on `Contact`.

None of them is ever NULL: under NOT they select exactly the others.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BooleanField, Expression, F, Q, Value
from django.db.models.functions import Coalesce, StrIndex, Substr, Trim
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)
from django.utils import timezone

from campaigns.models.typed import (
    AttributeDate,
    AttributeNumber,
    AttributePlain,
    AttributeWords,
    PlainLower,
)
from campaigns.rules.customfields import FieldKind
from campaigns.rules.people import fold_name
from campaigns.rules.segments import ATTRIBUTE, Node

#: What counts as yes and as no in an attribute.
YES, NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")
_LONGEST_NUMBER = 15


def person_is(condition: Node, now: datetime) -> Q:
    """The people of whom a condition on a column or an attribute holds."""
    about, how, value = condition["about"], condition["how"], condition.get("value")
    if about == ATTRIBUTE:
        return _of_attribute(condition["name"], condition["kind"], how, value, now)
    if about == "created_at":
        return moment_is("created_at", how, value, now)
    if about == "phone":
        return _of_phone(how, value)
    if about == "line":
        return _maybe_not(Q(line=int(value)), how)
    if about in ("first_name", "last_name"):
        return _of_text(F(about.replace("name", "folded")), how, value, fold_name)
    if about in ("country", "state"):
        return _of_text(F(about), how, value, lambda text: text.strip().upper())
    return _of_text(PlainLower(F(about)), how, value, plain_lower)


def plain_lower(text: str) -> str:
    """As `PlainLower` does it."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in text.strip())


def _of_text(text: Any, how: str, value: Any, fold: Callable[[str], str]) -> Q:
    """`text` is folded already; the value is folded here."""
    if how in ("known", "unknown"):
        return _maybe_not(Q(Exact(text, Value(""))), "is_not" if how == "known" else "is")
    if how in ("one_of", "none_of"):
        return _maybe_not(Q(In(text, [fold(each) for each in value])), how)
    wanted = fold(value)
    if how == "begins":
        return Q(Exact(Substr(text, 1, len(wanted)), Value(wanted)))
    if how in ("contains", "lacks"):
        return _maybe_not(Q(GreaterThan(StrIndex(text, Value(wanted)), 0)), how)
    return _maybe_not(Q(Exact(text, Value(wanted))), how)


def _maybe_not(found: Q, how: str) -> Q:
    return ~found if how in ("is_not", "none_of", "lacks") else found


def _of_phone(how: str, value: str) -> Q:
    digits = "".join(sign for sign in value if sign.isascii() and sign.isdigit())
    if how == "begins":
        return Q(phone__gte=digits, phone__lte=digits.ljust(_LONGEST_NUMBER, "9"))
    return _maybe_not(Q(phone=digits), how)


# --- Moments -------------------------------------------------------------------------------------


def moment_is(column: str, how: str, value: Any, now: datetime) -> Q:
    """A time column is on a day, since, until, in the last n days or older; where it is NULL
    nothing holds."""
    if how == "last":
        bounds = {"gte": now - timedelta(days=value), "lte": now}
    elif how == "older":
        bounds = {"lt": now - timedelta(days=value)}
    else:
        day = date.fromisoformat(value)
        after, before = _midnight(day), _midnight(day + timedelta(days=1))
        all_bounds = {"since": {"gte": after}, "until": {"lt": before}}
        bounds = all_bounds.get(how, {"gte": after, "lt": before})
    known = {f"{column}__isnull": False}
    return Q(**known, **{f"{column}__{end}": at for end, at in bounds.items()})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# --- Attributes ----------------------------------------------------------------------------------


def _of_attribute(name: str, kind: str, how: str, value: Any, now: datetime) -> Q:
    if kind == FieldKind.NUMBER:
        return _of_number(AttributeNumber(name), how, value)
    if kind == FieldKind.DATE:
        return _of_date(AttributeDate(name), how, value, timezone.localdate(now))
    if kind == FieldKind.YES_NO:
        wanted = {"yes": YES, "no": NO}.get(how, (*YES, *NO))
        found = Q(In(PlainLower(AttributeWords(name)), list(wanted)))
        return ~found if how == "unknown" else found
    if how in ("known", "unknown"):
        return _of_text(AttributeWords(name), how, value, plain_lower)
    words = AttributePlain(name) if _is_plain(how, value) else AttributeWords(name)
    if kind == FieldKind.CHOICE:  # they are kept as they are offered
        return _of_text(words, how, value, str)
    return _of_text(PlainLower(Trim(words)), how, value, plain_lower)


#: How databases write what is no text.
_NO_TEXTS = ("true", "false", "yes", "no", "1", "0", "{", "[")


def _is_plain(how: str, value: str | list[str]) -> bool:
    """Whether nothing but a text can be, or begin, like this."""
    if how in ("contains", "lacks"):
        return False
    texts = [plain_lower(text) for text in ([value] if isinstance(value, str) else value)]
    return not any(odd.startswith(text) or text[:1] in "{[" for text in texts for odd in _NO_TEXTS)


_NUMBERS = {
    "is": Exact,
    "is_not": Exact,
    "more": GreaterThan,
    "least": GreaterThanOrEqual,
    "less": LessThan,
    "most": LessThanOrEqual,
}


def _of_number(number: Expression, how: str, value: Any) -> Q:
    if how in ("known", "unknown"):
        known = _certainly(GreaterThan(number, -1e300))
        return known if how == "known" else ~known
    return _maybe_not(_certainly(_NUMBERS[how](number, float(value))), how)


def _certainly(condition: Any) -> Q:
    """False where the condition is NULL."""
    return Q(Coalesce(condition, Value(False), output_field=BooleanField()))


def _of_date(day: Expression, how: str, value: Any, today: date) -> Q:
    def at(other: date) -> Value:
        return Value(other.isoformat())

    if how in ("known", "unknown"):
        return _maybe_not(Q(Exact(day, Value(""))), "is_not" if how == "known" else "is")
    if how == "last":
        first, last = today - timedelta(days=value), today
    elif how == "next":
        first, last = today, today + timedelta(days=value)
    elif how == "older":
        first, last = date.min, today - timedelta(days=value + 1)
    else:
        wanted = date.fromisoformat(value)
        first = date.min if how == "until" else wanted
        last = date.max if how == "since" else wanted
    # What is no date is "", which is before all of them.
    return Q(GreaterThanOrEqual(day, at(first))) & Q(LessThanOrEqual(day, at(last)))
