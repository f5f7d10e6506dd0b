"""Lists: bounded counts, few queries, numbers found in any spelling."""

import pytest
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.admin.paging import BoundedPaginator
from campaigns.models import (
    AuditEntry,
    Campaign,
    Contact,
    Message,
    OptOut,
    Thread,
    WebhookPost,
)

#: Signing in, permissions, the badge of the inbox, the page itself.
MOST_QUERIES = 20


def changelist(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def names(answer):
    return [str(row) for row in answer.context["cl"].result_list]


@pytest.mark.parametrize("query", ["phone=%00", "q=a%00b", "phone__startswith=%001"])
def test_a_nul_in_an_address_is_not_asked_for(administrator, everything, sign_in, query):
    client = sign_in(administrator)
    for model in admin.site._registry:
        assert client.get(f"{changelist(model)}?{query}").status_code in (200, 302, 403)


def test_counting_stops_at_the_bound(make_contacts):
    make_contacts(7)
    pages = BoundedPaginator(Contact.objects.all(), 2)
    pages.most = 5
    assert pages.count == 5
    assert pages.has_more
    assert pages.num_pages == 3


def test_below_the_bound_counts_are_exact(make_contacts):
    make_contacts(5)
    pages = BoundedPaginator(Contact.objects.all(), 2)
    pages.most = 5
    assert pages.count == 5
    assert not pages.has_more


def test_ten_thousand_and_one_rows_are_not_counted_to_the_end(
    make_contacts, administrator, sign_in
):
    make_contacts(10_001)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = sign_in(administrator).get(changelist(Contact))
    assert "10,000+ contacts" in answer.content.decode()
    counts = [q["sql"] for q in queries if "COUNT(" in q["sql"] and "campaigns_contact" in q["sql"]]
    assert counts
    assert all("LIMIT 10001" in sql for sql in counts)


@pytest.mark.parametrize("model", [*admin.site._registry], ids=lambda model: model._meta.model_name)
def test_big_tables_are_never_counted_in_full(model):
    page = admin.site._registry[model]
    small = {"channel", "contactlist", "customfield", "user", "group"}
    small |= {"policy", "quiethours", "segment"}
    if model._meta.model_name in small:
        assert page.paginator is Paginator
    else:
        assert issubclass(page.paginator, BoundedPaginator)
        assert page.show_full_result_count is False


@pytest.mark.parametrize("model", [*admin.site._registry], ids=lambda model: model._meta.model_name)
def test_a_list_asks_few_questions_whatever_its_length(
    model, everything, make_campaign, administrator, sign_in, django_assert_max_num_queries
):
    _add_thirty(everything, administrator)
    client = sign_in(administrator)
    with django_assert_max_num_queries(MOST_QUERIES):
        # that of single replies leads to the threads
        assert client.get(changelist(model)).status_code in (200, 302)


def _add_thirty(everything, administrator):
    message, reply, post = (everything[n] for n in ("message", "inboundmessage", "webhookpost"))
    phones = [str(12015550200 + number) for number in range(30)]
    contacts = Contact.objects.bulk_create(Contact(phone=phone) for phone in phones)
    everything["contactlist"].contacts.add(*contacts)
    OptOut.objects.bulk_create(OptOut(phone=phone, source="staff") for phone in phones)
    for row, number in ((message, "reference"), (reply, "provider_id"), (post, "attempts")):
        copies = [type(row).objects.get(pk=row.pk) for _ in phones]
        for index, (copy, contact) in enumerate(zip(copies, contacts, strict=True)):
            copy.pk = None
            setattr(copy, number, index if number == "attempts" else f"copy-{index}")
            copy.contact, copy.phone = contact, contact.phone
        type(row).objects.bulk_create(copies)
    AuditEntry.objects.bulk_create(
        AuditEntry(actor=administrator, verb="channel.tested", target="x") for _ in phones
    )


@pytest.mark.parametrize(
    "spelling", ["17745550111", "+1 774 555-0111", "(774) 555 0111", "774.555", "1774"]
)
@pytest.mark.parametrize("model", [Contact, OptOut, Message])
def test_a_number_is_found_in_any_spelling(model, spelling, everything, administrator, sign_in):
    row = everything[model._meta.model_name]
    model.objects.filter(pk=row.pk).update(phone="17745550111")
    answer = sign_in(administrator).get(changelist(model), {"q": spelling})
    assert names(answer) == [str(row)]
    other = sign_in(administrator).get(changelist(model), {"q": "+44 20 7946"})
    assert names(other) == []


def test_a_name_is_found_by_its_start(make_contacts, administrator, sign_in):
    make_contacts(2)
    contact = Contact.objects.get(first_name="Ann 1")
    contact.last_name = "O'Neil"
    contact.save()
    answer = sign_in(administrator).get(changelist(Contact), {"q": "o'ne"})
    assert names(answer) == ["Ann 1 O'Neil"]


def test_lists_mask_numbers(everything, administrator, sign_in):
    client, phone = sign_in(administrator), everything["contact"].phone
    for model in (Contact, OptOut, Message, Thread):
        assert phone not in client.get(changelist(model)).content.decode()


def test_an_empty_list_says_what_to_do(marketer, sign_in):
    html = sign_in(marketer).get(changelist(Contact)).content.decode()
    assert "No contacts yet." in html
    assert "Import a file" in html


def test_a_search_without_a_hit_leads_back(make_contacts, marketer, sign_in):
    make_contacts(1)
    html = sign_in(marketer).get(changelist(Contact), {"q": "nobody"}).content.decode()
    assert "Nothing matches." in html


def test_a_callback_can_be_read_again(everything, administrator, sign_in):
    post = everything["webhookpost"]
    WebhookPost.objects.update(status=WebhookPost.Status.UNREADABLE, attempts=3)
    form = {"action": "read_again", "_selected_action": [post.pk]}
    sign_in(administrator).post(changelist(WebhookPost), form)
    post.refresh_from_db()
    assert (post.status, post.attempts) == (WebhookPost.Status.NEW, 0)


def test_an_opt_out_is_entered_with_its_evidence(agent, sign_in):
    form = {"phone": "+1 (201) 555-0123", "evidence": "Called on Monday"}
    sign_in(agent).post(reverse("admin:campaigns_optout_add"), form)
    optout = OptOut.objects.get()
    assert (optout.phone, optout.by, optout.source) == ("12015550123", agent, "staff")


def test_an_opt_out_without_evidence_is_not_taken(agent, sign_in):
    answer = sign_in(agent).post(reverse("admin:campaigns_optout_add"), {"phone": "12015550123"})
    assert answer.status_code == 200
    assert not OptOut.objects.exists()


def test_a_contact_moves_between_lists_by_those_who_may(everything, marketer, agent, sign_in):
    contact = everything["contact"]
    url = reverse("admin:campaigns_contact_change", args=[contact.pk])
    form = {"phone": contact.phone, "attributes": "{}", "lists": []}
    sign_in(agent).post(url, form)
    assert contact.lists.count() == 1
    sign_in(marketer).post(url, form)
    assert contact.lists.count() == 0


def test_reports_about_a_message_stand_on_its_page(everything, marketer, sign_in):
    url = reverse("admin:campaigns_message_change", args=[everything["message"].pk])
    html = sign_in(marketer).get(url).content.decode()
    assert "The picture is too large." in html
    assert "N102" in html
    assert "sendmms" not in html  # the journal is for administrators


def test_a_list_is_deleted_without_naming_everybody_on_it(make_contacts, marketer, sign_in):
    contact_list = make_contacts(30, "Old")
    url = reverse("admin:campaigns_contactlist_delete", args=[contact_list.pk])
    html = sign_in(marketer).get(url).content.decode()
    assert "30 contacts are on it and stay." in html
    assert "Ann 1" not in html
    sign_in(marketer).post(url, {"post": "yes"})
    assert Contact.objects.count() == 30


def test_a_list_of_a_draft_is_refused_with_the_name_of_the_campaign(
    make_campaign, marketer, sign_in
):
    contact_list = make_campaign(name="Spring").lists.get()
    url = reverse("admin:campaigns_contactlist_delete", args=[contact_list.pk])
    answer = sign_in(marketer).post(url, {"post": "yes"}, follow=True)
    assert "the campaign “Spring” needs it" in answer.content.decode()


def test_contacts_are_deleted_together_and_what_was_sent_stays(everything, marketer, sign_in):
    contact, message = everything["contact"], everything["message"]
    form = {"action": "delete_selected", "_selected_action": [contact.pk]}
    client = sign_in(marketer)
    html = client.post(changelist(Contact), form).content.decode()
    assert "They leave every list." in html
    client.post(changelist(Contact), {**form, "post": "yes"})
    message.refresh_from_db()
    assert (Contact.objects.count(), message.contact) == (0, None)


def test_a_filter_marks_what_is_chosen(everything, marketer, sign_in):
    contact_list = everything["contactlist"]
    html = sign_in(marketer).get(changelist(Contact), {"list": contact_list.pk}).content.decode()
    assert f'aria-current="true">{contact_list}</a>' in html


def test_add_buttons_speak_as_people_do(everything, administrator, sign_in):
    client = sign_in(administrator)
    said = {Campaign: "New campaign", Contact: "Add a contact", OptOut: "Add an opt-out"}
    for model, words in said.items():
        assert words in client.get(changelist(model)).content.decode()
