"""The audience of a campaign, and the ladder that says who of it is not written to, and why.

Everybody stands on exactly one rung, so the numbers add up, and each is the count of its rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import RawSQL

from campaigns.models import (
    Campaign,
    Contact,
    ContactList,
    Membership,
    Message,
    OptOut,
    Recipient,
    Segment,
)
from campaigns.rules.ladder import Rung
from campaigns.rules.lines import UNREACHABLE_LINES
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.policy import get_policy
from campaigns.services.segments import people_in, problems_of

Condition = tuple[Rung, Q | Exists | None]
#: Rows in these states are no message to anybody.
_NEVER_SENT = (MessageStatus.SKIPPED, MessageStatus.CANCELLED, MessageStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Ladder:
    """How many entries the lists and segments have, how many people that is, and where they
    stand."""

    entries: int
    counts: Mapping[Rung, int]

    @property
    def total(self) -> int:
        """People, each once."""
        return sum(self.counts.values())

    @property
    def duplicates(self) -> int:
        """Entries of people who were counted already."""
        return self.entries - self.total

    @property
    def remaining(self) -> int:
        return self.counts.get(Rung.WRITTEN_TO, 0)

    @property
    def subtracted(self) -> list[tuple[Rung, int]]:
        """Every rung that takes people away, in order; those that take nobody left out."""
        rungs = [rung for rung in Rung if rung != Rung.WRITTEN_TO]
        return [(rung, self.counts[rung]) for rung in rungs if self.counts.get(rung)]


def recipients_of(campaign: Campaign, now: datetime) -> QuerySet[Contact]:
    """Everybody on the campaign's lists and in its segments, once, whatever their rung. After
    the launch, who was put on a list later is not among them."""
    lists, segments = campaign.lists.all(), campaign.segments.all()
    members = _members(lists, campaign.launched_at)
    if not segments:  # one set alone is walked through, not asked for each contact there is
        return Contact.objects.filter(pk__in=members.values("contact_id"))
    chosen = Q(_is_among(members))
    for segment in segments:
        chosen |= people_in(segment.definition, now)
    return Contact.objects.filter(chosen)


def _members(lists: Iterable[ContactList], until: datetime | None) -> QuerySet[Membership]:
    members = Membership.objects.filter(contact_list__in=list(lists)).order_by()
    return members if until is None else members.filter(added_at__lte=until)


def _is_among(members: QuerySet[Membership]) -> Exists:
    """Among other conditions a set must not be gone through again for each contact, as PostgreSQL
    would with one too large to hash."""
    return Exists(members.filter(contact=OuterRef("pk")))


def with_rungs(campaign: Campaign, now: datetime) -> QuerySet[Contact]:
    """`recipients_of` with `rung`: the first that holds."""
    return recipients_of(campaign, now).annotate(rung=_rung(campaign, now))


def rung_once_judged(campaign: Campaign, phone: str, now: datetime) -> Rung | None:
    """Where somebody of the frozen audience stands who turned out not to have opted out; None
    when they are gone."""
    rung = _first_of(*_later_rungs(campaign, capped(now, phone)))
    found = Contact.objects.filter(phone=phone).values_list(rung, flat=True).first()
    return None if found is None else Rung(found)


def _rung(campaign: Campaign, now: datetime) -> Case:
    gone = OptOut.objects.on(campaign.channel_id).filter(phone=OuterRef("phone"))
    return _first_of(
        (Rung.EXCLUDED, _excluded(campaign, now)),
        (Rung.OPTED_OUT, Exists(gone)),
        *_later_rungs(campaign, capped(now)),
    )


def _later_rungs(campaign: Campaign, is_capped: Q | None) -> list[Condition]:
    """Those that nobody asked for, neither the campaign nor the person."""
    sender = campaign.sender
    countries = [c for c in (sender.countries if sender else "").upper().split(",") if c.strip()]
    return [
        (Rung.NO_CONSENT, Q(consented_at=None)),
        (Rung.LINE, Q(line__in=UNREACHABLE_LINES)),
        (Rung.COUNTRY, ~Q(country__in=["", *countries]) if countries else None),
        (Rung.CAPPED, is_capped),
    ]


def _first_of(*rungs: Condition) -> Case:
    return Case(
        *(When(holds, then=Value(rung.value)) for rung, holds in rungs if holds is not None),
        default=Value(Rung.WRITTEN_TO.value),
        output_field=IntegerField(),
    )


def _excluded(campaign: Campaign, now: datetime) -> Q | None:
    lists = campaign.excluded_lists.all()
    segments = campaign.excluded_segments.all()
    conditions = [Q(_is_among(_members(lists, None)))] if lists else []
    conditions += [_held_out(segment, now) for segment in segments]
    excluded = None
    for condition in conditions:
        excluded = condition if excluded is None else excluded | condition
    return excluded


def _held_out(segment: Segment, now: datetime) -> Q:
    """Whom a segment keeps out. A damaged one keeps everybody out: whom it meant is not known."""
    if problems_of(segment):
        return Q(pk__isnull=False)
    return people_in(segment.definition, now)


def capped(now: datetime, phone: str = "") -> Q | None:
    """Those who have as many messages as one person may get: waiting ones are counted, and those
    of audiences that are frozen and not in the outbox yet. For one number alone it is quick."""
    policy = get_policy()
    if not policy.cap_count:
        return None
    since = now - timedelta(days=policy.cap_days)
    # By campaign, since that is indexed: the messages themselves may be many millions.
    recent = Campaign.objects.filter(Q(finished_at=None) | Q(finished_at__gt=since))
    recent = recent.exclude(launched_at=None)
    counted = Message.objects.filter(campaign__in=recent.order_by().values("pk"))
    counted = counted.exclude(status__in=_NEVER_SENT)
    counted = counted.filter(Q(accepted_at=None) | Q(accepted_at__gt=since)).order_by()
    frozen = Recipient.objects.filter(rung=Rung.WRITTEN_TO, campaign__in=_being_filled())
    frozen = frozen.filter(contact__isnull=False)
    if phone:
        counted, frozen = counted.filter(phone=phone), frozen.filter(contact__phone=phone)
    if frozen.exists():
        return Q(phone__in=_often_in_both(counted, frozen.order_by(), policy.cap_count))
    often = counted.values("phone").annotate(count=Count("id"))
    return Q(phone__in=often.filter(count__gte=policy.cap_count).values("phone"))


def _being_filled() -> list[int]:
    unfinished = Campaign.objects.filter(filled_at=None).exclude(frozen_at=None)
    stopped = CampaignStatus.CANCELLED
    return list(unfinished.exclude(status=stopped).order_by().values_list("pk", flat=True))


def _often_in_both(messages: QuerySet[Message], frozen: QuerySet[Recipient], count: int) -> RawSQL:
    """The phones that stand so often in the two together."""
    first, given = messages.values("phone").query.sql_with_params()
    second, more = frozen.values("contact__phone").query.sql_with_params()
    sql = f"""SELECT phone FROM ({first} UNION ALL {second}) AS both_together
        GROUP BY phone HAVING count(*) >= %s"""  # noqa: S608 the ORM's own words
    return RawSQL(sql, [*given, *more, count])  # noqa: S611


def count_ladder(campaign: Campaign, now: datetime) -> Ladder:
    """Every number of the ladder, by one query for the rungs and one per list and segment."""
    people = with_rungs(campaign, now).order_by()
    counted = people.values("rung").annotate(count=Count("pk")).values_list("rung", "count")
    counts = {Rung(rung): count for rung, count in counted}
    return Ladder(entries=count_entries(campaign, now), counts=counts)


def ladder_at_launch(campaign: Campaign) -> Ladder | None:
    """The numbers as they were frozen; None before that."""
    if campaign.frozen_at is None:
        return None
    counts = {rung: campaign.ladder.get(rung.name.lower(), 0) for rung in Rung}
    return Ladder(entries=campaign.ladder.get("entries", 0), counts=counts)


def frozen_on(campaign: Campaign, rung: Rung) -> QuerySet[Recipient]:
    """Those of a frozen audience who have no row in the outbox: for good, whom it leaves out by
    choice. Who was deleted comes last, as a row without a contact."""
    rows = Recipient.objects.filter(campaign=campaign, rung=rung.value)
    return rows.select_related("contact").order_by(F("contact_id").asc(nulls_last=True), "pk")


def count_entries(campaign: Campaign, now: datetime) -> int:
    """How often somebody stands on a list or in a segment."""
    members = _members(campaign.lists.all(), campaign.launched_at)
    segments = campaign.segments.all()
    return members.count() + sum(_people_of(segment, now).count() for segment in segments)


def _people_of(segment: Segment, now: datetime) -> QuerySet[Contact]:
    return Contact.objects.filter(people_in(segment.definition, now)).order_by()


def people_on(campaign: Campaign, rung: Rung, now: datetime) -> QuerySet[Contact]:
    """The rows behind a number of the ladder."""
    return with_rungs(campaign, now).filter(rung=rung.value).order_by("pk")


def sources_of(campaign: Campaign, now: datetime) -> list[tuple[str, Q]]:
    """(name, condition on a contact) of each list and segment, in the order they are counted."""
    lists = campaign.lists.order_by("pk")
    segments = campaign.segments.order_by("pk")
    at = campaign.launched_at
    named = [(each.name, Q(_is_among(_members([each], at)))) for each in lists]
    return named + [(each.name, people_in(each.definition, now)) for each in segments]


def find_duplicates(campaign: Campaign, now: datetime) -> list[tuple[str, QuerySet[Contact]]]:
    """The rows behind the number of duplicates: (list or segment, those of its people who were
    counted before it)."""
    sources = sources_of(campaign, now)
    found = []
    counted: Q | None = None
    for name, holds in sources:
        if counted is not None:
            found.append((name, Contact.objects.filter(holds).filter(counted).order_by("pk")))
        counted = holds if counted is None else counted | holds
    return found


def written_to(campaign: Campaign, now: datetime) -> QuerySet[Contact]:
    """Who would get it, in an order that stays."""
    return people_on(campaign, Rung.WRITTEN_TO, now)


def frozen_rows(campaign: Campaign, now: datetime) -> QuerySet:
    """(campaign, contact, rung) of everybody: what freezing inserts."""
    people = with_rungs(campaign, now).order_by()
    people = people.annotate(campaign=Value(campaign.pk, IntegerField()), contact=F("pk"))
    return people.values_list("campaign", "contact", "rung")
