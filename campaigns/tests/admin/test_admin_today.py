"""Today: first steps, what goes out, what needs somebody; every number leads to its rows."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Channel, Lane, Message, WebhookPost
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.lights import find_light
from campaigns.services.reports import (
    IN_DOUBT,
    IN_TROUBLE,
    PARTS,
    campaigns_going_out,
    count_needs,
    split_bar,
    sum_week,
    take_reading,
)

S = MessageStatus


@pytest.fixture(autouse=True)
def _no_old_numbers():
    cache.clear()


@pytest.fixture
def running(everything):
    """A campaign on its way with three messages: delivered, failed, waiting."""
    campaign, message = everything["campaign"], everything["message"]
    Campaign.objects.filter(pk=campaign.pk).update(
        status=CampaignStatus.SENDING, launched_at=timezone.now(), filled_at=timezone.now()
    )
    for number, status in enumerate((S.DELIVERED, S.QUEUED)):
        message.pk, message.reference = None, f"r-{number}"
        message.phone, message.status = f"1201555018{number}", status
        message.save()
    return campaign


def today(client):
    return client.get(reverse("admin:index")).content.decode()


def test_a_new_portal_shows_the_first_steps(administrator, sign_in):
    html = today(sign_in(administrator))
    assert "From here to your first campaign" in html
    assert html.count("step--done") == 0
    assert reverse("admin:campaigns_channel_add") in html


def test_steps_that_are_done_are_ticked(make_channel, make_contacts, marketer, sign_in):
    make_channel()
    make_contacts(1)
    assert today(sign_in(marketer)).count("step--done") == 2


def test_the_first_steps_go_away_after_the_first_launch(running, marketer, sign_in):
    assert "From here to your first campaign" not in today(sign_in(marketer))


def test_a_running_campaign_is_shown_with_its_bar_and_a_pause_button(running, marketer, sign_in):
    html = today(sign_in(marketer))
    assert "2 of 3" in html
    assert reverse("admin:campaigns_campaign_pause", args=[running.pk]) in html
    assert 'hx-trigger="every 3s"' in html


def test_who_may_not_pause_sees_no_button(running, agent, sign_in):
    assert reverse("admin:campaigns_campaign_pause", args=[running.pk]) not in today(sign_in(agent))


def test_every_number_leads_to_its_rows(running, administrator, sign_in):
    client = sign_in(administrator)
    html = today(client)
    links = re.findall(r'href="([^"]*message/\?[^"]*)">(?:\D*)([\d,]+)', html)
    assert len(links) > 5
    for url, count in links:
        answer = client.get(url.replace("&amp;", "&"))
        assert answer.context["cl"].result_count == int(count.replace(",", "")), url


def test_what_needs_somebody_is_counted(everything):
    Message.objects.update(status=S.UNKNOWN)
    needs = count_needs()
    assert (needs.unread_replies, needs.in_doubt) == (1, 1)
    assert (needs.failed_templates, needs.unreadable_posts) == (0, 0)


def test_a_paused_channel_needs_somebody_and_holds_its_campaigns(running, marketer, sign_in):
    running.channel.paused_at, running.channel.paused_reason = timezone.now(), "The key is wrong."
    running.channel.save()
    html = today(sign_in(marketer))
    assert f"Channel “{running.channel}” is paused" in html
    assert "The key is wrong." in html
    assert "Channel paused" in html


def test_the_cards_of_one_answer_agree_and_a_new_campaign_is_counted_at_once(
    running, make_campaign
):
    now = timezone.now()
    first = take_reading(now)
    Message.objects.update(status=S.DELIVERED)
    later = take_reading(now)
    (going,) = campaigns_going_out(later)
    assert [part.count for part in going.parts] == [part.count for part in sum_week(later)]
    assert later.counts == first.counts
    make_campaign(status=CampaignStatus.SENDING, launched_at=now)
    assert take_reading(now).counts[running.pk] == {S.DELIVERED: 3}


def test_a_part_names_every_state_it_counts():
    for word, _, statuses in PARTS:
        if word != "Delivered":
            assert {status.label.lower() for status in statuses} == set(word.lower().split(" or "))


def test_the_live_part_comes_alone(running, marketer, sign_in):
    html = sign_in(marketer).get(reverse("admin:today_live")).content.decode()
    assert "Going out now" in html
    assert "<html" not in html


def test_today_asks_few_questions(running, marketer, sign_in, django_assert_max_num_queries):
    client = sign_in(marketer)
    with django_assert_max_num_queries(26):
        client.get(reverse("admin:index"))


def test_the_parts_of_the_bar_hold_every_state_once():
    parts = split_bar(dict.fromkeys(MessageStatus, 1))
    assert sum(part.count for part in parts) == len(MessageStatus)
    assert parts[-1].start + parts[-1].width == pytest.approx(1000, abs=0.1)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"paused_at": True, "test_problem": "No"}, "Paused"),
        ({"tested_at": True, "test_problem": "No"}, "Test failed"),
        ({}, "Not tested"),
        ({"tested_at": True, "test_problem": f"{Channel.IN_PART}No SMS."}, "Works in part"),
        ({"tested_at": True}, "No callback yet"),
        ({"tested_at": True, "last_hook_at": True}, "Well"),
    ],
)
def test_a_channel_shows_the_worst_there_is_to_say(fields, word):
    now = timezone.now()
    values = {name: now if value is True else value for name, value in fields.items()}
    assert find_light(Channel(name="Main", **values)).word == word


def test_a_slowed_channel_says_why(make_channel):
    now = timezone.now() - timedelta(minutes=1)
    channel = make_channel(tested_at=now, last_hook_at=now)
    Lane.objects.create(channel=channel, factor=0.5, trouble="The provider asked us to slow down.")
    light = find_light(Channel.objects.get())
    assert (light.tone, light.detail) == ("warn", "The provider asked us to slow down.")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL sees into parameters.")
@pytest.mark.parametrize(
    ("model", "condition", "index"),
    [(Message, IN_DOUBT, "message_in_doubt"), (WebhookPost, IN_TROUBLE, "post_in_trouble")],
)
def test_what_needs_somebody_is_found_without_walking_the_table(db, model, condition, index):
    rows = model.objects.filter(condition).order_by()[:10]
    assert index in rows.explain()
