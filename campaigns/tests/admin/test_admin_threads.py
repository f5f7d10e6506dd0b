"""The inbox as a list: what it shows, and threads changed one by one or several at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Thread
from campaigns.tests.admin.thread_pages import LIST, answer, html, press
from campaigns.tests.conftest import make_reply


def test_the_list_says_who_wrote_what_and_masks_the_number(thread, agent, sign_in):
    shown = html(sign_in(agent).get(LIST))
    assert "Ann 0" in shown
    assert "Love it &lt;b&gt;very&lt;/b&gt; much" in shown
    assert thread.phone not in shown


def test_an_empty_inbox_says_what_comes_here(agent, sign_in):
    assert "No replies yet." in html(sign_in(agent).get(LIST))


def test_when_all_is_done_the_list_says_so(thread, agent, sign_in):
    client = sign_in(agent)
    press(client, thread, "done")
    assert "Everything is done." in html(client.get(LIST))
    assert "Nothing matches." in html(client.get(LIST, {"q": "xyzzy"}))


@pytest.mark.parametrize(
    "query", ["view=x", "label=x&channel=-1", "before=x", "q=%00", "label=99999999999999999999"]
)
def test_an_address_that_says_nonsense_is_no_error(thread, agent, sign_in, query):
    assert sign_in(agent).get(f"{LIST}?{query}").status_code == 200


def test_fifty_stand_on_a_page_and_the_next_keeps_the_filter(channel_with_60, agent, sign_in):
    client = sign_in(agent)
    first = client.get(LIST, {"view": "unread"})
    assert len(first.context["lines"]) == 50
    second = client.get(f"{LIST}{first.context['older']}")
    assert len(second.context["lines"]) == 10
    assert second.context["wanted"].view == "unread"
    assert second.context["newest"] == "?view=unread"


@pytest.fixture
def channel_with_60(make_channel):
    channel = make_channel()
    for number in range(60):
        make_reply(
            channel=channel,
            phone=f"120155501{number:02}",
            provider_id=str(number),
            received_at=timezone.now() - timedelta(minutes=number),
        )
    return channel


def test_a_full_page_asks_as_few_questions_as_a_short_one(
    channel_with_60, agent, sign_in, django_assert_max_num_queries
):
    client = sign_in(agent)
    with django_assert_max_num_queries(22):
        client.get(LIST)


def test_ticked_ones_are_changed_together(channel_with_60, agent, sign_in):
    ids = list(Thread.objects.values_list("pk", flat=True)[:3])
    form = {"do": "label", "label": "Late", "thread": ids, "here": f"{LIST}?view=unread"}
    answered = sign_in(agent).post(f"{LIST}many/", form)
    assert answered.url == f"{LIST}?view=unread"
    assert Thread.objects.filter(labels__name="Late").count() == 3


def test_the_way_back_leads_nowhere_else(thread, agent, sign_in):
    form = {"do": "done", "thread": thread.pk, "here": "https://evil.example/"}
    assert sign_in(agent).post(f"{LIST}many/", form).url == LIST


@pytest.mark.parametrize("do", ["read", "unread", "done", "mine", "assign", "label", "nonsense"])
def test_who_only_looks_changes_nothing(thread, approver, sign_in, do):
    client = sign_in(approver)
    assert client.post(f"{LIST}many/", {"do": do, "thread": thread.pk}).status_code == 403
    assert press(client, thread, do).status_code == 403
    assert answer(client, thread).status_code == 403
    assert press(client, thread, "opt_out").status_code == 403


def test_a_thread_is_handed_over_labelled_and_finished(thread, agent, marketer, sign_in):
    client = sign_in(agent)
    press(client, thread, "assign", agent=marketer.pk)
    press(client, thread, "label", label="Late")
    thread.refresh_from_db()
    assert thread.assigned_to == marketer
    label = thread.labels.get()
    press(client, thread, f"unlabel-{label.pk}")
    press(client, thread, "mine")
    assert press(client, thread, "done").url == f"{LIST}#thread-{thread.pk}"
    thread.refresh_from_db()
    assert (thread.assigned_to, thread.state, thread.labels.count()) == (
        agent,
        Thread.State.DONE,
        0,
    )


@pytest.mark.parametrize("form", [{"agent": "999"}, {"agent": "x"}])
def test_nobody_unknown_is_given_a_thread(thread, agent, sign_in, form):
    client = sign_in(agent)
    press(client, thread, "assign", **form)
    thread.refresh_from_db()
    assert thread.assigned_to is None
    assert "Choose somebody of the list" in html(client.get(LIST))
