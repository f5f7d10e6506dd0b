"""An app of the Conversation API is sent so many callbacks a second; the others are not held up."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.sandbox.models import Api, Postback, PostbackState
from campaigns.sandbox.taking import Turns

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
NOW = datetime(2026, 4, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def make_due(app):
    def make(count, **fields):
        known = {"api": Api.CONVERSATION, "app": app, "code": "DELIVERED", "due_at": NOW - SECOND}
        rows = [Postback(url="u", body={}, **known | fields) for _ in range(count)]
        return Postback.objects.bulk_create(rows)

    return make


def take(turns, now=NOW):
    """Take what may go out, and have it delivered; answers how many."""
    taken = turns.take(now, 400)
    Postback.objects.filter(pk__in=[row.pk for row in taken]).update(state=PostbackState.DELIVERED)
    return len(taken)


def test_an_app_is_sent_its_rate_within_any_second(make_due):
    make_due(60)
    turns = Turns()
    times = (0, 0.5, 0.99, 1, 1.5, 2)
    assert [take(turns, NOW + second * SECOND) for second in times] == [25, 0, 0, 25, 0, 10]


def test_the_rate_is_that_of_the_project(make_due, app, settings):
    app.project.webhook_rate = 2
    app.project.save()
    make_due(10)
    assert take(Turns()) == 2
    settings.SANDBOX_SPEED = 2
    assert take(Turns()) == 4


def test_retries_count_and_the_oldest_goes_first(make_due):
    make_due(30)
    (oldest,) = make_due(1, due_at=NOW - 5 * SECOND, state=PostbackState.RETRYING)
    taken = Turns().take(NOW, 400)
    assert (len(taken), taken[0]) == (25, oldest)


def test_a_long_queue_of_an_app_holds_up_nobody_else(make_due):
    make_due(500, due_at=NOW - 9 * SECOND)
    make_due(3, app=None, api=Api.SMS)
    turns = Turns()
    assert take(turns) == 28
    make_due(1, app=None, api=Api.MMS)
    assert take(turns) == 1


def test_what_is_on_its_way_is_not_taken_again(make_due):
    rows = make_due(30)
    flying = {row.pk for row in rows[:4]}
    taken = Turns().take(NOW, 400, flying)
    assert len(taken) == 25
    assert not flying & {row.pk for row in taken}


def test_callbacks_of_a_deleted_app_still_go_out(make_due, app):
    make_due(30)
    app.delete()
    assert take(Turns()) == 30


def test_every_callback_of_an_app_names_it(ask, app, make_order):
    ask("POST", "messages:send", make_order())
    assert {row.app for row in Postback.objects.all()} == {app}


def test_the_app_tells_its_rate(ask, app):
    app.project.webhook_rate = 100
    app.project.save()
    assert ask("GET", f"apps/{app.app_id}").json()["rate_limits"]["webhooks"] == 100
