"""An outage whose messages leave as SMS, on the pages: set up, under way, and afterwards."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Channel, Lane, Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services import detouring
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox

HELD, AS_SMS = "Held until the channel is well", "Sent as SMS from +1 201-555-0177 by “Text line”"


@pytest.fixture
def texts(make_channel):
    channel = make_channel("Text line", kind="sinch_conversation", settings={})
    channel.senders.update(number="12015550177")
    return channel


@pytest.fixture
def channel(make_channel, texts):
    return make_channel(outage_sender=texts.senders.get())


@pytest.fixture
def moved(make_campaign, channel, marketer):
    """A campaign of four, three of which are on their way as SMS."""
    campaign = make_campaign(contacts=4, channel=channel)
    launch_campaign(campaign, by=marketer)
    now = timezone.now()
    fill_outbox(campaign.pk, now)
    since = now - timedelta(minutes=20)
    trouble = {"trouble": "No connection.", "trouble_since": since, "hold_until": now}
    Lane.objects.update_or_create(channel=channel, defaults=trouble)
    first = Message.objects.order_by("pk").first()
    Message.objects.filter(pk=first.pk).update(resend_count=1)
    detouring.detour(channel.pk, now)
    return campaign


def page_of(client, name, *args):
    return client.get(reverse(f"admin:{name}", args=args)).content.decode()


# --- Set up --------------------------------------------------------------------------------------


def post_channel(client, channel, **fields):
    form = {
        "name": channel.name,
        "base_url": channel.base_url,
        "setting_service_id": "svc",
        "requests_per_second": "10",
        "connections": "5",
        "size_limit": "1000000",
        "senders-TOTAL_FORMS": "0",
        "senders-INITIAL_FORMS": "0",
        **fields,
    }
    page = reverse("admin:campaigns_channel_change", args=[channel.pk])
    return client.post(page, form)


def test_the_form_offers_numbers_of_other_channels_that_send_sms(
    make_channel, texts, administrator, client
):
    client.force_login(administrator)
    make_channel("Second MMS line")
    html = page_of(client, "campaigns_channel_change", make_channel("Main").pk)
    assert HELD in html
    assert AS_SMS in html
    assert "Second MMS line”" not in html
    html = page_of(client, "campaigns_channel_change", texts.pk)
    assert AS_SMS not in html
    assert "once another channel here has a number that sends SMS" in html


def test_it_is_saved_and_taken_away(make_channel, texts, administrator, client):
    client.force_login(administrator)
    channel, sender = make_channel("Main"), texts.senders.get()
    for chosen, kept in ((str(sender.pk), sender.pk), ("", None)):
        assert post_channel(client, channel, outage_sender=chosen).status_code == 302
        channel.refresh_from_db()
        assert channel.outage_sender_id == kept


def test_a_paused_channel_does_not_stand_in(make_channel, texts, administrator, client):
    client.force_login(administrator)
    Channel.objects.filter(pk=texts.pk).update(paused_at=timezone.now())
    channel = make_channel("Main")
    answer = post_channel(client, channel, outage_sender=str(texts.senders.get().pk))
    assert "“Text line” is paused, so nothing would leave from there" in answer.content.decode()


def test_a_channel_that_stands_in_is_not_deleted(channel, texts, administrator, client):
    client.force_login(administrator)
    page = reverse("admin:campaigns_channel_delete", args=[texts.pk])
    html = client.post(page, {"post": "yes"}, follow=True).content.decode()
    assert "a number of it stands in for “Main” in an outage" in html
    assert Channel.objects.filter(pk=texts.pk).exists()


# --- Under way, and afterwards -------------------------------------------------------------------


def test_the_campaign_says_how_many_go_as_sms_and_why(moved, texts, marketer, client):
    client.force_login(marketer)
    html = page_of(client, "campaigns_campaign_change", moved.pk)
    assert "1 message is held." in html
    assert "Meanwhile they leave as SMS from +1 201-555-0177 by “Text line”" in html
    assert f"channel__id__exact={texts.pk}" in html
    assert ">3 of them</a> go as SMS from +1 201-555-0177 by “Text line”" in html
    Lane.objects.filter(channel=moved.channel).update(trouble="", trouble_since=None)
    Message.objects.filter(channel=texts).update(status=MessageStatus.DELIVERED_AS_SMS)
    detouring.detour(moved.channel_id, timezone.now())
    html = page_of(client, "campaigns_campaign_change", moved.pk)
    assert ">3 of them</a> left as SMS" in html
    assert "is held" not in html


def test_the_outbox_says_it_of_each(moved, texts, marketer, client):
    client.force_login(marketer)
    html = page_of(client, "campaigns_message_changelist")
    assert html.count("As SMS by “Text line”, because “Main” was out.") == 3
    message = Message.objects.filter(channel=texts).first()
    html = page_of(client, "campaigns_message_change", message.pk)
    assert "It goes as SMS instead, because “Main” was out." in html
    assert "See our offer:" in html
    assert "20 % off" not in html


@pytest.mark.parametrize("name", ["queue", "index"])
def test_queue_and_today_say_what_is_done(moved, administrator, client, name):
    client.force_login(administrator)
    html = page_of(client, name)
    assert "leaves meanwhile from +1 201-555-0177 by “Text line”: 3 so far" in html
