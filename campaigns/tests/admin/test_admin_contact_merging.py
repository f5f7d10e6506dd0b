"""Duplicates: found, shown side by side, made one."""

import pytest
from django.urls import reverse

from campaigns.models import (
    Contact,
    OptOut,
)
from campaigns.services.merging import merge_contacts
from campaigns.services.optouts import record_optout
from campaigns.tests.admin.contact_pages import page_of
from campaigns.tests.conftest import agreeing


def test_the_address_of_a_merged_contact_leads_to_the_kept_one(person, administrator, sign_in):
    second, third = (Contact.objects.create(phone=f"1201555012{n}") for n in (4, 5))
    old, third_id = page_of(third), third.pk
    merge_contacts(second, third, by=administrator)
    merge_contacts(person, second, by=administrator)
    answer = sign_in(administrator).get(old, follow=True)
    assert answer.redirect_chain[0][0] == page_of(person)
    assert "was merged into this one" in answer.content.decode()
    Contact.objects.all().delete()
    for address in (old, old.replace(str(third_id), "x%00")):
        answer = sign_in(administrator).get(address, follow=True)
        assert "exist" in answer.content.decode()


@pytest.fixture
def two(db):
    for number, name in ((1, "Ann"), (2, "Anne")):
        agreeing(f"1201555010{number}", first_name=name, email="a@example.com").save()
    return Contact.objects.order_by("pk")


def merge_url(kept, other):
    return reverse("admin:campaigns_contact_merge_with", args=[kept.pk, other.pk])


def test_likely_duplicates_lead_to_their_merge(two, marketer, sign_in):
    html = sign_in(marketer).get(reverse("admin:campaigns_contact_duplicates")).content.decode()
    assert merge_url(two[1], two[0]) in html


def test_the_other_contact_is_looked_for(two, marketer, sign_in):
    url = reverse("admin:campaigns_contact_merge", args=[two[0].pk])
    html = sign_in(marketer).get(url, {"q": "anne"}).content.decode()
    assert merge_url(two[0], two[1]) in html
    assert merge_url(two[0], two[0]) not in html


def test_two_are_merged_with_what_was_chosen(two, marketer, sign_in):
    kept, other = two
    record_optout(other.phone, source=OptOut.Source.STAFF, by=marketer)
    client = sign_in(marketer)
    html = client.get(merge_url(kept, other)).content.decode()
    assert "1201•••0102 opted out" in html
    client.post(merge_url(kept, other), {"choice_0": "other"})
    contact = Contact.objects.get()
    assert (contact.phone, contact.first_name) == (kept.phone, "Anne")
    assert OptOut.objects.filter(phone=kept.phone).exists()


def test_a_merge_without_a_choice_asks_again(two, marketer, sign_in):
    answer = sign_in(marketer).post(merge_url(*two), {"x": "y"})
    assert "This field is required" in answer.content.decode()
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("page", ["duplicates", "merge", "merge_with"])
def test_merging_is_for_those_who_may_delete(page, two, agent, sign_in):
    pks = {"duplicates": [], "merge": [two[0].pk], "merge_with": [each.pk for each in two]}[page]
    url = reverse(f"admin:campaigns_contact_{page}", args=pks)
    assert sign_in(agent).get(url).status_code == 403
