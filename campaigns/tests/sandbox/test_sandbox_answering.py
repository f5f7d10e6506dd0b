"""An answer can be lost on its way, as in reality."""

import socket

import pytest

from campaigns.sandbox.answering import give_answer, silence_seconds
from campaigns.sandbox.stories import Answer


def test_a_connection_is_closed_without_an_answer(rf):
    ours, theirs = socket.socketpair()
    theirs.settimeout(1)
    with ours, theirs:
        request = rf.post("/ep/v2/", **{"gunicorn.socket": ours})
        give_answer(request, {"status": "success"}, Answer.RESET)
        assert theirs.recv(100) == b""


@pytest.mark.parametrize(("speed", "seconds"), [(1, 65), (5, 13), (1000, 3)])
def test_silence_outlasts_a_client_and_shrinks_with_the_clock(speed, seconds):
    assert silence_seconds(speed) == seconds
