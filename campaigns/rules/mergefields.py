"""Merge fields: `{{ first_name|there }}` in a text stands for something known of its reader.

Before the bar stands a field of the contact or one of its attributes, after it what stands there
where nothing is known. Without a bar, somebody of whom nothing is known cannot get the message.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Fields every contact has; all others are attributes.
CONTACT_FIELDS: Mapping[str, str] = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone number",
}
_FIELD = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")


@dataclass(frozen=True, slots=True)
class MergeField:
    """`fallback` is what stands there where nothing is known; None when nothing may."""

    name: str
    fallback: str | None = None

    def __str__(self) -> str:
        fallback = "" if self.fallback is None else f"|{self.fallback}"
        return f"{{{{ {self.name}{fallback} }}}}"


class MissingValue(Exception):
    """Nothing is known for a field without a fallback; `name` is the field's."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def find_fields(*texts: str) -> tuple[MergeField, ...]:
    """The merge fields in these texts, each wording once, in order."""
    found = (_read(match) for text in texts for match in _FIELD.finditer(text))
    return tuple(dict.fromkeys(found))


def names_of(fields: Iterable[MergeField]) -> tuple[str, ...]:
    """The names of these fields, each once, in order."""
    return tuple(dict.fromkeys(field.name for field in fields))


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """The text as one person reads it; raises `MissingValue`."""
    return _FIELD.sub(lambda match: _value(_read(match), values), text)


def fill_in_for_nobody(text: str) -> str:
    """The text with every fallback, and with nothing where there is none: what a template holds
    at the provider before somebody's own words replace it."""
    return _FIELD.sub(lambda match: _read(match).fallback or "", text)


def find_wording_problems(text: str) -> list[str]:
    """What is wrong with the fields in a text, one sentence each."""
    problems = []
    if any(not field.name for field in find_fields(text)):
        problems.append("A merge field has no name: write {{ first_name|there }}.")
    rest = _FIELD.sub("", text)
    if "{{" in rest or "}}" in rest:
        problems.append(
            "A merge field is not closed or opened: it begins with {{ and ends with }}."
        )
    return problems


def _read(match: re.Match[str]) -> MergeField:
    fallback = match[2]
    return MergeField(match[1].strip(), None if fallback is None else fallback.strip())


def _value(field: MergeField, values: Mapping[str, str]) -> str:
    value = values.get(field.name, "").strip() or field.fallback
    if value is None:
        raise MissingValue(field.name)
    return value
