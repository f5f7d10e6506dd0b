"""Merge fields in the composer: what is offered, counted and shown, and to whom."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Contact, ContactList, Membership, OptOut
from campaigns.tests.conftest import agreeing

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """Ada and Ben, and somebody without a name."""
    contact_list = ContactList.objects.create(name="Three")
    contacts = Contact.objects.bulk_create(
        [
            agreeing(phone="12015550101", first_name="Ada", attributes={"City": "Springfield"}),
            agreeing(phone="12015550102", first_name="Ben"),
            agreeing(phone="12015550103"),
        ]
    )
    Membership.objects.bulk_create(
        Membership(contact_list=contact_list, contact=contact) for contact in contacts
    )
    return contact_list


@pytest.fixture
def look(sign_in, marketer):
    client = sign_in(marketer)

    def look(text, mms=None, **more):
        name = "campaigns_mms_change" if mms else "campaigns_mms_add"
        url = reverse(f"admin:{name}", args=[mms.pk] if mms else [])
        posted = {"do": "look", "name": "x", "slide-0-text": text, **more}
        return client.post(url, posted).content.decode()

    return look


def test_the_menu_offers_fields_with_an_example_and_their_share(sign_in, marketer, people):
    page = sign_in(marketer).get(reverse("admin:campaigns_mms_add")).content.decode()
    assert 'data-name="first_name"' in page
    assert 'data-name="City"' in page
    assert "Springfield" in page
    assert "66 %" in page
    assert "1201•••0103" in page  # the example of a phone number
    assert "12015550103" not in page


def test_the_phone_reads_as_one_of_the_people(look, people):
    answer = look("Hello {{ first_name|there }}!", audience=people.pk, reader="2")
    assert "Hello Ben!" in answer
    assert "2 of 3" in answer
    assert "1201•••0102" in answer
    assert "12015550102" not in answer


def test_the_first_of_them_is_shown_before_anybody_is_chosen(look, people):
    assert "Hello Ada!" in look("Hello {{ first_name|there }}!")


@pytest.mark.parametrize("reader", ["x", "-1", "0", "9" * 40, "²"])
def test_a_place_that_is_none_is_the_first(look, people, reader):
    assert "Hello Ada!" in look("Hello {{ first_name|there }}!", reader=reader)


def test_after_the_last_of_them_comes_the_first(look, people):
    assert "Hello Ada!" in look("Hello {{ first_name|there }}!", reader="4")


def test_the_phone_shows_it_as_written_when_nobody_reads(look, people):
    answer = look("Hello {{ first_name|there }}!", reader="")
    assert "Hello {{ first_name|there }}!" in answer
    assert "Show it as people read it" in answer
    assert "3 people" in answer


def test_what_is_missing_is_marked_on_the_phone_and_counted(look, people):
    answer = look("In {{ City }}", reader="2")
    assert "In [City?]" in answer
    assert "2 of 3 have no “City”, and {{ City }} has no fallback" in answer


def test_who_opted_out_is_not_among_the_readers(look, people):
    OptOut.objects.create(phone="12015550101", source=OptOut.Source.STAFF)
    assert "Hello Ben!" in look("Hello {{ first_name|there }}!", reader="1")


def test_people_of_the_list_that_a_campaign_sends_it_to_are_shown_first(
    look, people, make_campaign
):
    campaign = make_campaign(contacts=0)
    campaign.lists.set([people])
    ContactList.objects.create(name="Newer")
    assert "“Three”" in look("{{ City|here }}", mms=campaign.mms)


def test_the_newest_list_with_somebody_on_it_is_read_as(look, people):
    ContactList.objects.create(name="Newer and empty")
    assert "Hello Ada!" in look("Hello {{ first_name|there }}!")


def test_an_empty_list_has_no_readers(look):
    ContactList.objects.create(name="Empty")
    assert "Nobody on “Empty” can be written to" in look("{{ first_name|there }}")


def test_without_any_list_the_way_to_contacts_is_shown(look):
    assert "There is no list yet" in look("{{ first_name|there }}")


def test_without_fields_nobody_is_asked_for(look, people):
    with CaptureQueriesContext(connection) as queries:
        answer = look("Hello!", audience=people.pk)
    asked = [query["sql"] for query in queries if 'FROM "campaigns_contact"' in query["sql"]]
    assert asked == []
    assert "Everybody reads the same." in answer


def test_whoever_may_not_see_people_sees_counts_only(sign_in, approver, make_campaign, people):
    campaign = make_campaign(contacts=0)
    campaign.lists.set([people])
    campaign.mms.head.slides.update(text="Hello {{ first_name|there }} in {{ City|town }}")
    page = sign_in(approver).get(
        reverse("admin:campaigns_mms_change", args=[campaign.mms_id]), {"reader": "1"}
    )
    words = page.content.decode()
    assert "1 of 3 has no first name and will read “there”." in words
    assert "You see what it says, not the people it goes to." in words
    for secret in ("Ada", "Ben", "Springfield", "1201•••"):
        assert secret not in words


@pytest.mark.parametrize("role", ["approver", "agent"])
def test_the_readers_of_a_campaign_are_not_for_everybody(
    sign_in, people, role, request, make_campaign
):
    person = request.getfixturevalue(role)
    url = reverse("admin:campaigns_mms_reader", args=[make_campaign().pk])
    assert sign_in(person).get(url).status_code == 403


def test_the_phone_of_a_campaign_pages_through_its_own_people(
    sign_in, marketer, make_campaign, people
):
    campaign = make_campaign(contacts=0)
    campaign.lists.set([people])
    campaign.mms.head.slides.update(text="Hello {{ first_name|there }}")
    url = reverse("admin:campaigns_mms_reader", args=[campaign.pk])
    answer = sign_in(marketer).get(url, {"reader": "2"}).content.decode()
    assert "Hello Ben" in answer
    assert "2 of 3" in answer


def test_the_note_beside_the_test_says_whose_words_it_has(look, people):
    assert "the test says what is known of them" in look("{{ first_name|there }}")
    assert "the test says" not in look("Hello")


def test_whoever_writes_without_the_right_to_see_people_gets_no_examples(
    sign_in, django_user_model, people
):
    writer = django_user_model.objects.create_user("writer", is_staff=True)
    permissions = Permission.objects.filter(codename__in=["add_mms", "view_contactlist"])
    writer.user_permissions.set(permissions)
    page = sign_in(writer).get(reverse("admin:campaigns_mms_add")).content.decode()
    assert 'data-name="City"' in page
    assert "66 %" in page
    for secret in ("Springfield", "Ben", "1201•••"):
        assert secret not in page


def test_an_approver_reads_a_draft_without_the_people_it_goes_to(
    sign_in, approver, make_campaign, people
):
    campaign = make_campaign(contacts=0)
    campaign.lists.set([people])
    campaign.mms.head.slides.update(text="Hello {{ first_name|there }}")
    url = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    page = sign_in(approver).get(url).content.decode()
    assert "Hello {{ first_name|there }}" in page
    assert "1 of 3 has no first name and will read “there”." in page
    assert "You see what it says, not the people it goes to." in page
    assert "Hello Ada" not in page


def test_two_fallbacks_of_a_field_are_told_apart(look, people):
    answer = look("Hi {{ first_name|friend }}", subject="For {{ first_name|you }}")
    assert "1 of 3 has no first name and will read “friend” in slide 1." in answer
    assert "1 of 3 has no first name and will read “you” in the subject." in answer


def test_the_contacts_to_complete_are_a_click_away(look, people):
    url = reverse("admin:campaigns_contact_changelist")
    assert f'href="{url}?list={people.pk}"' in look("{{ City }}", audience=people.pk)


def test_the_contacts_of_a_list_can_be_listed(sign_in, marketer, people):
    Contact.objects.create(phone="12015550104", first_name="Dora")
    url = reverse("admin:campaigns_contact_changelist")
    page = sign_in(marketer).get(url, {"list": people.pk}).content.decode()
    assert "Ada" in page
    assert "Dora" not in page


@pytest.mark.parametrize("do", ["save", "provide-{channel}"])
def test_the_page_comes_back_from_saving_with_the_same_people(
    sign_in, marketer, people, make_channel, do
):
    channel = make_channel("Main")
    ContactList.objects.create(name="Newer").contacts.create(
        phone="12015550105", first_name="Eve", attributes={"City": "Here"}
    )
    url = reverse("admin:campaigns_mms_add")
    posted = {"do": do.format(channel=channel.pk), "name": "x", "slide-0-text": "In {{ City }}"}
    posted |= {"audience": people.pk, "reader": "2", "channel": channel.pk}
    page = sign_in(marketer).post(url, posted, follow=True).content.decode()
    assert "2 of 3 have no “City”" in page
    assert "In [City?]" in page
    assert f'<option value="{people.pk}" selected>' in page


def test_the_page_comes_back_from_saving_as_written(sign_in, marketer, people):
    posted = {"do": "save", "name": "x", "slide-0-text": "Hi {{ City|town }}", "reader": ""}
    url = reverse("admin:campaigns_mms_add")
    page = sign_in(marketer).post(url, posted, follow=True).content.decode()
    assert "Show it as people read it" in page


def test_nothing_but_numbers_is_kept_in_the_address(sign_in, marketer):
    posted = {"do": "save", "name": "x", "slide-0-text": "Hi", "reader": "1&x", "audience": "²"}
    answer = sign_in(marketer).post(reverse("admin:campaigns_mms_add"), posted)
    assert "?" not in answer.url
