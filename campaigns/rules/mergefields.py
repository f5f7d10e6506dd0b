"""Merge fields: `{{ first_name|there }}` in a text stands for something known of its reader.

Before the bar stands a field of the contact or one of its attributes, after it what stands there
where nothing is known. Without a bar, somebody of whom nothing is known cannot get the message.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest

from campaigns.rules.findings import Finding

#: Fields every contact has; all others are attributes.
CONTACT_FIELDS: Mapping[str, str] = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone number",
}
#: PostgreSQL makes a JSON object of no more than fifty pairs at once.
MOST_FIELDS = 40
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


def fill_in_for_preview(text: str, values: Mapping[str, str]) -> str:
    """The text as one person would read it, with a mark such as [City?] where the value is
    missing and nothing stands in for it."""
    return _FIELD.sub(lambda match: _value_or_mark(_read(match), values), text)


def fill_in_for_nobody(text: str) -> str:
    """The text with every fallback, and with nothing where there is none: what a template holds
    at the provider before somebody's own words replace it."""
    return _FIELD.sub(lambda match: _read(match).fallback or "", text)


def is_empty_for_somebody(text: str) -> bool:
    """Whether nothing would be left of it for who has none of the values that may be missing."""
    least = _FIELD.sub(lambda match: _least(_read(match)), text)
    return not least.strip()


def _least(field: MergeField) -> str:
    """A value that must be there is some word; one that may be missing is its fallback."""
    return field.name if field.fallback is None else field.fallback


def as_text(value: object) -> str:
    """What a contact's field or attribute reads like; "" where nothing is known."""
    if value is None or isinstance(value, (list, dict)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


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


def _value_or_mark(field: MergeField, values: Mapping[str, str]) -> str:
    try:
        return _value(field, values)
    except MissingValue:
        return f"[{label_of(field.name)}?]"


# --- What is found about the fields of a message ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that merge fields may stand in. `slide` counts from 1; `field` is where it is
    written on the composer's page: "text" or "title" of that slide, "subject" or
    "fallback_text"."""

    text: str
    slide: int | None = None
    field: str = "text"

    @property
    def title(self) -> str:
        if self.slide and self.field == "title":
            return f"the title of card {self.slide}"
        return f"slide {self.slide}" if self.slide else _TITLES[self.field]

    def find(self, problem: str, remedy: str = "") -> Finding:
        """A problem of this passage; its sentence begins small where a slide is named before."""
        if self.slide is None:
            problem = f"In {self.title}, {problem}"
        return Finding(problem, remedy, slide=self.slide, field=self.field)


def passages_in(
    subject: str,
    slide_texts: Iterable[str],
    fallback_text: str,
    slide_titles: Iterable[str] = (),
) -> tuple[Passage, ...]:
    """Every text of an MMS that merge fields may stand in; no fallback, no text."""
    titled = zip_longest(slide_titles, slide_texts, fillvalue="")
    slides = (
        Passage(text, slide=number, field=field)
        for number, texts in enumerate(titled, 1)
        for field, text in zip(("title", "text"), texts, strict=True)
        if text or field == "text"
    )
    fallback = Passage(fallback_text, field="fallback_text")
    return (Passage(subject, field="subject"), *slides, fallback)


_TITLES = {"subject": "the subject", "fallback_text": "the fallback SMS"}


def find_broken(passages: Iterable[Passage]) -> list[Finding]:
    """Fields that are not written as fields are, or too many of them."""
    passages = tuple(passages)
    found = [
        passage.find(problem[0].lower() + problem[1:])
        for passage in passages
        for problem in find_wording_problems(passage.text)
    ]
    count = len(names_of(find_fields(*(passage.text for passage in passages))))
    if count > MOST_FIELDS:
        problem = f"There are {count} different merge fields; {MOST_FIELDS} at most are filled in."
        found.append(Finding(problem, "Use fewer."))
    return found


def find_unknown(
    passages: Iterable[Passage], unknown: Iterable[str], known: Iterable[str]
) -> list[Finding]:
    """Each place where a field of a name stands that there is not, and which one may be meant."""
    unknown, known = frozenset(unknown), tuple(known)
    return [
        passage.find(f"there is no field “{name}”.", _advise(name, known))
        for passage in passages
        for name in names_of(find_fields(passage.text))
        if name in unknown
    ]


def _advise(name: str, known: Iterable[str]) -> str:
    by_wording = {_fold(label): field for field, label in CONTACT_FIELDS.items()}
    by_wording |= {_fold(field): field for field in known}
    close = get_close_matches(_fold(name), by_wording, n=1, cutoff=0.7)
    return f"Did you mean {by_wording[close[0]]}?" if close else "Choose one from the menu."


def _fold(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def tell_missing(field: MergeField, missing: int, total: int, place: str = "") -> Finding:
    """How many have no value for a field, and what becomes of them; `place` names the texts it is
    about where the field stands elsewhere with another fallback."""
    verb = "has" if missing == 1 else "have"
    who = f"{missing:,} of {total:,} {verb} no {say_name(field.name)}"
    where = f" in {place}" if place else ""
    if field.fallback is None:
        return Finding(
            f"{who}, and {field}{where} has no fallback: give it one, or complete the contacts."
        )
    if not field.fallback:
        return Finding(f"{who} and will read nothing{where or ' there'}.")
    return Finding(f"{who} and will read “{field.fallback}”{where}.")


def tell_places(field: MergeField, passages: Iterable[Passage]) -> str:
    """The texts this wording of a field stands in; "" where the field has no other wording."""
    passages = tuple(passages)
    namesakes = [
        other
        for other in find_fields(*(passage.text for passage in passages))
        if other.name == field.name
    ]
    if len(namesakes) < 2:
        return ""
    return _join(passage.title for passage in passages if field in find_fields(passage.text))


def tell_held(fields: Iterable[MergeField]) -> str:
    """What a template at the provider holds where merge fields stand; "" where none does."""
    fields = tuple(fields)
    bare = {field.name for field in fields if field.fallback is None}
    names = names_of(fields)
    held = _join(label_of(name) for name in names if name not in bare)
    empty = _join(label_of(name) for name in names if name in bare)
    has, stay = ("has", "stays") if len(bare) == 1 else ("have", "stay")
    if not bare:
        return f"The template holds the fallback of each merge field ({held})." if held else ""
    if not held:
        return f"{empty} {stay} empty in the template: there is no fallback."
    return f"The template holds the fallback of {held}; {empty} {has} none and {stay} empty there."


def label_of(name: str) -> str:
    """A field by the name people know it by: First name, City."""
    return CONTACT_FIELDS.get(name, name)


def say_name(name: str) -> str:
    """A field in the middle of a sentence: first name, “City”."""
    label = CONTACT_FIELDS.get(name)
    return label[0].lower() + label[1:] if label else f"“{name}”"


def _join(words: Iterable[str]) -> str:
    """a, b and c"""
    *others, last = [*words] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def find_too_long(passage: Passage, longest: Mapping[str, int], room: int) -> list[Finding]:
    """Whether a text with fields may outgrow its room, given how long their longest values are."""

    def width(match: re.Match[str]) -> str:
        field = _read(match)
        return "x" * max(longest.get(field.name, 0), len(field.fallback or ""))

    most = len(_FIELD.sub(width, passage.text))
    if most <= room or len(fill_in_for_nobody(passage.text)) > room:  # which is told elsewhere
        return []
    told = f"with the longest values there are {most:,} characters; up to {room:,} fit."
    return [passage.find(told, "Shorten the words around the field.")]
