"""Single replies: their files, and old addresses, which lead to the thread."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import InboundMessage
from campaigns.tests.admin.thread_pages import LIST, html
from campaigns.tests.conftest import make_reply


@pytest.mark.parametrize("name", ["change", "changelist"])
def test_old_addresses_lead_to_the_thread(thread, everything, agent, sign_in, name):
    reply = everything["inboundmessage"]
    args = [reply.pk] if name == "change" else []
    url = reverse(f"admin:campaigns_inboundmessage_{name}", args=args)
    answered = sign_in(agent).get(url, {"read": "no"} if not args else {}, follow=True)
    wanted = f"{LIST}{thread.pk}/change/" if args else LIST
    assert answered.request["PATH_INFO"] == wanted
    assert f'id="{"reply-" if args else "thread-"}{reply.pk if args else thread.pk}"' in html(
        answered
    )


def test_a_reply_far_back_is_shown_where_it_stands(thread_url, thread, everything, agent, sign_in):
    first = everything["inboundmessage"]
    for number in range(40):
        make_reply(
            channel=thread.channel,
            phone=thread.phone,
            text=f"Number {number}",
            provider_id=f"more-{number}",
            received_at=timezone.now(),
        )
    client = sign_in(agent)
    assert f'id="reply-{first.pk}"' not in html(client.get(thread_url))
    url = reverse("admin:campaigns_inboundmessage_change", args=[first.pk])
    shown = html(client.get(url, follow=True))
    assert f'id="reply-{first.pk}"' in shown
    assert "This is an earlier part." in shown


def test_a_lost_file_says_why_and_how_long_it_is_still_there(
    thread_url, everything, agent, sign_in
):
    reply, client = everything["inboundmessage"], sign_in(agent)
    reason = "The provider answered 500 instead of the file."
    medium = reply.media.create(url="x", status="lost", attempts=11, reason=reason)
    again = reverse("admin:campaigns_inboundmedia_again", args=[medium.pk])
    shown = html(client.get(thread_url))
    assert reason in shown
    assert "The provider keeps it until" in shown
    assert again in shown
    client.post(again)
    medium.refresh_from_db()
    assert medium.status == "waiting"
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(days=8))
    shown = html(client.get(thread_url))
    assert "The provider has deleted it since" in shown
    assert again not in shown
