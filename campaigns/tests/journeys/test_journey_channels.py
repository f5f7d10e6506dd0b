"""A channel whose provider does not play along: people are told, and nobody is lost."""

import socket

import pytest
from running import wait_for
from visitor import find

from campaigns.rules.statuses import MessageStatus

pytestmark = pytest.mark.journey
STOPPED = MessageStatus.CANCELLED.label


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("/ep/v2/", "does not know this API key"),
        ("/nothing/here/", "The base URL is wrong: nothing answers there"),
        ("/traffic/", "The provider denies access"),
    ],
)
def test_a_connection_that_fails_is_told_in_a_sentence(visitor, ending, words):
    assert words in try_connection(visitor, f"{visitor.portal.sandbox}{ending}")


def test_a_server_that_is_away_is_told_in_a_sentence(visitor):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, but it never listens
        told = try_connection(visitor, f"http://127.0.0.1:{nobody.getsockname()[1]}/")
    assert "No connection to the provider" in told


def try_connection(visitor, base_url: str) -> str:
    name = f"To {base_url}"
    page = visitor.add_channel(name, base_url=base_url, key="no key", sender="12015550198", rate=1)
    return find(r'<li class="error">([^<]+)<', visitor.press(page, "../test"))


def test_an_account_in_arrears_pauses_the_channel_and_nobody_is_lost(visitor, sender):
    page = visitor.launch("Not paid", ["12135550185"], sender=sender)
    live = f"{page}../live/"
    wait_for("the channel to pause", lambda: "billing problem" in visitor.read(live))
    assert visitor.counts(page) == {"Waiting": 1}
    channel = find(r'<a href="/([^"]+)">Look at the channel', visitor.read(live))
    visitor.press(page, "../stop")
    wait_for("it to be stopped", lambda: visitor.counts(page) == {STOPPED: 1})
    assert "sends again" in visitor.press(channel, "../resume")
