"""The campaign pages: who may press what, and what they show."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.admin.polling import STOP_POLLING
from campaigns.models import (
    Campaign,
    Contact,
    ContactList,
    Membership,
    Message,
    OptOut,
    Segment,
    SendAgain,
)
from campaigns.rules.ladder import Rung
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.campaigns import cancel_campaign, launch_campaign
from campaigns.services.contact_changes import delete_contacts
from campaigns.services.filling import fill_outbox
from campaigns.services.optouts import record_optout
from campaigns.services.resending import queue_again, send_again

S, C = MessageStatus, CampaignStatus


def url(name, campaign):
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])


@pytest.fixture
def sending(make_campaign, marketer):
    campaign = make_campaign(contacts=5)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    return campaign


def test_a_draft_is_made_and_checked_on_one_page(
    client, marketer, make_channel, make_mms, make_contacts
):
    client.force_login(marketer)
    channel, mms, contacts = make_channel(), make_mms(), make_contacts(3)
    form = {
        "name": "Spring",
        "lists": [contacts.pk],
        "mms": mms.pk,
        "sender": channel.senders.get().pk,
        "not_after_0": "",
        "not_after_1": "",
    }
    page = client.post(reverse("admin:campaigns_campaign_add"), form, follow=True)
    campaign = Campaign.objects.get()
    assert (campaign.channel, campaign.created_by) == (channel, marketer)
    assert "Send 3 messages" in page.content.decode()


def test_an_unfinished_draft_is_saved_and_says_what_is_missing(client, marketer):
    client.force_login(marketer)
    page = client.post(reverse("admin:campaigns_campaign_add"), {"name": "Bare"}, follow=True)
    text = page.content.decode()
    assert "Choose the MMS to send." in text
    assert "Choose at least one list or segment." in text
    assert "messages</button>" not in text


def test_a_list_can_be_preselected(client, marketer):
    client.force_login(marketer)
    chosen = ContactList.objects.create(name="VIP")
    page = client.get(reverse("admin:campaigns_campaign_add") + f"?lists={chosen.pk}")
    assert "checked" in page.content.decode()


def test_launching_shows_the_live_page(client, marketer, make_campaign):
    campaign = make_campaign(contacts=2)
    client.force_login(marketer)
    page = client.post(url("launch", campaign), {"expected": "2"}, follow=True)
    assert "Preparing recipients" in page.content.decode()


@pytest.mark.parametrize("verb", ["launch", "pause", "resume", "stop", "again", "test"])
def test_looking_changes_nothing(client, marketer, sending, verb):
    client.force_login(marketer)
    assert client.get(url(verb, sending)).status_code == 302
    sending.refresh_from_db()
    assert sending.status == C.SENDING


@pytest.mark.parametrize(
    ("role", "verb", "status"),
    [
        ("marketer", "pause", 302),
        ("approver", "pause", 302),
        ("administrator", "pause", 302),
        ("agent", "pause", 403),
        ("agent", "launch", 403),
        ("agent", "stop", 403),
        ("agent", "again", 403),
        ("agent", "test", 403),
    ],
)
def test_every_button_asks_who_presses_it(client, request, sending, role, verb, status):
    client.force_login(request.getfixturevalue(role))
    assert client.post(url(verb, sending)).status_code == status


def test_pause_and_resume_and_stop(client, marketer, sending):
    client.force_login(marketer)
    for verb, status in (("pause", C.PAUSED), ("resume", C.SENDING), ("stop", C.CANCELLED)):
        client.post(url(verb, sending))
        sending.refresh_from_db()
        assert sending.status == status


def test_a_refusal_is_said_where_the_button_was(client, marketer, sending):
    client.force_login(marketer)
    page = client.post(url("resume", sending), follow=True)
    assert "cannot be resumed" in page.content.decode()


def test_a_bad_test_number_is_explained(client, marketer, make_campaign):
    client.force_login(marketer)
    campaign = make_campaign()
    page = client.post(url("test", campaign), {"phone": "call me"}, follow=True)
    assert "errornote" in page.content.decode() or "messagelist" in page.content.decode()
    assert not Message.objects.exists()


def test_the_live_part_says_why_and_links_to_the_rows(client, marketer, sending):
    Message.objects.filter(campaign=sending).update(
        status=S.FAILED, reason="The <b>carrier</b> refused it.", code="E102"
    )
    client.force_login(marketer)
    text = client.get(url("live", sending)).content.decode()
    assert "The &lt;b&gt;carrier&lt;/b&gt; refused it." in text
    assert f"campaign__id__exact={sending.pk}&amp;status__exact={S.FAILED.value}" in text


def test_polling_stops_when_nothing_moves_any_more(client, marketer, sending):
    client.force_login(marketer)
    assert client.get(url("live", sending)).status_code == 200
    Message.objects.update(status=S.DELIVERED)
    Campaign.objects.update(status=C.DONE)
    assert client.get(url("live", sending)).status_code == 286


def test_a_launched_campaign_is_neither_edited_nor_deleted(client, administrator, sending):
    client.force_login(administrator)
    client.post(url("change", sending), {"name": "Other"})
    client.post(url("delete", sending), {"post": "yes"})
    sending.refresh_from_db()
    assert sending.name == "Spring"


def test_the_live_page_costs_few_queries(client, marketer, sending, django_assert_max_num_queries):
    client.force_login(marketer)
    with django_assert_max_num_queries(20):
        client.get(url("change", sending))


def test_no_inline_style_or_script(client, marketer, sending, make_campaign):
    client.force_login(marketer)
    for address in (url("change", sending), url("live", sending), url("change", make_campaign())):
        text = client.get(address).content.decode()
        assert ' style="' not in text
        assert "<script>" not in text


def test_who_may_not_edit_reads_the_draft(client, approver, make_campaign):
    client.force_login(approver)
    text = client.get(url("change", make_campaign())).content.decode()
    assert "campaign_form" not in text
    assert "Spring sale" in text
    assert "Send 3 messages" in text


@pytest.mark.parametrize(("role", "status"), [("marketer", 302), ("agent", 403)])
def test_sending_one_again_asks_who_presses(client, request, sending, role, status):
    Message.objects.update(status=S.FAILED)
    message = Message.objects.first()
    client.force_login(request.getfixturevalue(role))
    address = reverse("admin:campaigns_message_again", args=[message.pk])
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == status
    message.refresh_from_db()
    assert message.status == (S.QUEUED if status == 302 else S.FAILED)


def test_everybody_who_failed_is_sent_to_again_by_one_button(client, marketer, sending):
    client.force_login(marketer)
    Message.objects.update(status=S.FAILED, reason="No.")
    page = client.post(url("again", sending), {"status": str(S.FAILED.value)}, follow=True)
    html = page.content.decode()
    assert "They are being queued again" in html
    assert "Sending again to those who are “failed”, as marketer asked: 0 queued so far." in html
    assert "Send again to" not in html
    assert Message.objects.filter(status=S.FAILED).count() == 5  # the task does it
    queue_again(SendAgain.objects.get().pk, timezone.now())
    assert Message.objects.filter(status=S.QUEUED, resend_count=1).count() == 5
    assert "queued so far" not in client.get(url("change", sending)).content.decode()


def test_the_page_goes_on_asking_while_others_are_queued_again(client, marketer, sending):
    client.force_login(marketer)
    Message.objects.update(status=S.FAILED)
    Campaign.objects.update(status=C.DONE)
    assert client.get(url("live", sending)).status_code == STOP_POLLING
    sending.refresh_from_db()
    asked = send_again(sending, S.FAILED, by=marketer)
    assert client.get(url("live", sending)).status_code == 200
    SendAgain.objects.filter(pk=asked.pk).update(ended_at=timezone.now())
    assert client.get(url("live", sending)).status_code == STOP_POLLING


# --- Who -----------------------------------------------------------------------------------------


def test_the_button_counts_who_can_be_sent_to_again_and_says_who_cannot(sign_in, marketer, sending):
    Message.objects.update(status=S.FAILED, reason="No.")
    record_optout(Message.objects.first().phone, source=OptOut.Source.STAFF)
    html = sign_in(marketer).get(url("change", sending)).content.decode()
    assert "Send again to 4 people?" in html
    assert "Send again to 4 of the 5 “failed”" in html
    assert "1 “failed” opted out meanwhile: they are left alone." in html


def test_a_campaign_on_a_paused_channel_says_so_beside_its_pill(sign_in, marketer, sending):
    client = sign_in(marketer)
    pages = [url("change", sending), reverse("admin:campaigns_campaign_changelist")]
    for page in pages:
        assert "Channel paused" not in client.get(page).content.decode()
    sending.channel.paused_at, sending.channel.paused_reason = timezone.now(), "The key is wrong."
    sending.channel.save()
    for page in pages:
        assert "Channel paused" in client.get(page).content.decode()
    Campaign.objects.update(status=C.DONE)
    assert "Channel paused" not in client.get(pages[1]).content.decode()


def test_segments_and_people_to_leave_out_are_chosen_on_the_draft(
    client, marketer, make_campaign, make_contacts
):
    campaign = make_campaign()
    staff = make_contacts(1, "Staff")
    segment = Segment.objects.create(name="Anns", definition={"all": []})
    client.force_login(marketer)
    chosen = {"segments": [segment.pk], "excluded_lists": [staff.pk]}
    post = {"name": "Spring", "lists": [campaign.lists.get().pk], "start": "now", **chosen}
    client.post(url("change", campaign), post)
    assert list(campaign.segments.all()) == [segment]
    assert list(campaign.excluded_lists.all()) == [staff]


def test_the_question_before_and_the_page_after_the_launch_name_the_whole_audience(
    sign_in, marketer, make_campaign
):
    campaign = make_campaign()
    campaign.lists.update(name="VIP")
    definition = {"all": [{"about": "state", "how": "is", "value": "FL"}]}
    segment = Segment.objects.create(name="Points in the south", definition=definition)
    campaign.segments.add(segment)
    campaign.excluded_lists.add(ContactList.objects.create(name="Newsletter"))
    client = sign_in(marketer)
    said = "VIP, Points in the south; without Newsletter"
    assert f"({said}) now?" in client.get(url("change", campaign)).content.decode()
    campaign.segments.clear()
    segment.delete()
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    said = "<dd>VIP; without Newsletter</dd>"
    assert said in client.get(url("change", campaign)).content.decode()


def test_a_list_is_not_both_written_to_and_left_out(client, marketer, make_campaign):
    campaign = make_campaign()
    both = campaign.lists.get().pk
    client.force_login(marketer)
    post = {"name": "Spring", "lists": [both], "excluded_lists": [both], "start": "now"}
    text = client.post(url("change", campaign), post).content.decode()
    assert "either written to or left out" in text
    assert not campaign.excluded_lists.exists()


def test_every_number_of_the_ladder_opens_its_people(client, marketer, make_campaign):
    campaign = make_campaign(contacts=3)
    Contact.objects.filter(pk=Contact.objects.first().pk).update(consented_at=None)
    client.force_login(marketer)
    text = client.get(url("change", campaign)).content.decode()
    for rung, count in (("no_consent", 1), ("written_to", 2)):
        address = reverse("admin:campaigns_campaign_ladder", args=[campaign.pk, rung])
        assert address in text
        assert client.get(address).context["page"].paginator.count == count
    unknown = reverse("admin:campaigns_campaign_ladder", args=[campaign.pk, "nonsense"])
    assert client.get(unknown).status_code == 404


def test_who_was_left_out_is_shown_also_when_they_are_deleted(client, marketer, make_campaign):
    campaign = make_campaign(contacts=3)
    staff = ContactList.objects.create(name="Staff")
    for contact in Contact.objects.all()[:2]:
        Membership.objects.create(contact_list=staff, contact=contact)
    campaign.excluded_lists.add(staff)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    delete_contacts([staff.contacts.first()], by=marketer)
    client.force_login(marketer)
    page = client.get(reverse("admin:campaigns_campaign_ladder", args=[campaign.pk, "excluded"]))
    assert page.context["page"].paginator.count == 2
    assert page.content.decode().count("Somebody who was deleted") == 1
    assert page.content.decode().count(staff.contacts.get().first_name) == 1


def test_a_number_of_the_frozen_ladder_opens_its_rows_whatever_became_of_them(
    client, administrator, sending
):
    Campaign.objects.update(ladder={"entries": 5, "opted_out": 2, "written_to": 3})
    for row, status in zip(Message.objects.order_by("pk"), (S.SKIPPED, S.DELIVERED), strict=False):
        Message.objects.filter(pk=row.pk).update(rung=Rung.OPTED_OUT, status=status)
    client.force_login(administrator)
    live = client.get(url("change", sending)).content.decode()
    links = re.findall(r'href="([^"]*rung__exact=\d)">[^\d]*(\d+)<', live)
    assert [int(count) for _, count in links] == [2, 3]
    for address, count in links:
        page = client.get(unescape(address))
        assert len(page.context["cl"].result_list) == int(count)


def test_people_counted_once_are_shown_with_the_list_they_are_on_too(
    client, marketer, make_campaign
):
    campaign = make_campaign(contacts=3)
    second = ContactList.objects.create(name="Second")
    Membership.objects.bulk_create(
        Membership(contact_list=second, contact=contact) for contact in Contact.objects.all()[:2]
    )
    campaign.lists.add(second)
    client.force_login(marketer)
    address = reverse("admin:campaigns_campaign_ladder", args=[campaign.pk, "duplicates"])
    page = client.get(address)
    assert page.context["page"].paginator.count == 2
    assert page.content.decode().count("<td>Second</td>") == 2


def test_the_people_behind_a_number_are_for_who_may_see_people(client, approver, make_campaign):
    client.force_login(approver)
    address = reverse("admin:campaigns_campaign_ladder", args=[make_campaign().pk, "written_to"])
    assert client.get(address).status_code == 403


def test_a_campaign_stopped_before_its_rows_were_made_shows_no_empty_bar(
    client, marketer, make_campaign
):
    campaign = make_campaign()
    launch_campaign(campaign, by=marketer)
    cancel_campaign(campaign, by=marketer)
    client.force_login(marketer)
    text = client.get(url("change", campaign)).content.decode()
    assert "Nobody was made ready to be sent to" in text
    assert "bar--tall" not in text
