"""Searching and filtering contacts: by an index, on SQLite and on PostgreSQL."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Contact, Membership, OptOut
from campaigns.models.audience import FoldedEmail
from campaigns.rules.lines import LineKind
from campaigns.services.searching import (
    MOST_FOUND,
    Reachable,
    filter_reachable,
    read_search,
    search_contacts,
)
from campaigns.tests.conftest import agreeing

pytestmark = pytest.mark.django_db
IS_SQLITE = connection.vendor == "sqlite"
#: So many that going through all of them costs more than an index.
MANY = 6_000


@pytest.fixture
def ann():
    contact = agreeing(
        "12015550123", first_name="Ánn-Marie", last_name="Le Blanc", email="Ann.Le@Example.com"
    )
    contact.save()
    return contact


@pytest.fixture
def crowd():
    """Many others of every kind, known to the planner."""
    rows = [
        agreeing(
            str(12125550000 + n) if n % 2 else str(13105550000 + n),
            first_name=f"Person {n % 997}",
            last_name=f"Family {n % 1999}",
            email=f"person{n}@example.com",
        )
        for n in range(MANY)
    ]
    Contact.objects.bulk_create(rows, batch_size=1_000)
    analyse("campaigns_contact")


def analyse(table):
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")


def find(words):
    return [str(each) for each in search_contacts(Contact.objects.all(), words)]


@pytest.mark.parametrize(
    "words",
    [
        "ann le",
        "ANN",
        "ánn-m",
        "le b",
        "blanc ann",
        "le blanc ann",
        "ann-marie le blanc",
        "ann.le@",
        "ANN.LE@EXAMPLE",
        "  Ann   Le  ",
    ],
)
def test_a_name_or_address_is_found_by_its_start(words, ann):
    expected = [] if words == "blanc ann" else ["Ánn-Marie Le Blanc"]  # no name begins with Blanc
    assert find(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        "+1 (201) 555-0123",
        "0012015550123",
        "201.555.0123",
        "２０１ ５５５ ０１２３",
        "2015550",
        "1201",
        "\u202a+12015550123\u202c",
        "12015550123.0",
        "+1 201 555",
    ],
)
def test_a_number_is_found_in_any_spelling(words, ann):
    assert find(words) == [str(ann)]


def test_a_trunk_zero_in_brackets_is_left_out():
    agreeing("442079460018", last_name="Foyle").save()
    assert find("+44 (0)20 7946 0018") == ["Foyle"]


@pytest.mark.parametrize("words", ["", "  ", "\0", "zzz", "12", "%", "_nn", "ann%", "(((", "'; --"])
def test_what_nobody_is_called_finds_nobody(words, ann):
    assert find(words) == []


def test_signs_of_patterns_are_only_signs():
    agreeing("12015550124", last_name="%Percent").save()
    agreeing("12015550125", last_name="Underscore").save()
    assert find("%p") == ["%Percent"]
    assert find("under_") == []


def test_of_very_many_so_many_are_found(crowd):
    one_reading_each = 3
    assert MOST_FOUND <= len(find("person")) <= one_reading_each * MOST_FOUND


def test_a_search_keeps_to_those_it_is_asked_about(ann):
    assert not search_contacts(Contact.objects.exclude(pk=ann.pk), "ann").exists()


# --- Plans ---------------------------------------------------------------------------------------


def plan_of(rows):
    return rows.explain()


def scans(plan, table="campaigns_contact"):
    """Whether the plan walks through the whole table."""
    if IS_SQLITE:
        return any(f"SCAN {table}" in line and "USING" not in line for line in plan.splitlines())
    return f"Seq Scan on {table}" in plan


@pytest.mark.parametrize(
    ("words", "index"),
    [
        ("12125550001", "phone"),
        ("212 555 01", "phone"),
        ("family 77", "folded"),
        ("annette", "folded"),
        ("person 12 family 12", "folded"),
        ("ann.le@", "contact_by_email"),
    ],
)
def test_every_reading_of_a_search_uses_an_index(words, index, ann, crowd):
    plans = [
        plan_of(Contact.objects.alias(email_folded=FoldedEmail()).filter(reading).order_by())
        for reading in read_search(words)
    ]
    assert plans
    assert not [plan for plan in plans if scans(plan)]
    phone = "sqlite_autoindex_campaigns_contact_1" if IS_SQLITE else "campaigns_contact_phone"
    assert any((phone if index == "phone" else index) in plan for plan in plans), plans


def test_a_list_of_few_among_many_is_read_by_its_index(crowd, make_contacts):
    contact_list = make_contacts(5, "Few")
    everybody = make_contacts(1, "All")
    Membership.objects.bulk_create(
        [
            Membership(contact_list=everybody, contact_id=pk)
            for pk in Contact.objects.values_list("pk", flat=True)
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )
    analyse("campaigns_membership")
    rows = Contact.objects.filter(memberships__contact_list=contact_list)
    plan = plan_of(rows.order_by("-memberships__contact_id")[:50])
    assert not scans(plan)
    assert not scans(plan, "campaigns_membership")
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("wanted", Reachable)
def test_each_filter_reads_no_more_than_it_shows(wanted, crowd):
    OptOut.objects.create(phone="12125550001", source="staff")
    Contact.objects.filter(phone="12125550003").update(consented_at=None)
    Contact.objects.filter(phone="12125550005").update(line=LineKind.TOLL_FREE)
    analyse("campaigns_contact")
    rows = filter_reachable(Contact.objects.all(), wanted).order_by("-pk")
    assert rows.count() == (MANY - 3 if wanted == Reachable.YES else 1)
    plan = plan_of(rows[:50])
    if wanted == Reachable.YES:  # almost everybody: the newest ones are taken as they come
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan
    else:
        assert not scans(plan), plan


def test_many_opt_outs_are_met_from_the_newest_contact_on(make_contacts, monkeypatch):
    monkeypatch.setattr("campaigns.services.searching.MANY", 1)
    make_contacts(3)
    for contact in Contact.objects.order_by("pk")[:2]:
        OptOut.objects.create(phone=contact.phone, source="staff")
    with CaptureQueriesContext(connection) as queries:
        assert filter_reachable(Contact.objects.all(), "opted_out").count() == 2
    assert "EXISTS" in queries[-1]["sql"]


@pytest.mark.parametrize("order", [("last_folded", "pk"), ("-last_folded", "-pk"), ("phone",)])
def test_the_list_is_sorted_by_an_index(order, crowd):
    plan = plan_of(Contact.objects.order_by(*order)[:50])
    assert "TEMP B-TREE" not in plan
    assert "Index" in plan or "USING INDEX" in plan
