"""Segments kept: saved, copied, deleted while nothing needs them, and made into lists."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.db.models import DateTimeField, F, IntegerField, Q, Value

from campaigns.models import Campaign, ContactList, Membership, Segment
from campaigns.rules.problems import RuleBroken, check
from campaigns.rules.segments import Takes, numbers_named
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.audience import create_list
from campaigns.services.audit import record
from campaigns.services.segments import find_segment_problems, people, say

#: A campaign in these states is through.
_THROUGH = (CampaignStatus.SENT, CampaignStatus.DONE, CampaignStatus.CANCELLED)
_LONGEST = Segment._meta.get_field("name").max_length


def save_segment(
    segment: Segment, *, name: str, definition: Any, by: AbstractBaseUser | None
) -> Segment:
    """Keep what was written; `RuleBroken` names every problem."""
    is_new = segment.pk is None
    name = " ".join(name.split())
    problems = _find_name_problems(name, segment.pk)
    check([*problems, *find_segment_problems(definition, itself=segment.pk)])
    before = {} if is_new else {"name": segment.name, "says": say(segment.definition)}
    segment.name, segment.definition = name, definition
    if is_new:
        segment.created_by = by
    try:
        with transaction.atomic():
            segment.save()
            verb = "segment.added" if is_new else "segment.changed"
            record(verb, segment, by=by, before=before, after={"says": say(definition)})
    except IntegrityError:  # somebody took the name this moment
        raise RuleBroken(_taken(name)) from None
    return segment


def _find_name_problems(name: str, pk: int | None) -> list[str]:
    if not name:
        return ["Give the segment a name."]
    if len(name) > _LONGEST:
        return [f"The name has at most {_LONGEST} characters: shorten it."]
    if not name.isprintable():
        return ["The name has signs in it that nobody can read: write it anew."]
    if Segment.objects.filter(name__iexact=name).exclude(pk=pk).exists():
        return [_taken(name)]
    return []


def _taken(name: str) -> str:
    return f"There is already a segment called “{name}”: use another name."


def name_of_copy(name: str) -> str:
    """A name nobody has: “VIP (copy)”, “VIP (copy 2)”."""
    number = 1
    while True:
        end = " (copy)" if number == 1 else f" (copy {number})"
        wanted = name[: _LONGEST - len(end)] + end
        if not Segment.objects.filter(name__iexact=wanted).exists():
            return wanted
        number += 1


# --- Who needs it --------------------------------------------------------------------------------


def campaigns_with(segments: Iterable[Segment]) -> dict[int, list[Campaign]]:
    """Segment → the campaigns that include or exclude it, by one query for each."""
    found: dict[int, list[Campaign]] = {segment.pk: [] for segment in segments}
    for through, column in (
        (Campaign.segments.through, "segment_id"),
        (Campaign.excluded_segments.through, "segment_id"),
    ):
        rows = through.objects.filter(segment__in=found).select_related("campaign")
        for row in rows:
            found[getattr(row, column)].append(row.campaign)
    return found


def segments_with(segment: Segment) -> list[Segment]:
    """Other segments that are made with this one."""
    others = Segment.objects.exclude(pk=segment.pk)
    return [
        other for other in others if segment.pk in numbers_named(other.definition, Takes.SEGMENT)
    ]


def check_segment_unused(segment: Segment) -> None:
    """Raise `RuleBroken` while a campaign that is not through, or another segment, needs it."""
    holds = Q(segments=segment) | Q(excluded_segments=segment)
    users = Campaign.objects.filter(holds).exclude(status__in=_THROUGH).distinct()
    problems = []
    if names := _named(users):
        problems.append(
            f"“{segment}” cannot be deleted: campaigns need it ({names}). Take it out of drafts; "
            "wait for what is being sent, or stop it."
        )
    if names := _named(segments_with(segment)):
        problems.append(
            f"“{segment}” cannot be deleted: other segments are made with it ({names}). Take it "
            "out of them first."
        )
    check(problems)


def _named(rows: Iterable[Campaign | Segment]) -> str:
    return ", ".join(f"“{row.name}”" for row in rows)


@transaction.atomic
def delete_segment(segment: Segment, *, by: AbstractBaseUser) -> None:
    """Delete a segment that nothing needs; the people stay."""
    check_segment_unused(segment)
    record("segment.deleted", segment, by=by, before={"says": say(segment.definition)})
    segment.delete()


# --- A list of them ------------------------------------------------------------------------------


@transaction.atomic
def list_from_segment(
    segment: Segment, name: str, *, now: datetime, by: AbstractBaseUser
) -> ContactList:
    """A new list of everybody who is in the segment at this moment, by one statement."""
    check(find_segment_problems(segment.definition, itself=segment.pk))
    contact_list = create_list(name, description=f"From the segment “{segment}”"[:300], by=by)
    count = _put_on(contact_list, segment.definition, now)
    if not count:
        raise RuleBroken(f"Nobody is in “{segment}” now: there is nobody to put on a list.")
    record("list.filled", contact_list, by=by, after={"segment": segment.name, "contacts": count})
    return contact_list


def _put_on(contact_list: ContactList, definition: Any, now: datetime) -> int:
    rows = people(definition, now).annotate(
        onto=Value(contact_list.pk, IntegerField()),
        person=F("pk"),
        at=Value(now, DateTimeField()),
    )
    select, parameters = rows.values_list("onto", "person", "at").query.sql_with_params()
    table = connection.ops.quote_name(Membership._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (contact_list_id, contact_id, added_at) {select}",
            parameters,
        )
        return cursor.rowcount
