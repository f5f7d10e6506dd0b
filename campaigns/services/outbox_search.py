"""The outbox as its page asks for it: the newest of a kind, out of millions of rows.

Where there are many of a kind, walking from the newest finds a page of them at once; where there
are few, an index does. A database guesses which it is, and is far off when all of a kind are old.
"""

from datetime import datetime

from django.db.models import CharField, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from campaigns.models import Campaign, Message, Tally
from campaigns.models.audience import MANY
from campaigns.models.rows import states_are
from campaigns.rules.statuses import GONE_WRONG
from campaigns.services.searching import number_begins

_TABLE = Message._meta.db_table


def in_state(rows: QuerySet, status: int) -> QuerySet:
    """Those in this state; the tally knows whose campaigns they are."""
    rows = rows.filter(status=status)
    if status in GONE_WRONG:
        rows = rows.filter(states_are(*GONE_WRONG, table=_TABLE))
    counts = Tally.objects.filter(status=status).order_by().values_list("campaign")
    found = dict(counts.annotate(total=Sum("count")).filter(total__gt=0))
    if sum(found.values()) > MANY:
        return rows
    return rows.filter(Q(campaign__in=list(found)) | Q(campaign=None))


def launched_since(rows: QuerySet, since: datetime) -> QuerySet:
    """Those of campaigns that were launched since then."""
    recent = list(Campaign.objects.filter(launched_at__gte=since).values_list("pk", flat=True))
    firsts = [_first_of(campaign) for campaign in recent]
    begin = min((pk for pk in firsts if pk), default=None)
    if begin is None:
        return rows.none()
    walked = RawSQL(f"+{_TABLE}.campaign_id", [])  # noqa: S611 our own words, and no index has them
    return rows.alias(of=walked).filter(pk__gte=begin, of__in=recent)


def _first_of(campaign: int) -> int | None:
    rows = Message.objects.filter(campaign=campaign).order_by("pk")
    return rows.values_list("pk", flat=True).first()


def to_number(rows: QuerySet, words: str) -> QuerySet | None:
    """Those to numbers that begin like this, in any spelling; None when the words are no number."""
    number = number_begins("phone", words)
    if number is None:
        return None
    if rows.filter(number).order_by()[: MANY + 1].count() <= MANY:
        return rows.filter(number)
    return rows.alias(whole=Cast("phone", CharField())).filter(number_begins("whole", words))
