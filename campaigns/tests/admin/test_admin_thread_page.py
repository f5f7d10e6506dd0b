"""The page of a thread: what strangers wrote is shown and does no harm."""

import pytest
from django.urls import reverse

from campaigns.models import InboundMessage, OptOut, Thread
from campaigns.services.thread_changes import add_label
from campaigns.tests.admin.thread_pages import LIST, html, press

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_opening_marks_read_for_who_may(thread_url, thread, agent, sign_in):
    sign_in(agent).get(thread_url)
    thread.refresh_from_db()
    assert (thread.state, thread.unread_count) == (Thread.State.OPEN, 0)
    assert InboundMessage.objects.get().read_at


def test_looking_over_the_shoulder_does_not(thread_url, thread, approver, sign_in):
    shown = html(sign_in(approver).get(thread_url))
    thread.refresh_from_db()
    assert thread.state == Thread.State.UNREAD
    assert "reply-form" not in shown


def test_what_strangers_write_is_text_everywhere(thread_url, thread, agent, sign_in):
    InboundMessage.objects.update(text=NASTY, subject=NASTY, operator=NASTY[:60])
    add_label(thread, "<b>x</b>", by=agent)
    thread.contact.first_name = "<i>Eve</i>"
    thread.contact.save()
    client = sign_in(agent)
    for shown in (html(client.get(thread_url)), html(client.get(LIST))):
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "<b>x</b>" not in shown
        assert "<i>Eve" not in shown


def test_a_text_that_turns_the_reading_round_is_read_as_it_was_written(thread_url, agent, sign_in):
    InboundMessage.objects.update(text="Open \u202egpj.exe\u202c now")
    client = sign_in(agent)
    shown = html(client.get(thread_url))
    assert '<p class="words" dir="auto">Open gpj.exe\u202c now</p>' in shown
    assert "The signs in it that turn the reading round are left out here." in shown
    assert "\u202e" not in html(client.get(LIST))
    InboundMessage.objects.update(text="Open now")
    assert "turn the reading round" not in html(client.get(thread_url))


def test_long_text_is_folded_and_invisible_text_is_told(thread_url, agent, sign_in):
    client = sign_in(agent)
    InboundMessage.objects.update(text="word " * 2000)
    assert "words--long" in html(client.get(thread_url))
    InboundMessage.objects.update(text="\u200b\u200d \u2060")
    assert "only spaces or invisible signs" in html(client.get(thread_url))
    assert "Without words" in html(client.get(LIST))


def test_files_stay_blurred_until_asked_for(thread_url, everything, agent, sign_in):
    for mime in ("image/png", "video/mp4", "audio/mpeg"):
        everything["inboundmessage"].media.create(url="x", status="copied", mime=mime)
    everything["inboundmessage"].media.create(url="x", status="copied", mime="image/svg+xml")
    shown = html(sign_in(agent).get(thread_url))
    assert shown.count('<div class="veiled') == shown.count("data-reveal") == 4
    assert "Show the film" in shown
    assert "Show the sound" in shown


def test_a_place_leads_to_a_map_and_asks_it_for_nothing(thread_url, agent, sign_in):
    place = {"title": "Here", "latitude": 52.5163, "longitude": 13.3777, "label": ""}
    InboundMessage.objects.update(place=place)
    shown = html(sign_in(agent).get(thread_url))
    assert 'href="https://www.openstreetmap.org/?mlat=52.51630&amp;mlon=13.37770' in shown
    assert 'src="https://' not in shown


def test_the_name_of_a_place_is_told_once_and_a_network_by_its_word(thread_url, agent, sign_in):
    place = {"title": "Pike Place", "latitude": 47.6, "longitude": -122.3, "label": "85 Pike St"}
    InboundMessage.objects.update(place=place, text="Pike Place", operator="310260")
    shown = html(sign_in(agent).get(thread_url))
    assert shown.count("Pike Place") == 1
    assert "85 Pike St" in shown
    assert "No text and no files" not in shown
    assert "<bdi>network 310260</bdi>" in shown


def test_a_choice_leads_to_the_message_it_was_offered_in(thread_url, everything, agent, sign_in):
    InboundMessage.objects.update(answers=everything["message"], postback="yes-1")
    shown = html(sign_in(agent).get(thread_url))
    assert "Chosen from" in shown
    assert reverse("admin:campaigns_message_change", args=[everything["message"].pk]) in shown


def test_a_reply_that_names_its_message_leads_to_it(thread_url, everything, agent, sign_in):
    InboundMessage.objects.update(answers=everything["message"])
    shown = html(sign_in(agent).get(thread_url))
    assert "Answers <a" in shown
    assert "Chosen from" not in shown
    assert reverse("admin:campaigns_message_change", args=[everything["message"].pk]) in shown


def test_beside_it_stands_whether_they_may_be_written_to(thread_url, thread, agent, sign_in):
    client = sign_in(agent)
    assert "You can write to them." in html(client.get(thread_url))
    press(client, thread, "opt_out")
    shown = html(client.get(thread_url))
    assert OptOut.objects.get(phone=thread.phone).by == agent
    assert "reply-barrier" in shown
    assert 'id="id_text"' not in shown
    assert "by replying “Love it &lt;b&gt;very&lt;/b&gt; much”, as agent entered." in shown
    assert "No contact has this number" not in shown


def test_who_is_no_contact_can_be_added(thread_url, thread, marketer, sign_in):
    thread.contact.delete()
    assert f"contact/add/?phone=%2B{thread.phone}" in html(sign_in(marketer).get(thread_url))


@pytest.mark.parametrize("part", ["earlier/?before=x", "news/?after=x", "state/1/", "state/999/"])
def test_the_parts_of_a_thread_are_for_who_may_see_it(thread, everything, approver, sign_in, part):
    url = f"{LIST}{thread.pk}/{part}"
    assert sign_in(approver).get(url).status_code in (200, 204, 286)
    assert sign_in(everything["user"]).get(url).status_code == 302


def test_a_thread_that_is_gone_leads_back(agent, sign_in):
    assert sign_in(agent).get(f"{LIST}999/change/").status_code == 302
    assert sign_in(agent).get(f"{LIST}999/news/").status_code == 404
