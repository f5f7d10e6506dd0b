"""Fields of contacts: named, typed, renamed with their values."""

from datetime import timedelta

import pytest

from campaigns.models import AuditEntry, Contact, CustomField, Segment
from campaigns.rules.problems import RuleBroken
from campaigns.services import customfields_values
from campaigns.services.customfields import delete_field, find_uses, save_field
from campaigns.services.customfields_values import count_values, find_misfits, move_values
from campaigns.services.sweep import ring_missing
from campaigns.tests.conftest import agreeing

pytestmark = pytest.mark.django_db
ODD_NAMES = ["City", 'He said "3.5"', "a.b", "it's", "$.x", "日本語", "2024", "back\\slash", "{n}"]


@pytest.fixture
def people():
    def people(*attributes):
        Contact.objects.bulk_create(
            agreeing(str(12015550100 + n), attributes=each) for n, each in enumerate(attributes)
        )

    return people


def attributes():
    return list(Contact.objects.order_by("pk").values_list("attributes", flat=True))


@pytest.fixture
def make_field(administrator):
    def make(name="City", kind="text", choices=(), **fields):
        field = CustomField(name=name, kind=kind, choices=list(choices), **fields)
        save_field(field, by=administrator)
        field.refresh_from_db()
        return field

    return make


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_renamed_field_takes_its_values_along(name, people, make_field, administrator):
    people({name: "Boston", "x": 1}, {"x": 2}, {name: ""})
    field = make_field(name)
    field.name = f"{name} anew"
    assert save_field(field, by=administrator)
    assert attributes()[:2] == [{f"{name} anew": "Boston", "x": 1}, {"x": 2}]
    assert count_values(f"{name} anew") == 1


def test_very_many_values_are_moved_in_the_background(
    people, make_field, administrator, monkeypatch
):
    rung = []
    monkeypatch.setattr(customfields_values, "CHUNK", 2)
    monkeypatch.setattr("campaigns.services.customfields.AT_ONCE", timedelta(0))
    monkeypatch.setattr(customfields_values, "ring", lambda *words: rung.append(words))
    field = make_field("City")
    people(*({"City": f"{n}"} for n in range(5)))
    field.name = "Town"
    assert not save_field(field, by=administrator)
    assert rung == [("customfields.move_values", field.pk)]
    assert [*map(list, attributes())] == [["Town"]] * 2 + [["City"]] * 3
    while not move_values(field.pk, timedelta(0)):
        pass
    assert attributes() == [{"Town": f"{n}"} for n in range(5)]
    field.refresh_from_db()
    assert (field.former_name, field.moved_to) == ("", 0)


def test_a_lost_doorbell_is_rung_again(make_field, monkeypatch):
    rung = []
    monkeypatch.setattr("campaigns.services.sweep.ring", lambda *words: rung.append(words))
    field = make_field()
    CustomField.objects.update(former_name="Town")
    ring_missing(field.created_at)
    assert ("customfields.move_values", field.pk) in rung


def test_a_field_whose_values_are_being_moved_waits(make_field, administrator):
    field = make_field()
    CustomField.objects.update(former_name="Town")
    field.name = "Place"
    with pytest.raises(RuleBroken, match="still being moved"):
        save_field(field, by=administrator)


def test_values_known_before_the_field_get_its_type(people, make_field):
    people({"Age": "30"}, {"Age": 31}, {"Age": "1,000"})
    make_field("Age", "number")
    assert attributes() == [{"Age": 30}, {"Age": 31}, {"Age": 1000}]


@pytest.mark.parametrize(
    ("kind", "choices", "before", "after"),
    [
        ("date", [], "3/1/2026", "2026-03-01"),
        ("yes_no", [], "Y", True),
        ("choice", ["Red", "Blue"], "red", "Red"),
        ("text", [], 5, "5"),
    ],
)
def test_a_new_type_reads_the_values_anew(kind, choices, before, after, people, make_field):
    people({"X": before})
    make_field("X", kind, choices)
    assert attributes() == [{"X": after}]


def test_a_type_that_does_not_fit_is_refused_with_how_many(people, make_field, administrator):
    field = make_field("Age")
    people({"Age": "30"}, {"Age": "old"}, {"Age": "old"})
    field.kind = "number"
    with pytest.raises(
        RuleBroken, match="2 contacts have a value that does not fit, such as “old”"
    ):
        save_field(field, by=administrator)
    assert CustomField.objects.get().kind == "text"
    assert attributes()[0] == {"Age": "30"}


def test_a_choice_that_somebody_has_is_not_taken_away(people, make_field, administrator):
    field = make_field("Size", "choice", ["S", "M"])
    people({"Size": "M"})
    field.choices = ["S"]
    with pytest.raises(RuleBroken, match="1 contact has a value that does not fit"):
        save_field(field, by=administrator)


@pytest.mark.parametrize("value", [[1], {"a": 1}, None])
def test_what_is_no_plain_value_stays_as_it_is(value, people, make_field):
    people({"X": value})
    assert find_misfits("X", "number", []).count == 0
    make_field("X", "number")
    assert attributes() == [{"X": value}]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (" ", "Give the field a name"),
        ("x" * 61, "at most 60"),
        ("First name", "Every contact has"),
        ("EMAIL", "Every contact has"),
        ("city", "There is already a field"),
        ("a\x07b", "cannot be seen"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name, problem, make_field):
    make_field("City")
    with pytest.raises(RuleBroken, match=problem):
        make_field(name)


def test_a_name_that_contacts_have_already_is_refused(people, make_field, administrator):
    field = make_field("City")
    people({"City": "Boston", "Town": "Rome"})
    field.name = "Town"
    with pytest.raises(RuleBroken, match="1 contact has a value called “Town” already"):
        save_field(field, by=administrator)


@pytest.mark.parametrize(
    ("choices", "problem"),
    [([], "what there is to choose"), (["a", "A"], "twice"), (["x" * 101], "at most 100")],
)
def test_choices_that_cannot_be_are_refused(choices, problem, make_field):
    with pytest.raises(RuleBroken, match=problem):
        make_field("Size", "choice", choices)


def test_a_deleted_field_leaves_the_values(people, make_field, administrator):
    people({"City": "Boston"})
    delete_field(make_field("City"), by=administrator)
    assert attributes() == [{"City": "Boston"}]
    assert AuditEntry.objects.filter(verb="field.deleted", actor=administrator).exists()


def test_segments_follow_a_new_name(make_field, administrator):
    leaf = {"about": "attribute", "name": "City", "kind": "text", "how": "is", "value": "Boston"}
    other = {"about": "state", "how": "is", "value": "City"}
    segment = Segment.objects.create(name="Here", definition={"all": [{"not": leaf}, other]})
    field = make_field("City")
    assert [(use.word, use.row) for use in find_uses("City")] == [("segment", segment)]
    field.name = "Town"
    save_field(field, by=administrator)
    segment.refresh_from_db()
    assert segment.definition["all"][0]["not"]["name"] == "Town"
    assert segment.definition["all"][1] == other


def test_an_mms_uses_the_fields_of_its_newest_version(make_mms, make_field):
    mms = make_mms(text="Hi from {{ City|town }}")
    make_mms("Other", text="City of {{ Citizens }}")
    assert [use.row for use in find_uses("City")] == [mms]
