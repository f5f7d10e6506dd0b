"""What is forgotten of requests and callbacks after a while, and what is not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import GatewayCall, MessageEvent, WebhookPost
from campaigns.services import journal
from campaigns.services.journal import prune_journal

NOW = timezone.now()
DONE, NEW, WAITING = (WebhookPost.Status[name] for name in ("DONE", "NEW", "WAITING"))


@pytest.fixture
def make_posts(make_channel):
    channel = make_channel()

    def make(*days, status=DONE):
        """One per age."""
        rows = [
            WebhookPost(
                channel=channel, body=b"{}", received_at=NOW - timedelta(days=age), status=status
            )
            for age in days
        ]
        return [post.pk for post in WebhookPost.objects.bulk_create(rows)]

    return make


def kept_posts():
    return list(WebhookPost.objects.order_by("pk").values_list("pk", flat=True))


def test_read_callbacks_go_after_so_many_days(make_posts):
    *_, kept = make_posts(40, 31, 29)
    assert prune_journal(30, NOW) == {"requests": 0, "callbacks": 2}
    assert kept_posts() == [kept]


@pytest.mark.parametrize("status", [NEW, WAITING])
def test_what_nobody_read_stays_and_hides_nothing(make_posts, status):
    unread = make_posts(50, 45, status=status)
    make_posts(40, 35)
    assert prune_journal(30, NOW)["callbacks"] == 2
    assert kept_posts() == unread


def test_requests_go_too(make_channel):
    ages = (31, 29)
    GatewayCall.objects.bulk_create(
        GatewayCall(
            channel=make_channel(f"Channel {age}"),
            action="sendmms",
            milliseconds=1,
            at=NOW - timedelta(days=age),
        )
        for age in ages
    )
    assert prune_journal(30, NOW) == {"requests": 1, "callbacks": 0}
    assert GatewayCall.objects.get().at == NOW - timedelta(days=29)


def test_reports_stay_without_their_callback(make_posts, launch):
    (post,) = make_posts(31)
    message = launch(1).messages.get()
    event = MessageEvent.objects.create(
        message=message, key="k", code="N102", received_at=NOW, post_id=post
    )
    prune_journal(30, NOW)
    event.refresh_from_db()
    assert event.post_id is None


def test_the_young_are_not_looked_through(make_posts, monkeypatch):
    """However many: it stops at a chunk in which all are young."""
    monkeypatch.setattr(journal, "PRUNE_CHUNK", 2)
    make_posts(40, 40, 40, *[1] * 9)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert prune_journal(30, NOW)["callbacks"] == 3
    looks = [
        q["sql"] for q in queries if q["sql"].startswith("SELECT") and "received_at" in q["sql"]
    ]
    assert len(looks) == 3
