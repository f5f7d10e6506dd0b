"""Two people at one conversation at the same moment: one is told, or one reply goes out."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import Message
from campaigns.services.replies import REPLY, RepliedMeanwhile, Wording, send_reply
from campaigns.tests.conftest import make_reply

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer"),
]


@pytest.fixture
def together(make_channel):
    """Everybody presses at once; what came of each."""
    thread = make_reply(
        channel=make_channel(), phone="12015550123", provider_id="1", received_at=timezone.now()
    ).thread

    def together(*presses):
        start = Barrier(len(presses))

        def press(by, token):
            start.wait(10)
            try:
                return send_reply(
                    thread, Wording("Yes"), token=token, seen=0, by=by, now=timezone.now()
                ).pk
            except RepliedMeanwhile:
                return "told"
            finally:
                connection.close()

        with ThreadPoolExecutor(len(presses)) as pool:
            return list(pool.map(lambda each: press(*each), presses))

    return together


def test_of_two_agents_one_sends_and_the_other_is_told(together, agent, marketer):
    came = together((agent, "a" * 16), (marketer, "b" * 16))
    assert came.count("told") == 1
    assert Message.objects.filter(purpose=REPLY).count() == 1


def test_a_double_click_that_arrives_at_once_is_one_reply(together, agent):
    first, second, third = together(*[(agent, "a" * 16)] * 3)
    assert first == second == third
    assert Message.objects.filter(purpose=REPLY).count() == 1
