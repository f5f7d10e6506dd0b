"""What a campaign's pages say of its message: groups, own words, the saved template."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Contact, Message, MmsRevision, SavedMms
from campaigns.rules.statuses import SavedStatus
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox


def page_of(client, row, name):
    return client.get(reverse(f"admin:campaigns_{name}_change", args=[row.pk])).content.decode()


def launch(campaign, by):
    launch_campaign(campaign, by=by)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()


def test_a_group_campaign_is_chosen_on_the_draft(client, marketer, make_campaign):
    campaign = make_campaign(contacts=3)
    client.force_login(marketer)
    form = {
        "name": "Lunch",
        "lists": [campaign.lists.get().pk],
        "as_group": "on",
        "mms": campaign.mms_id,
        "sender": campaign.sender_id,
        "not_after_0": "",
        "not_after_1": "",
    }
    url = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    text = client.post(url, form, follow=True).content.decode()
    campaign.refresh_from_db()
    assert campaign.as_group
    assert "Goes out as 1 group" in text


def test_a_group_that_is_too_large_is_told_on_the_draft(client, marketer, make_campaign):
    client.force_login(marketer)
    campaign = make_campaign(contacts=11, as_group=True)
    assert "a group message reaches 10 at most" in page_of(client, campaign, "campaign")


def test_a_message_names_the_others_of_its_group_without_their_numbers(
    client, marketer, make_campaign
):
    campaign = make_campaign(contacts=2, as_group=True)
    launch(campaign, marketer)
    client.force_login(marketer)
    message = campaign.messages.first()
    text = page_of(client, message, "message")
    assert "the others of the group" in text
    assert message.shown_to not in text


def test_a_message_is_shown_as_its_person_reads_it(client, marketer, make_campaign, make_mms):
    campaign = make_campaign(contacts=1, mms=make_mms(text="Dear {{ first_name|friend }}"))
    launch(campaign, marketer)
    Contact.objects.update(first_name="Somebody else")
    client.force_login(marketer)
    text = page_of(client, Message.objects.get(), "message")
    assert "Dear Ann 0" in text


def test_the_draft_explains_what_would_be_sent(client, marketer, make_campaign):
    campaign = make_campaign()
    client.force_login(marketer)
    assert "the slides themselves" in page_of(client, campaign, "campaign")
    SavedMms.objects.create(
        revision=campaign.mms.head,
        channel=campaign.channel,
        mms_id="35674",
        reference="saved-1",
        status=SavedStatus.READY,
    )
    assert "35674" in page_of(client, campaign, "campaign")


def test_a_template_that_was_given_up_is_explained(client, marketer, make_campaign):
    campaign = make_campaign()
    launch(campaign, marketer)
    Campaign.objects.update(saved_note="The saved template 35674 was not at Sinch any more.")
    client.force_login(marketer)
    text = page_of(client, campaign, "campaign")
    assert "sent as its slides" in text
    assert "35674 was not at Sinch any more" in text


@pytest.mark.parametrize(("role", "may_page"), [("marketer", True), ("approver", False)])
def test_only_who_may_see_people_pages_through_them(
    client, request, make_campaign, make_mms, role, may_page
):
    campaign = make_campaign(mms=make_mms(text="Dear {{ first_name|friend }}"))
    client.force_login(request.getfixturevalue(role))
    text = page_of(client, campaign, "campaign")
    assert ("Ann 0" in text) == may_page


def test_the_live_page_shows_what_one_of_the_people_reads(
    client, marketer, make_campaign, make_mms
):
    campaign = make_campaign(contacts=3, as_group=True, mms=make_mms(text="Dear {{ first_name }}"))
    launch(campaign, marketer)
    client.force_login(marketer)
    text = page_of(client, campaign, "campaign")
    assert "Dear Ann 0" in text
    assert "3 people" in text
    assert "{{" not in text


@pytest.mark.parametrize(
    ("format", "sent_as"),
    [("slides", "its slides"), ("card", "a card"), ("carousel", "cards in a row")],
)
def test_the_live_page_names_what_was_sent(client, marketer, make_campaign, format, sent_as):
    campaign = make_campaign(1)
    launch(campaign, marketer)
    MmsRevision.objects.update(format=format)
    client.force_login(marketer)
    assert f", sent as {sent_as}<" in page_of(client, campaign, "campaign")


def test_who_may_not_see_people_reads_nobodys_words_on_the_live_page(
    client, approver, marketer, make_campaign, make_mms
):
    campaign = make_campaign(mms=make_mms(text="Dear {{ first_name|friend }}"))
    launch(campaign, marketer)
    client.force_login(approver)
    text = page_of(client, campaign, "campaign")
    assert "Dear friend" in text
    assert "Ann" not in text


def test_a_group_campaign_says_before_it_goes_that_people_see_each_other(
    client, marketer, make_campaign
):
    client.force_login(marketer)
    told = "now? As group messages: everybody on a list sees the numbers of the others on it."
    assert told in page_of(client, make_campaign(contacts=3, as_group=True), "campaign")
    assert told not in page_of(client, make_campaign(contacts=3), "campaign")


def test_a_draft_says_that_its_problems_keep_it_from_going(client, marketer, make_campaign):
    client.force_login(marketer)
    told = "It cannot be sent until this is mended."
    assert told in page_of(client, make_campaign(contacts=11, as_group=True), "campaign")
    assert told not in page_of(client, make_campaign(contacts=3), "campaign")


def test_a_draft_says_what_it_sends_itself(client, marketer, make_campaign):
    client.force_login(marketer)
    text = page_of(client, make_campaign(contacts=3), "campaign")
    assert "It sends the slides themselves, because" in text
    assert "A campaign would send" not in text
