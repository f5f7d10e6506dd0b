"""Segments kept, counted, needed by campaigns and made into lists."""

import json

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Contact, ContactList, CustomField, Segment
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.segments import (
    count_people,
    find_segment_problems,
    people_in,
    problems_of,
    sample_people,
    say,
)
from campaigns.services.segments_keeping import (
    check_segment_unused,
    delete_segment,
    list_from_segment,
    name_of_copy,
    save_segment,
)

NOW = timezone.now()


def on(contact_list):
    return {"about": "list", "how": "on", "value": contact_list.pk}


@pytest.fixture
def vip(make_contacts):
    return make_contacts(7, "VIP")


@pytest.fixture
def segment(vip):
    return Segment.objects.create(name="Silent", definition={"all": [on(vip)]})


# --- Nobody by accident ---------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", ["{}", '{"not": {}}', '{"any": [{}]}', '{"not": {"not": {}}}'])
def test_a_deleted_list_selects_nobody_however_it_is_wrapped(wrap, segment, vip):
    inner = json.dumps(segment.definition)
    definition = json.loads(wrap.replace("{}", inner)) if wrap != "{}" else segment.definition
    everybody = {"any": [definition, {"about": "state", "how": "unknown", "value": None}]}
    assert count_people(everybody, NOW) == 7
    vip.delete()
    assert count_people(definition, NOW) == 0
    assert count_people(everybody, NOW) == 0
    assert Contact.objects.filter(people_in(everybody, NOW)).count() == 0
    assert "does not exist any more" in find_segment_problems(everybody)[0]


@pytest.mark.parametrize("definition", [None, {}, [], "x", {"all": []}, {"all": [{"any": []}]}])
def test_what_is_no_sentence_selects_nobody(definition, vip):
    assert count_people(definition, NOW) == 0
    assert not Contact.objects.filter(people_in(definition, NOW)).exists()


def test_a_stored_segment_says_what_keeps_it_from_being_used(segment, vip):
    assert problems_of(segment) == []
    vip.delete()
    (told,) = problems_of(segment)
    assert told.startswith("The segment “Silent” holds nobody. A list in this segment does not")


def test_an_inner_segment_that_is_damaged_leaves_nobody_even_outside_it(segment, vip):
    outside = {"not": {"about": "segment", "how": "in", "value": segment.pk}}
    Contact.objects.create(phone="12015550190")
    assert count_people(outside, NOW) == 1
    vip.delete()
    assert count_people(outside, NOW) == 0


# --- Counting ------------------------------------------------------------------------------------


def test_everybody_counts_once_however_many_lists_they_are_on(vip, make_contacts):
    other = ContactList.objects.create(name="Other")
    for contact in Contact.objects.all()[:3]:
        contact.lists.add(other)
    assert count_people({"all": [on(vip), on(other)]}, NOW) == 3
    assert count_people({"any": [on(vip), on(other)]}, NOW) == 7
    assert count_people({"all": [on(vip), on(vip)]}, NOW) == 7


def test_a_count_stops_where_it_is_told_to(vip):
    assert count_people({"all": [on(vip)]}, NOW, most=4) == 5


def test_a_count_of_three_conditions_is_one_query_besides_looking_up_names(
    vip, django_assert_num_queries
):
    tree = {"all": [on(vip), {"about": "consent", "how": "agreed"}, {"not": {"any": [on(vip)]}}]}
    with django_assert_num_queries(3):  # lists, fields, and the count
        assert count_people(tree, NOW) == 0


def test_examples_are_some_of_those_in_it(vip):
    found = sample_people({"all": [on(vip)]}, NOW, 5)
    assert len(found) == 5
    assert {contact.pk for contact in found} <= set(vip.contacts.values_list("pk", flat=True))


@pytest.mark.parametrize("name", ["2024", 'the "best".place', "a\\b", "né le", "$.x", "a'b", "%s"])
def test_attributes_are_found_whatever_they_are_called(name, vip):
    CustomField.objects.create(name=name, kind="text")
    first = Contact.objects.first()
    first.attributes = {name: "Boston", "other": "x"}
    first.save()
    city = {"about": "attribute", "name": name, "kind": "text"}
    assert count_people({"all": [{**city, "how": "is", "value": "boston"}]}, NOW) == 1
    assert count_people({"all": [{**city, "how": "contains", "value": "osto"}]}, NOW) == 1
    assert count_people({"all": [{**city, "how": "is_not", "value": "Boston"}]}, NOW) == 6
    assert count_people({"all": [{**city, "how": "known"}]}, NOW) == 1


# --- Keeping -------------------------------------------------------------------------------------


def test_saving_tells_every_problem_and_keeps_nothing(segment, marketer):
    with pytest.raises(RuleBroken) as broken:
        save_segment(Segment(), name="silent", definition={"all": [{}]}, by=marketer)
    assert len(broken.value.problems) == 2
    assert Segment.objects.count() == 1


def test_a_saved_segment_is_audited_with_its_sentence(vip, marketer):
    saved = save_segment(Segment(), name="  New  one ", definition={"all": [on(vip)]}, by=marketer)
    assert saved.name == "New one"
    assert saved.created_by == marketer
    entry = AuditEntry.objects.get(verb="segment.added")
    assert entry.after == {"says": "in “VIP”"}


def test_a_segment_cannot_be_saved_into_a_circle(segment, marketer):
    through = {"all": [{"about": "segment", "how": "in", "value": segment.pk}]}
    outer = save_segment(Segment(), name="Outer", definition=through, by=marketer)
    back = {"all": [{"about": "segment", "how": "in", "value": outer.pk}]}
    with pytest.raises(RuleBroken, match="would hold itself"):
        save_segment(segment, name="Silent", definition=back, by=marketer)


def test_a_copy_has_a_name_of_its_own(segment):
    assert name_of_copy("Silent") == "Silent (copy)"
    Segment.objects.create(name="silent (COPY)")
    assert name_of_copy("Silent") == "Silent (copy 2)"
    assert len(name_of_copy("x" * 120)) == 120


@pytest.mark.parametrize("side", ["segments", "excluded_segments"])
def test_a_segment_that_a_campaign_needs_stays(side, segment, make_campaign, marketer):
    campaign = make_campaign(contacts=0)
    getattr(campaign, side).add(segment)
    with pytest.raises(RuleBroken, match="campaigns need it"):
        delete_segment(segment, by=marketer)
    campaign.status = CampaignStatus.DONE
    campaign.save()
    check_segment_unused(segment)


def test_a_segment_that_another_is_made_with_stays(segment, marketer):
    through = {"all": [{"about": "segment", "how": "not_in", "value": segment.pk}]}
    Segment.objects.create(name="Outer", definition=through)
    with pytest.raises(RuleBroken, match="made with it \\(“Outer”\\)"):
        delete_segment(segment, by=marketer)


def test_deleting_a_segment_leaves_the_people(segment, marketer):
    delete_segment(segment, by=marketer)
    assert Contact.objects.count() == 7
    assert AuditEntry.objects.filter(verb="segment.deleted").exists()


# --- A list of them ------------------------------------------------------------------------------


def test_a_list_holds_who_is_in_the_segment_now(segment, vip, marketer):
    Contact.objects.create(phone="12015550190")
    made = list_from_segment(segment, "Of today", now=NOW, by=marketer)
    assert set(made.contacts.all()) == set(vip.contacts.all())
    assert made.memberships.first().added_at == NOW
    assert AuditEntry.objects.get(verb="list.filled").after["contacts"] == 7


def test_no_list_is_made_of_nobody_nor_of_what_is_damaged(segment, vip, marketer):
    vip.memberships.all().delete()
    with pytest.raises(RuleBroken, match="Nobody is in"):
        list_from_segment(segment, "Empty", now=NOW, by=marketer)
    vip.delete()
    with pytest.raises(RuleBroken, match="does not exist any more"):
        list_from_segment(segment, "Empty", now=NOW, by=marketer)
    assert not ContactList.objects.exists()


def test_names_are_read_for_all_rows_at_once(vip, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert say({"all": [on(vip), {"not": on(vip)}]}) == "in “VIP” and not (in “VIP”)"
