"""Replies to judge: the most urgent first, with what made them doubtful, and two buttons."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import OptOut, OptOutReview
from campaigns.services.heeding import heed_reply
from campaigns.tests.conftest import make_reply

LIST = "admin:campaigns_optoutreview_changelist"
DECIDE = "admin:campaigns_optoutreview_decide"


@pytest.fixture
def review(make_channel):
    channel = make_channel()

    def review(said, phone="12015550155"):
        reply = make_reply(
            channel=channel,
            phone=phone,
            to="12015550100",
            text=said,
            provider_id=f"mo-{phone}",
            received_at=timezone.now(),
        )
        heed_reply(reply, said, timezone.now())
        return OptOutReview.objects.get(reply=reply)

    return review


def test_a_card_shows_what_was_said_and_which_words_are_doubtful(review, agent, sign_in):
    review("We <b>must</b> STOP it")
    page = sign_in(agent).get(reverse(LIST)).content.decode()
    assert "We &lt;b&gt;must&lt;/b&gt; <mark>STOP</mark> it" in page
    assert "10 business days left" in page
    assert "12015550155" not in page


def test_what_is_overdue_is_red_and_first(review, agent, sign_in):
    review("lawyer", "12015550156")
    late = review("this is spam")
    late.due_on = timezone.localdate() - timedelta(days=1)
    late.save()
    page = sign_in(agent).get(reverse(LIST))
    assert page.context["cards"][0].review == late
    assert 'pill--bad">Overdue since' in page.content.decode()


@pytest.mark.parametrize(("decision", "count"), [("opted_out", 1), ("not_one", 0)])
def test_a_button_decides(decision, count, review, agent, sign_in):
    row = review("lawyer")
    answer = sign_in(agent).post(
        reverse(DECIDE, args=[row.pk]), {"decision": decision}, follow=True
    )
    assert OptOut.objects.count() == count
    row.refresh_from_db()
    assert (row.decision, row.decided_by) == (decision, agent)
    assert "Nothing to judge" in answer.content.decode()


def test_two_people_judging_the_same_are_told(review, agent, sign_in):
    row, client = review("lawyer"), sign_in(agent)
    url = reverse(DECIDE, args=[row.pk])
    client.post(url, {"decision": "opted_out"})
    answer = client.post(url, {"decision": "not_one"}, follow=True)
    assert "judged this reply already" in answer.content.decode()
    assert OptOut.objects.exists()


def test_who_may_only_look_at_opt_outs_does_not_judge(review, approver, sign_in):
    row = review("lawyer")
    client = sign_in(approver)
    assert client.post(reverse(DECIDE, args=[row.pk]), {"decision": "not_one"}).status_code == 403
    assert client.get(reverse(LIST)).status_code == 403


def test_nothing_is_decided_by_following_a_link(review, agent, sign_in):
    assert sign_in(agent).get(reverse(DECIDE, args=[review("lawyer").pk])).status_code == 403


def test_navigation_and_today_count_what_waits(review, agent, sign_in):
    row = review("lawyer")
    row.due_on = timezone.localdate() - timedelta(days=1)
    row.save()
    page = sign_in(agent).get(reverse("admin:index"))
    words = " ".join(page.content.decode().split())
    assert "<strong>1</strong> reply to judge" in words
    assert "1 overdue" in words
    items = [item for _, group in page.context["navigation"] for item in group]
    assert [item.badge for item in items if item.word == "To judge"] == ["1"]


def test_the_thread_of_the_reply_says_what_it_did(review, agent, sign_in):
    row = review("lawyer")
    url = reverse("admin:campaigns_inboundmessage_change", args=[row.reply_id])
    page = sign_in(agent).get(url, follow=True).content.decode()
    assert "Maybe an opt-out" in page
    assert "Judge it" in page
    assert reverse("admin:campaigns_optoutreview_change", args=[row.pk]) in page


@pytest.mark.parametrize("pk", ["abc", "²", "9" * 19, "9" * 4_301])
def test_an_address_without_a_review_leads_home(pk, agent, sign_in):
    url = reverse("admin:campaigns_optoutreview_change", args=[pk])
    assert sign_in(agent).get(url).status_code == 302


def test_the_page_says_where_its_keys_work(review, agent, sign_in):
    review("lawyer")
    words = sign_in(agent).get(reverse(LIST)).content.decode()
    assert "choose a reply; there <kbd>O</kbd> opts out" in words
