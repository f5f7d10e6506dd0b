"""Fields of contacts: named, typed, ordered, renamed with all their values, deleted without."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Model, Q

from campaigns.models import CustomField, Mms, Segment, Slide
from campaigns.rules.customfields import FieldKind
from campaigns.rules.mergefields import CONTACT_FIELDS, find_fields
from campaigns.rules.people import fold_name
from campaigns.rules.problems import RuleBroken, check
from campaigns.services.audit import record
from campaigns.services.customfields_values import find_misfits, having, move_values

#: As long as this, a person waits for the values to be moved; the rest happens behind their back.
AT_ONCE = timedelta(seconds=1)
MOST_CHOICES = 200
LONGEST_CHOICE = 100
_NAMES = (*CONTACT_FIELDS, *CONTACT_FIELDS.values())
_OWN = {fold_name(name) for name in (*_NAMES, "phone", "state", "postal code", "time zone")}
_WATCHED = ("name", "kind", "choices", "position")


def save_field(field: CustomField, *, by: AbstractBaseUser) -> bool:
    """Keep a new field, or a changed one; values follow its name and type. Whether they have
    done so already: of very many it happens in the background."""
    field.name = " ".join(field.name.split())
    with transaction.atomic():
        known = CustomField.objects.select_for_update().filter(pk=field.pk).first()
        check([*_find_name_problems(field), *_find_choice_problems(field)])
        _check_values(field, known)
        before, after = _described(known), _described(field)
        if before != after:
            field.made_by_import = None  # it is this person's from now on
        try:
            with transaction.atomic():
                field.save()
        except IntegrityError:  # somebody made it this moment
            raise RuleBroken(_taken(field.name)) from None
        if known:
            _rename_in_segments(known.name, field.name)
        if before != after:
            record(
                f"field.{'changed' if known else 'created'}",
                field,
                by=by,
                before=before,
                after=after,
            )
    return not field.former_name or move_values(field.pk, AT_ONCE)


def delete_field(field: CustomField, *, by: AbstractBaseUser) -> None:
    """Forget the field; the values stay with the contacts, as they are."""
    with transaction.atomic():
        record("field.deleted", field, by=by, before=_described(field))
        field.delete()


def _described(field: CustomField | None) -> dict[str, Any]:
    return {name: getattr(field, name) for name in _WATCHED} if field else {}


# --- What is wrong with it ----------------------------------------------------------------------


def _find_name_problems(field: CustomField) -> Iterator[str]:
    longest = CustomField._meta.get_field("name").max_length or 0
    if not field.name:
        yield "Give the field a name."
    elif len(field.name) > longest:
        yield f"The name of a field has at most {longest} characters: shorten it."
    elif not field.name.isprintable():
        yield "The name has signs in it that cannot be seen: write it anew."
    elif fold_name(field.name) in _OWN:
        yield f"Every contact has “{field.name}” already: choose another name."
    elif CustomField.objects.exclude(pk=field.pk).filter(name__iexact=field.name).exists():
        yield _taken(field.name)


def _taken(name: str) -> str:
    return f"There is already a field called “{name}”: choose another name."


def _find_choice_problems(field: CustomField) -> Iterator[str]:
    if field.kind != FieldKind.CHOICE:
        field.choices = []
        return
    if not field.choices:
        yield "Write down what there is to choose from, one choice per line."
    if len(field.choices) > MOST_CHOICES:
        yield f"There can be {MOST_CHOICES} choices at most: use a text instead."
    if any(len(choice) > LONGEST_CHOICE for choice in field.choices):
        yield f"A choice has at most {LONGEST_CHOICE} characters: shorten the long ones."
    folded = [choice.casefold() for choice in field.choices]
    twice = [c for n, c in enumerate(field.choices) if c.casefold() in folded[:n]]
    if twice:
        yield f"“{twice[0]}” stands there twice: take one away."


def _check_values(field: CustomField, known: CustomField | None) -> None:
    """Values of contacts must fit, also those that were there before the field; then they are to
    be moved."""
    if known and known.former_name:
        raise RuleBroken("Its values are still being moved: wait a minute, then try again.")
    former = known.name if known else field.name
    is_renamed = former != field.name
    is_typed_anew = known is None or (known.kind, known.choices) != (field.kind, field.choices)
    if not is_renamed and not is_typed_anew:
        return
    if is_renamed and (count := having(field.name).order_by().count()):
        raise RuleBroken(
            f"{_people(count)} a value called “{field.name}” already: choose another name."
        )
    misfits = find_misfits(former, field.kind, field.choices) if is_typed_anew else None
    if misfits and misfits.count:
        raise RuleBroken(
            f"{_people(misfits.count)} a value that does not fit, such as "
            f"“{misfits.example[:60]}”: correct these first, or choose another type."
        )
    field.former_name, field.moved_to = former, 0


def _people(count: int) -> str:
    return "1 contact has" if count == 1 else f"{count:,} contacts have"


# --- What uses it --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """Something that names the field: the word for it, and its row."""

    word: str
    row: Model


def find_uses(name: str) -> list[Use]:
    """Segments that ask for the field, and MMS whose newest version has it as a merge field."""
    segments = [Use("segment", row) for row in _segments_with(name)]
    return segments + [Use("MMS", row) for row in _mms_with(name)]


def _segments_with(name: str) -> list[Segment]:
    return [row for row in Segment.objects.all() if any(_asking(row.definition, name))]


def _asking(node: Any, name: str) -> Iterator[dict[str, Any]]:
    """The conditions of a definition that are about this attribute."""
    if isinstance(node, list):
        for each in node:
            yield from _asking(each, name)
    elif isinstance(node, dict):
        if node.get("about") == "attribute" and node.get("name") == name:
            yield node
        for each in node.values():
            yield from _asking(each, name)


def _rename_in_segments(old: str, new: str) -> None:
    if old == new:
        return
    for segment in _segments_with(old):
        for condition in _asking(segment.definition, old):
            condition["name"] = new
        segment.save(update_fields=["definition", "updated_at"])


def _mms_with(name: str) -> list[Mms]:
    """By the words first, which the database finds; then by the field itself."""
    said = Q(text__contains=name) | Q(title__contains=name)
    slides = Slide.objects.filter(said).order_by().values("revision__mms")
    words = Q(revisions__subject__contains=name) | Q(revisions__fallback_text__contains=name)
    rows = Mms.objects.filter(words | Q(pk__in=slides)).order_by().distinct()
    return [mms for mms in rows if _has_field(mms, name)]


def _has_field(mms: Mms, name: str) -> bool:
    if (head := mms.head) is None:
        return False
    slides = [text for texts in head.slides.values_list("title", "text") for text in texts]
    texts = (head.subject, head.fallback_text, *slides)
    return any(field.name == name for field in find_fields(*texts))
