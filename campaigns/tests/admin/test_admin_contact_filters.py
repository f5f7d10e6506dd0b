"""The list of contacts: its filters, and why somebody cannot be written to."""

import pytest
from django.urls import reverse

from campaigns.models import (
    Contact,
    OptOut,
)
from campaigns.services.optouts import record_optout
from campaigns.tests.admin.contact_pages import LIST


def test_the_list_names_every_reason_that_it_is_filtered_by(marketer, sign_in):
    Contact.objects.create(phone="18005550123")
    record_optout("18005550123", source=OptOut.Source.STAFF, by=marketer)
    for reason in ("opted_out", "no_consent", "line"):
        html = sign_in(marketer).get(reverse(LIST), {"reach": reason}).content.decode()
        for words in ("Opted out", "No consent", "Toll-free"):
            assert f">{words}</span>" in html


@pytest.mark.parametrize("text", ["x", "-1", "9" * 30, "1 OR 1=1"])
def test_filters_that_are_nonsense_do_no_harm(text, person, marketer, sign_in):
    client = sign_in(marketer)
    assert client.get(reverse(LIST), {"list": text}).status_code == 200
    assert client.get(reverse(LIST), {"reach": text}).status_code == 200


def test_filters_and_search_work_together(make_contacts, marketer, sign_in):
    contact_list = make_contacts(3, "VIP")
    make_contacts(3, "Others")
    OptOut.objects.create(phone=contact_list.contacts.first().phone, source="staff")
    asked = {"list": contact_list.pk, "reach": "yes", "q": "ann"}
    answer = sign_in(marketer).get(reverse(LIST), asked)
    assert len(answer.context["cl"].result_list) == 2


def test_the_true_reason_stands_in_the_list(make_contacts, marketer, sign_in):
    make_contacts(4)
    first, second, third, _ = Contact.objects.order_by("pk")
    Contact.objects.filter(pk=first.pk).update(consented_at=None)
    Contact.objects.filter(pk=second.pk).update(line=3)
    OptOut.objects.create(phone=third.phone, source="staff")
    html = sign_in(marketer).get(reverse(LIST)).content.decode()
    for words in ("No consent</span>", "Toll-free</span>", "Opted out</span>", "Yes</span>"):
        assert html.count(words) == 1
