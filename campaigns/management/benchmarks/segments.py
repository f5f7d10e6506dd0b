"""`bench segments`: counts of segments over a million people against SQL written by hand."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from campaigns.management.benchmarks.report import Row, more_is_better, under_limit
from campaigns.management.benchmarks.rows import make_campaign, make_channel
from campaigns.models import (
    Campaign,
    Contact,
    ContactList,
    CustomField,
    Membership,
    Message,
    OptOut,
    Recipient,
)
from campaigns.rules.statuses import MessageStatus
from campaigns.services.segments import count_people

LISTS = 20
LISTS_EACH = 5
SECONDS = 1  # on PostgreSQL

_NUMBERS = """(WITH RECURSIVE numbers(n) AS (
    SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) SELECT n FROM numbers) x"""
_PEOPLE = f"""
    INSERT INTO campaigns_contact (phone, first_name, last_name, email, time_zone, state,
        postal_code, attributes, consented_at, created_at, updated_at, country, line, place,
        first_folded, last_folded)
    SELECT CAST(13030000000 + n AS varchar(15)), 'Ann', 'Lee ' || n, '', '',
        CASE n %% 10 WHEN 0 THEN 'NY' WHEN 1 THEN 'NJ' WHEN 2 THEN '' ELSE 'CA' END, '',
        {{attributes}}, {{consented}}, {{moment}}, {{moment}}, 'US', 0,
        'US;NJ;America/New_York', 'ann', 'lee ' || n
    FROM {_NUMBERS}
"""  # noqa: S608 our own words
_ATTRIBUTES = """'{"plan": "' || CASE n %% 4 WHEN 0 THEN 'gold' ELSE 'silver' END
    || '", "city": "' || CASE n %% 4 WHEN 0 THEN 'Rome' ELSE 'Boston' END
    || '", "points": ' || (n * 79 %% 1000) || '}'"""
_MEMBERS = f"""
    INSERT INTO campaigns_membership (contact_list_id, contact_id, added_at)
    SELECT %s + (c.id * 7 + k * 4 + c.id / 1000) %% {LISTS}, c.id, c.created_at
    FROM campaigns_contact c
    CROSS JOIN (SELECT 0 AS k UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) x
"""  # noqa: S608 our own numbers
_OPTOUTS = """
    INSERT INTO campaigns_optout (phone, source, evidence, asked_at, last_asked_at, created_at)
    SELECT phone, 'staff', '', created_at, created_at, created_at
    FROM campaigns_contact WHERE id %% 97 = 0
"""
_MESSAGES = f"""
    INSERT INTO campaigns_message (campaign_id, purpose, channel_id, revision_id, sender,
        contact_id, phone, place, rung, reference, merge_values, shown_to, status, reason,
        send_after, owner, retry_count, resend_count, provider_id, code, sent_as, created_at,
        changed_at, accepted_at)
    SELECT %s, 0, %s, %s, '12015550100', c.id, c.phone, c.place, 0, 'bench-' || c.id, '', '',
        CASE c.id %% 10 WHEN 1 THEN {MessageStatus.FAILED:d} ELSE {MessageStatus.DELIVERED:d} END,
        '', c.created_at, '', 0, 0, '', '', '', c.created_at, c.created_at, c.created_at
    FROM campaigns_contact c WHERE c.id / 3 %% 5 = 0
"""  # noqa: S608 our own numbers

_GOT = f"status IN ({MessageStatus.ACCEPTED:d}, {MessageStatus.SENT:d}, "
_GOT += f"{MessageStatus.NO_RECEIPT:d}, {MessageStatus.DELIVERED:d}, "
_GOT += f"{MessageStatus.DELIVERED_AS_SMS:d})"

#: As somebody writes them who knows these tables.
_BY_HAND = {
    "segments.vs_sql": """
        SELECT count(*) FROM campaigns_contact c
        JOIN campaigns_membership m ON m.contact_id = c.id AND m.contact_list_id = %(list)s
        WHERE c.state = 'NY' AND c.consented_at IS NOT NULL""",
    "segments.attribute_vs_sql": f"""
        SELECT count(*) FROM campaigns_contact c
        JOIN campaigns_membership m ON m.contact_id = c.id AND m.contact_list_id = %(list)s
        JOIN campaigns_message s ON s.phone = c.phone AND s.campaign_id = %(campaign)s AND s.{_GOT}
        WHERE c.attributes ->> 'plan' = 'gold'""",  # noqa: S608 our own numbers
    "segments.text_vs_sql": """
        SELECT count(*) FROM campaigns_contact c
        JOIN campaigns_membership m ON m.contact_id = c.id AND m.contact_list_id = %(list)s
        WHERE lower(trim(c.attributes ->> 'city')) = 'rome' AND c.consented_at IS NOT NULL""",
    "segments.not_vs_sql": """
        SELECT count(*) FROM campaigns_contact c
        WHERE c.state <> 'CA'
        AND NOT EXISTS (SELECT 1 FROM campaigns_membership m
            WHERE m.contact_id = c.id AND m.contact_list_id = %(list)s)
        AND NOT EXISTS (SELECT 1 FROM campaigns_optout o WHERE o.phone = c.phone)""",
    "segments.any_vs_sql": """
        SELECT count(*) FROM campaigns_contact c
        WHERE c.state = 'NY'
        OR EXISTS (SELECT 1 FROM campaigns_membership m
            WHERE m.contact_id = c.id AND m.contact_list_id = %(list)s)
        OR EXISTS (SELECT 1 FROM campaigns_optout o WHERE o.phone = c.phone)""",
}


def _sentences(number: int, campaign: int) -> dict[str, dict[str, Any]]:
    on_list = {"about": "list", "how": "on", "value": number}
    opted_out = {"about": "consent", "how": "opted_out"}
    plan = {"about": "attribute", "name": "plan", "kind": "choice", "how": "is", "value": "gold"}
    city = {"about": "attribute", "name": "city", "kind": "text", "how": "is", "value": "Rome"}
    in_state = {"about": "state", "how": "is", "value": "NY"}
    return {
        "segments.vs_sql": {"all": [in_state, on_list, {"about": "consent", "how": "agreed"}]},
        "segments.attribute_vs_sql": {
            "all": [plan, on_list, {"about": "campaign", "how": "got", "value": campaign}]
        },
        "segments.text_vs_sql": {"all": [city, on_list, {"about": "consent", "how": "agreed"}]},
        "segments.not_vs_sql": {
            "all": [
                {"about": "state", "how": "is_not", "value": "CA"},
                {"not": {"any": [on_list, opted_out]}},
            ]
        },
        "segments.any_vs_sql": {"any": [in_state, on_list, opted_out]},
    }


def run(people: int, rounds: int) -> list[Row]:
    """Counts per second, ours and by hand in turn, after one of each that nobody times."""
    now = timezone.now()
    _empty()
    number, campaign = make_rows(people, now)
    values = {"list": number, "campaign": campaign.pk}
    rows, slowest = [], 0.0
    for name, definition in _sentences(number, campaign.pk).items():
        pairs = [_measure(name, definition, values, now) for _ in range(rounds + 1)][1:]
        ours, theirs = zip(*pairs, strict=True)
        rows.append(more_is_better(name, ours, theirs, "counts/s"))
        slowest = max(slowest, 1 / max(ours))
    _empty()
    return [*rows, under_limit("segments.slowest_count", slowest * 1000, SECONDS * 1000, "ms")]


def _measure(name: str, definition: Any, values: dict[str, int], now: datetime) -> tuple:
    ours, our_time = _timed(lambda: count_people(definition, now))
    by_hand, their_time = _timed(lambda: _count(_BY_HAND[name], values))
    if ours != by_hand:
        raise RuntimeError(f"{name}: {ours:,} people are in it, by hand {by_hand:,}.")
    return 1 / our_time, 1 / their_time


def _timed(count: Callable[[], int]) -> tuple[int, float]:
    started = time.perf_counter()
    return count(), time.perf_counter() - started


def _count(sql: str, values: dict[str, int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


# --- Rows ----------------------------------------------------------------------------------------


def make_rows(people: int, now: datetime) -> tuple[int, Campaign]:
    """People on five lists each, some who opted out, a campaign that a fifth of them got; made by
    the database itself. The number of one list, and the campaign."""
    lists = [ContactList.objects.create(name=f"Bench segments {n}") for n in range(LISTS)]
    CustomField.objects.get_or_create(
        name="plan", defaults={"kind": "choice", "choices": ["gold", "silver"]}
    )
    campaign = make_campaign(make_channel("https://127.0.0.1:1/"), lists[0])
    postgres = connection.vendor == "postgresql"
    moment = f"CAST('{(now - timedelta(days=30)):%Y-%m-%d %H:%M:%S}' AS {{}})"
    moment = moment.format("timestamptz" if postgres else "text")
    people_sql = _PEOPLE.format(
        attributes=f"CAST({_ATTRIBUTES} AS {'jsonb' if postgres else 'text'})",
        moment=moment,
        consented=f"CASE WHEN n %% 10 < 9 THEN {moment} END",
    )
    with connection.cursor() as cursor:
        cursor.execute(people_sql, [people])
        cursor.execute(_MEMBERS, [lists[0].pk])
        cursor.execute(_OPTOUTS.replace("%%", "%"))
        cursor.execute(_MESSAGES, [campaign.pk, campaign.channel_id, campaign.revision_id])
        if postgres:
            cursor.execute("VACUUM ANALYZE")
    assert Membership.objects.count() == people * LISTS_EACH
    return lists[3].pk, campaign


def _empty() -> None:
    for model in (Message, Recipient, Membership, OptOut, Contact):
        model.objects.all()._raw_delete(model.objects.db)
