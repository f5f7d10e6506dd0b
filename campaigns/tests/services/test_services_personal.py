"""What is known of people for merge fields: offered, counted, read by one of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Contact, ContactImport, ContactList, Membership, Message, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.services.campaigns import launch_campaign
from campaigns.services.checking import find_campaign_problems
from campaigns.services.content_checks import find_draft_problems
from campaigns.services.drafts import DraftSlide, MmsDraft
from campaigns.services.filling import fill_outbox
from campaigns.services.mergefields import CONTACTS_SEEN, known_fields
from campaigns.services.personal import (
    count_missing,
    find_personal_problems,
    personalise,
    sample_recipients,
    values_for_phone,
    values_of,
    written_to,
)
from campaigns.services.wording import read_values
from campaigns.tests.conftest import agreeing

pytestmark = pytest.mark.django_db

#: Names of columns as people have them; each was once a stumbling block of some database.
AWKWARD = (
    "Favourite colour",
    "Größe",
    "名前",
    "2024",
    "$ spent",
    "[x]",
    "a.b",
    'Size "EU"',
    "back\\slash",
    "O'Hara",
    "100 %",
    "😀",
)


@pytest.fixture
def people():
    """Ada has everything, Ben only blanks, Chloé other kinds of values."""
    contact_list = ContactList.objects.create(name="Three")
    contacts = [
        agreeing(
            phone="12015550101",
            first_name="Ada",
            last_name="Brown",
            email="ada@example.org",
            attributes=dict.fromkeys(AWKWARD, "blue"),
        ),
        agreeing(
            phone="12015550102", first_name="\u00a0", attributes=dict.fromkeys(AWKWARD, " \t")
        ),
        agreeing(
            phone="12015550103",
            first_name="Chloé",
            attributes={"2024": 5.0, "a.b": True, "[x]": None, "Größe": [1], "名前": {"a": 1}},
        ),
    ]
    Contact.objects.bulk_create(contacts)
    Membership.objects.bulk_create(
        Membership(contact_list=contact_list, contact=contact) for contact in contacts
    )
    return contact_list


def draft(text="", **fields):
    return MmsDraft(slides=(DraftSlide(text),), **fields)


def told(findings):
    return [str(found) for found in findings]


# --- The fields there are ------------------------------------------------------------------------


def test_fields_are_offered_with_an_example_and_the_share_that_has_them(people):
    fields = {field.name: field for field in known_fields()}
    assert list(fields)[:4] == ["first_name", "last_name", "email", "phone"]
    assert (fields["first_name"].label, fields["first_name"].share) == ("First name", 66)
    assert (fields["phone"].share, fields["email"].example) == (100, "ada@example.org")
    assert (fields["Favourite colour"].example, fields["Favourite colour"].share) == ("blue", 33)


def test_without_contacts_the_fields_of_a_contact_are_offered_without_a_share():
    assert [(field.name, field.share) for field in known_fields()] == [
        (name, None) for name in ("first_name", "last_name", "email", "phone")
    ]


def test_a_column_of_a_recent_import_is_offered_though_the_newest_lack_it(people):
    ContactImport.objects.create(
        columns=["Phone", "Shoe size", "Secret"],
        mapping={"0": "phone", "1": "attribute", "2": ""},
        status=ContactImport.Status.DONE,
    )
    names = [field.name for field in known_fields()]
    assert "Shoe size" in names
    assert "Secret" not in names


def test_a_name_that_cannot_be_written_as_a_field_is_not_offered():
    Contact.objects.create(phone="12015550101", attributes={"a|b": "x", "{c}": "y", "d": "z"})
    assert [field.name for field in known_fields()][4:] == ["d"]


def test_only_the_newest_contacts_are_looked_at(people):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        known_fields()
    assert f"LIMIT {CONTACTS_SEEN}" in queries[0]["sql"]
    assert len(queries) == 2


# --- Who lacks a value ---------------------------------------------------------------------------


def test_missing_values_are_counted_in_one_query(people, django_assert_num_queries):
    names = ["first_name", "last_name", "email", "phone", *AWKWARD]
    with django_assert_num_queries(1):
        gaps = count_missing(written_to(people), names)
    assert gaps.total == 3
    missing = dict.fromkeys(AWKWARD, 2) | {"2024": 1, "a.b": 1}
    missing |= {"first_name": 1, "last_name": 2, "email": 2, "phone": 0}
    assert gaps.missing == missing


def test_what_counts_as_missing_is_what_reads_as_nothing(people):
    """The database and the engine are of one opinion about every value."""
    names = ["first_name", "last_name", "email", "phone", *AWKWARD]
    gaps = count_missing(written_to(people), names)
    read = [values_of(contact, names) for contact in Contact.objects.all()]
    assert gaps.missing == {name: sum(not person[name] for person in read) for name in names}


def test_the_longest_value_is_measured(people):
    gaps = count_missing(written_to(people), ["first_name", "$ spent", "nobody has this"])
    assert gaps.longest == {"first_name": 5, "$ spent": 4, "nobody has this": 0}


def test_who_opted_out_is_not_counted(people):
    OptOut.objects.create(phone="12015550102", source=OptOut.Source.STAFF)
    gaps = count_missing(written_to(people), ["first_name"])
    assert (gaps.total, gaps.missing) == (2, {"first_name": 0})


def test_no_people_lack_nothing():
    gaps = count_missing(Contact.objects.none(), ["first_name"])
    assert (gaps.total, gaps.missing, gaps.longest) == (0, {"first_name": 0}, {"first_name": 0})


def test_a_missing_value_with_a_fallback_is_a_warning_and_without_one_a_problem(people):
    problems, warnings = find_personal_problems(
        draft("{{ first_name|there }} {{ email }}"), written_to(people), None
    )
    assert told(warnings) == ["1 of 3 has no first name and will read “there”."]
    assert told(problems) == [
        "2 of 3 have no e-mail, and {{ email }} has no fallback: give it one, or complete the "
        "contacts."
    ]


def test_a_field_nobody_has_is_a_problem_even_with_a_fallback(people):
    problems, warnings = find_personal_problems(
        draft("{{ frist_name|there }}"), written_to(people), None
    )
    assert told(problems) == ["Slide 1: there is no field “frist_name”. Did you mean first_name?"]
    assert warnings == []


def test_a_field_that_only_others_have_is_no_wrong_field(people):
    Contact.objects.create(phone="12015550109", attributes={"Club": "Chess"})
    problems, warnings = find_personal_problems(draft("{{ Club|us }}"), written_to(people), None)
    assert (problems, told(warnings)) == ([], ["3 of 3 have no “Club” and will read “us”."])


def test_an_attribute_of_old_contacts_is_known_where_they_are_written_to(people, monkeypatch):
    monkeypatch.setattr("campaigns.services.mergefields.CONTACTS_SEEN", 1)
    problems, _ = find_personal_problems(
        draft("{{ Favourite colour|red }}"), written_to(people), None
    )
    assert problems == []


def test_a_subject_that_may_outgrow_its_room_is_a_warning(people):
    Contact.objects.filter(first_name="Ada").update(first_name="A" * 100)
    _, warnings = find_personal_problems(
        MmsDraft(subject="Hi {{ first_name|you }}"), written_to(people), None
    )
    assert "with the longest values there are 103 characters; up to 80 fit." in warnings[-1].text


def test_the_fallback_that_is_off_is_not_asked_about(people):
    off = draft("Hello", fallback=False, fallback_text="{{ nothing }}")
    assert find_personal_problems(off, written_to(people), None) == ([], [])


def test_without_fields_nobody_is_counted(people, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert find_personal_problems(draft("Hello"), written_to(people), None) == ([], [])


def test_a_field_that_is_not_closed_is_told_while_it_is_written():
    problems, _ = find_draft_problems(draft("{{ first_name", fallback_text="x"), None)
    assert told(problems) == [
        "Slide 1: a merge field is not closed or opened: it begins with {{ and ends with }}."
    ]


# --- One of them ---------------------------------------------------------------------------------


def test_readers_are_paged_in_an_order_that_stays_and_begin_again(people):
    names = [sample_recipients(written_to(people), place).contact.first_name for place in range(6)]
    assert names == ["Chloé", "Ada", "\u00a0", "Chloé", "Ada", "\u00a0"]


def test_a_reader_knows_their_place(people):
    reader = sample_recipients(written_to(people), 3)
    assert (reader.name, reader.position, reader.count, reader.is_cut) == ("Chloé", 3, 3, False)


def test_who_opted_out_reads_nothing(people):
    OptOut.objects.create(phone="12015550101", source=OptOut.Source.STAFF)
    assert sample_recipients(written_to(people), 1).contact.phone == "12015550102"
    assert sample_recipients(written_to(people), 1).count == 2


def test_nobody_reads_what_goes_to_an_empty_list():
    assert sample_recipients(written_to(ContactList.objects.create(name="Empty")), 1) is None


def test_paging_stops_at_many(people, monkeypatch):
    monkeypatch.setattr("campaigns.services.personal.MANY", 2)
    reader = sample_recipients(written_to(people), 3)
    assert (reader.contact.first_name, reader.last, reader.is_cut) == ("Ada", 2, True)
    assert count_missing(written_to(people), [], most=2).total == 2


def test_somebody_on_two_lists_of_a_campaign_is_one_reader(make_campaign, people):
    campaign = make_campaign(contacts=0)
    other = ContactList.objects.create(name="Other")
    Membership.objects.create(contact_list=other, contact=Contact.objects.get(first_name="Ada"))
    campaign.lists.set([people, other])
    assert sample_recipients(written_to(campaign), 1).count == 3


def test_a_draft_reads_in_one_persons_words_and_marks_what_is_missing(people):
    written = draft(
        "{{ City }} {{ 2024 }}", subject="Hi {{ first_name|there }}", fallback_text="{{ a.b }}"
    )
    chloe = Contact.objects.get(first_name="Chloé")
    shown = personalise(written, values_of(chloe, ["City", "2024", "first_name", "a.b"]))
    assert (shown.subject, shown.slides[0].text) == ("Hi Chloé", "[City?] 5")
    assert shown.fallback_text == "yes"


def test_values_are_found_by_phone(people):
    assert values_for_phone("12015550101", ["first_name"]) == {"first_name": "Ada"}
    assert values_for_phone("12015550177", ["first_name", "phone", "City"]) == {
        "first_name": "",
        "phone": "12015550177",
        "City": "",
    }


# --- Launching -----------------------------------------------------------------------------------


@pytest.fixture
def campaign(make_campaign, make_mms, people):
    def make(text):
        campaign = make_campaign(contacts=0, mms=make_mms(text=text))
        campaign.lists.set([people])
        return campaign

    return make


def test_a_missing_value_without_a_fallback_stops_the_launch_with_the_count(campaign, marketer):
    with pytest.raises(RuleBroken, match=r"2 of 3 have no last name, and \{\{ last_name \}\} has"):
        launch_campaign(campaign("Dear {{ last_name }}"), by=marketer)


def test_with_a_fallback_it_warns_and_is_launched(campaign, marketer):
    campaign = campaign("Dear {{ last_name|friend }}")
    problems, warnings = find_campaign_problems(campaign, timezone.now())
    assert problems == []
    assert "2 of 3 have no last name and will read “friend”." in warnings
    launch_campaign(campaign, by=marketer)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("{{ frist_name|x }}", "Did you mean first_name"), ("{{ first_name", "not closed")],
)
def test_a_wrong_field_stops_the_launch(campaign, marketer, text, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        launch_campaign(campaign(text), by=marketer)


def test_who_opted_out_does_not_stop_it(campaign, marketer):
    for phone in ("12015550102", "12015550103"):
        OptOut.objects.create(phone=phone, source=OptOut.Source.STAFF)
    launch_campaign(campaign("Dear {{ last_name }}"), by=marketer)


def test_the_outbox_keeps_for_each_person_what_the_check_counted(campaign, marketer):
    names = ["first_name", "phone", *AWKWARD]
    campaign = campaign(" ".join(f"{{{{ {name}|x }}}}" for name in names))
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    for message in Message.objects.select_related("contact"):
        assert read_values(message.merge_values) == values_of(message.contact, names)
