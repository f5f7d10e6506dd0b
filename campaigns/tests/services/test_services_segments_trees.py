"""Any tree of conditions selects the very people that a slow, plain reading of it selects."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import (
    Contact,
    ContactList,
    CustomField,
    InboundMessage,
    Membership,
    Message,
    OptOut,
    Segment,
)
from campaigns.rules.people import fold_name
from campaigns.rules.statuses import MessageStatus as S
from campaigns.services.inbox import find_answered
from campaigns.services.segments import people, people_in, say
from campaigns.services.threads import find_or_begin

NOW = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 20)
FIELDS = {
    "city": "text",
    'the "best".place': "text",
    "2024": "number",
    "points\\'s": "number",
    "né le": "date",
    "member": "yes_no",
    "plan": "choice",
}
PLANS = ["gold", "silver", 'O\'Hara "x"']
WORDS = ["Boston", "boston", "BOSTON ", "Ann", "ann-marie", "Québec", "50%", "a_b", "", " ", "yes"]
RAW = [
    *WORDS, 0, 1, -3, 2.5, "2.5", "-3", "12", "1.2.3", "--1", ".5", "5.", "9" * 40, None, True,
    False, [], ["Boston"], {"a": 1}, "2026-03-20", "2026-03-01T10:00", "2025-12-31", "2026-13-99",
    "03/20/2026", "no", "Y", *PLANS,
]  # fmt: skip


# --- A world of fifty people ----------------------------------------------------------------------


@pytest.fixture
def world(db, make_channel, make_mms, make_campaign):
    """People who differ in everything, by a fixed rule."""
    for name, kind in FIELDS.items():
        CustomField.objects.create(name=name, kind=kind, choices=PLANS)
    contacts = [_contact(number) for number in range(50)]
    Contact.objects.bulk_create(contacts)
    created = [NOW - timedelta(days=n % 40, hours=n) for n in range(50)]
    for contact, at in zip(contacts, created, strict=True):
        contact.created_at = at
    Contact.objects.bulk_update(contacts, ["created_at"])
    lists = [ContactList.objects.create(name=f"List {n}") for n in range(3)]
    for n, contact in enumerate(contacts):
        for m, each in enumerate(lists):
            if n % (m + 2) == 0:
                Membership.objects.create(contact=contact, contact_list=each)
    channel = make_channel()
    campaigns = [make_campaign(0, channel, name=f"Campaign {n}") for n in range(3)]
    for campaign in campaigns:
        campaign.launched_at = NOW - timedelta(days=60)
        campaign.revision = campaign.mms.revisions.get()
        campaign.save()
    _write_history(contacts, campaigns, channel)
    for n in range(0, 50, 7):
        OptOut.objects.create(
            phone=contacts[n].phone, channel=channel if n % 2 else None, source="staff"
        )
    inner = {"any": [{"about": "list", "how": "on", "value": lists[0].pk}]}
    Segment.objects.create(pk=77, name="Inner", definition=inner)
    return World(contacts, lists, campaigns)


def _contact(n):
    names = list(FIELDS)
    attributes = {
        name: RAW[(n * 7 + m * 11) % len(RAW)] for m, name in enumerate(names) if (n + m) % 4
    }
    contact = Contact(
        phone=str([12015550100, 442079460000, 390612345678, 18005550100][n % 4] + n),
        first_name=WORDS[n % len(WORDS)],
        last_name=WORDS[(n * 3) % len(WORDS)],
        email=f"{WORDS[n % 6].strip().lower()}{n}@Example.COM" if n % 3 else "",
        state=["NY", "", "CA"][n % 3],
        postal_code=["10001", "M5V 3l9", ""][n % 3],
        time_zone=["America/New_York", "", ""][n % 3],
        attributes=attributes,
        consented_at=NOW - timedelta(days=n) if n % 4 else None,
    )
    contact.derive()
    return contact


OURS = ("12015550100", "12015550101")


def _write_history(contacts, campaigns, channel):
    states = list(S)
    messages, replies, provider = [], [], count()
    for n, contact in enumerate(contacts):
        for m, campaign in enumerate(campaigns):
            if (n + m) % 3 == 2:
                continue
            status = states[(n + 5 * m) % len(states)]
            at = NOW - timedelta(days=(n * 5 + m * 17) % 50, hours=1)
            messages.append(
                Message(
                    campaign=campaign,
                    channel=channel,
                    revision=campaign.revision,
                    sender=["12015550100", "12015550101"][(n + m) % 2],
                    contact=contact if n % 2 else None,
                    phone=contact.phone,
                    reference=f"r-{n}-{m}",
                    status=status,
                    accepted_at=at if status not in (S.QUEUED, S.SKIPPED, S.UNKNOWN) else None,
                    changed_at=at,
                )
            )
        # Some answer nothing, some the first of two, and those of today the last of all.
        days = [(n * 3 + m * 7) % 40 for m in range(n % 3)] + ([0] if n % 5 else [])
        for m, ago in enumerate(days):
            replies.append(
                InboundMessage(
                    thread=find_or_begin(
                        contact.phone, number := OURS[(n + m) % 2], channel.pk, NOW
                    ),
                    channel=channel,
                    phone=contact.phone,
                    to=number,
                    provider_id=str(next(provider)),
                    received_at=NOW - timedelta(days=ago),
                )
            )
    Message.objects.bulk_create(messages)
    InboundMessage.objects.bulk_create(replies)


# --- The plain reading ----------------------------------------------------------------------------


class World:
    def __init__(self, contacts, lists, campaigns):
        self.contacts, self.lists, self.campaigns = contacts, lists, campaigns
        self.members = set(Membership.objects.values_list("contact_list_id", "contact_id"))
        self.messages = list(Message.objects.all())
        self.answers = [
            (reply, answered.pk)
            for reply in InboundMessage.objects.all()
            if (answered := find_answered(reply))
        ]
        self.opted_out = set(OptOut.objects.values_list("phone", flat=True))

    def select(self, node):
        return {contact.pk for contact in self.contacts if self.holds(node, contact)}

    def holds(self, node, contact):
        if "all" in node:
            return all(self.holds(part, contact) for part in node["all"])
        if "any" in node:
            return any(self.holds(part, contact) for part in node["any"])
        if "not" in node:
            return not self.holds(node["not"], contact)
        return self.is_so(contact, node["about"], node["how"], node.get("value"), node)

    def is_so(self, contact, about, how, value, node):
        if about == "attribute":
            return attribute_is(node["kind"], how, value, contact.attributes.get(node["name"]))
        if about == "list":
            return ((value, contact.pk) in self.members) == (how == "on")
        if about == "segment":
            inside = self.holds(Segment.objects.get(pk=value).definition, contact)
            return inside == (how == "in")
        if about == "consent":
            return self.consents(contact, how, value)
        if about in ("campaign", "campaigns"):
            return self.happened(contact, about, how, value)
        if about == "created_at":
            return moment_is(how, value, contact.created_at)
        if about == "phone":
            digits = re.sub("[^0-9]", "", value)
            if how == "begins":
                return contact.phone.startswith(digits)
            return (contact.phone == digits) == (how == "is")
        if about == "line":
            return (str(int(contact.line)) == value) == (how == "is")
        fold = fold_name if about.endswith("name") else str.strip
        lower = fold_name if about.endswith("name") else plain
        return text_is(how, value, fold(getattr(contact, about)), lower)

    def consents(self, contact, how, value):
        simple = {
            "agreed": contact.consented_at is not None,
            "none": contact.consented_at is None,
            "opted_out": contact.phone in self.opted_out,
            "not_opted_out": contact.phone not in self.opted_out,
        }
        return simple[how] if how in simple else moment_is(how, value, contact.consented_at)

    def happened(self, contact, about, how, value):
        since = NOW - timedelta(days=value) if about == "campaigns" else None

        def lately(at):
            return since is None or (at is not None and at >= since)

        rows = [
            row
            for row in self.messages
            if row.phone == contact.phone and (since or row.campaign_id == value)
        ]
        good = {S.ACCEPTED, S.SENT, S.NO_RECEIPT, S.DELIVERED, S.DELIVERED_AS_SMS}
        got = [row for row in rows if row.status in good and lately(row.accepted_at)]
        delivered = [row for row in got if row.status in (S.DELIVERED, S.DELIVERED_AS_SMS)]
        bad = [row for row in rows if row.status in (S.FAILED, S.EXPIRED)]
        doubt = [row for row in rows if row.status in (S.UNKNOWN, S.UNRESOLVED)]
        waits = [row for row in rows if row.status in (S.QUEUED, S.SENDING)]
        theirs = {row.pk for row in rows}
        replied = any(pk in theirs and lately(reply.received_at) for reply, pk in self.answers)
        return {
            "got": bool(got),
            "delivered": bool(delivered),
            "failed": any(lately(row.changed_at) for row in bad),
            "replied": replied,
            "not_replied": bool(got) and not replied,
            "not_got": not (got or waits or any(lately(row.changed_at) for row in doubt)),
        }[how]


def plain(text):
    return "".join(sign.lower() if sign < "\x80" else sign for sign in text.strip())


def text_is(how, value, kept, fold):
    kept = fold(kept)
    if how in ("known", "unknown"):
        return (kept != "") == (how == "known")
    if how in ("one_of", "none_of"):
        return (kept in [fold(each) for each in value]) == (how == "one_of")
    wanted = fold(value)
    return {
        "is": kept == wanted,
        "is_not": kept != wanted,
        "begins": kept.startswith(wanted),
        "contains": wanted in kept,
        "lacks": wanted not in kept,
    }[how]


def words_of(raw):
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    return "" if raw is None or isinstance(raw, list | dict) else str(raw).strip()


def written_of(raw):
    """Spaces around a choice are not taken away: it is kept as it is offered."""
    return raw if isinstance(raw, str) else words_of(raw)


def attribute_is(kind, how, value, raw):
    words = words_of(raw)
    if kind == "choice":
        return text_is(how, value, words if how.endswith("known") else written_of(raw), str)
    if kind == "text":
        return text_is(how, value, words, plain)
    if kind == "yes_no":
        yes, no = (
            plain(words) in ("yes", "true", "1", "y"),
            plain(words) in ("no", "false", "0", "n"),
        )
        return {"yes": yes, "no": no, "known": yes or no, "unknown": not (yes or no)}[how]
    if kind == "number":
        is_number = len(words) <= 30 and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", words)
        return number_is(how, value, float(words) if is_number else None)
    found = re.match(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ]|$)", words)
    return date_is(how, value, found and found[1])


def number_is(how, value, number):
    if how in ("known", "unknown", "is_not"):
        wanted = number is not None if how == "known" else number is None
        return number != value if how == "is_not" else wanted
    if number is None:
        return False
    return {
        "is": number == value,
        "more": number > value,
        "least": number >= value,
        "less": number < value,
        "most": number <= value,
    }[how]


def date_is(how, value, kept):
    if how in ("known", "unknown"):
        return bool(kept) == (how == "known")
    if not kept:
        return False
    days = value if isinstance(value, int) else 0
    past, ahead = str(TODAY - timedelta(days)), str(TODAY + timedelta(days))
    return {
        "is": lambda: kept == value,
        "since": lambda: kept >= value,
        "until": lambda: kept <= value,
        "last": lambda: past <= kept <= str(TODAY),
        "next": lambda: str(TODAY) <= kept <= ahead,
        "older": lambda: kept < past,
    }[how]()


def moment_is(how, value, at):
    if at is None:
        return False
    if how in ("last", "older"):
        edge = NOW - timedelta(days=value)
        return edge <= at <= NOW if how == "last" else at < edge
    day, wanted = timezone.localdate(at), date.fromisoformat(value)
    return {"is": day == wanted, "since": day >= wanted, "until": day <= wanted}[how]


# --- Trees ----------------------------------------------------------------------------------------

TEXTS = st.sampled_from([word for word in WORDS if word.strip()] + ["o", "10001", "m5v", "NY", "1"])
NUMBERS = st.sampled_from([0, 1, -3, 2.5, 12, 7])
DATES = st.sampled_from(["2026-03-20", "2026-03-01", "2025-12-31", "2026-02-20"])
DAYS = st.sampled_from([1, 7, 19, 30, 400])
NOTHING = st.none()
KNOWN = {"known": NOTHING, "unknown": NOTHING}
TEXT = {
    **dict.fromkeys(["is", "is_not", "begins", "contains", "lacks"], TEXTS),
    **dict.fromkeys(["one_of", "none_of"], st.lists(TEXTS, min_size=1, max_size=3)),
    **KNOWN,
}
MOMENT = {**dict.fromkeys(["since", "until"], DATES), **dict.fromkeys(["last", "older"], DAYS)}
KINDS = {
    "text": TEXT,
    "number": {
        **dict.fromkeys(["is", "is_not", "more", "least", "less", "most"], NUMBERS),
        **KNOWN,
    },
    "date": {"is": DATES, "next": DAYS, **MOMENT, **KNOWN},
    "yes_no": {"yes": NOTHING, "no": NOTHING, **KNOWN},
    "choice": {**dict.fromkeys(["is", "is_not"], st.sampled_from(PLANS)), **KNOWN},
}
HAPPENED = ["got", "delivered", "failed", "replied", "not_got", "not_replied"]


def conditions(world):
    lists = st.sampled_from([each.pk for each in world.lists])
    campaigns = st.sampled_from([each.pk for each in world.campaigns])
    countries, lines = st.sampled_from(["US", "GB", "IT"]), st.sampled_from(["0", "1", "2", "3"])
    columns = {
        **dict.fromkeys(["first_name", "last_name", "email", "state", "postal_code"], TEXT),
        "time_zone": TEXT,
        "phone": dict.fromkeys(
            ["is", "is_not", "begins"], st.sampled_from(["+1 201", "12015550104", "44"])
        ),
        "country": {**dict.fromkeys(["is", "is_not"], countries), **KNOWN},
        "line": dict.fromkeys(["is", "is_not"], lines),
        "created_at": {"is": DATES, **MOMENT},
        "list": dict.fromkeys(["on", "not_on"], lists),
        "consent": {
            **dict.fromkeys(["agreed", "none", "opted_out", "not_opted_out"], NOTHING),
            **MOMENT,
        },
        "campaign": dict.fromkeys(HAPPENED, campaigns),
        "campaigns": dict.fromkeys(HAPPENED, DAYS),
        "segment": dict.fromkeys(["in", "not_in"], st.just(77)),
    }
    plain_ones = [_condition({"about": about}, hows) for about, hows in columns.items()]
    typed = [
        _condition({"about": "attribute", "name": name, "kind": kind}, KINDS[kind])
        for name, kind in FIELDS.items()
    ]
    return st.one_of(*plain_ones, *typed)


def _condition(start, hows):
    return st.one_of(
        *(
            st.fixed_dictionaries(
                {**{k: st.just(v) for k, v in start.items()}, "how": st.just(how), "value": value}
            )
            for how, value in hows.items()
        )
    )


def trees(world):
    return st.recursive(
        conditions(world),
        lambda inner: st.one_of(
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=4)}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=4)}),
            st.fixed_dictionaries({"not": inner}),
        ),
        max_leaves=8,
    )


def test_any_tree_selects_exactly_whom_its_plain_reading_selects(world):
    @settings(
        max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(trees(world))
    def check(tree):
        wanted = sorted(world.select(tree))
        assert sorted(people(tree, NOW).values_list("pk", flat=True)) == wanted, say(tree)
        chosen = Contact.objects.filter(people_in(tree, NOW))
        assert sorted(chosen.values_list("pk", flat=True)) == wanted, say(tree)

    check()


def test_each_condition_and_its_opposite_share_everybody(world):
    """Nobody falls between a condition and its NOT: none is ever NULL."""
    everybody = {contact.pk for contact in world.contacts}

    @settings(
        max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(conditions(world))
    def check(condition):
        found = set(people(condition, NOW).values_list("pk", flat=True))
        others = set(people({"not": condition}, NOW).values_list("pk", flat=True))
        assert found | others == everybody
        assert not found & others

    check()


def test_everything_that_happened_selects_whom_its_plain_reading_selects(world):
    """Each of these once, whatever chance picks above; a reply answers what they got last."""
    campaigns = [("campaign", each.pk) for each in world.campaigns]
    for how in HAPPENED:
        for about, value in [*campaigns, *(("campaigns", days) for days in (1, 7, 19, 30, 400))]:
            node = {"about": about, "how": how, "value": value}
            found = set(people(node, NOW).values_list("pk", flat=True))
            assert found == world.select(node), node
