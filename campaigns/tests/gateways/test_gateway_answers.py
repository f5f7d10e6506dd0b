"""Answers read at once are what the patient way reads of them; what is not plain goes that way."""

import http.client
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.gateways.http.answers import CutShort, Response, Source, Whole, find_whole

OK = b"HTTP/1.1 200 OK\r\n"


class Fake:
    """A connection whose bytes come in these pieces, and then no more."""

    def __init__(self, *pieces):
        self.pieces = [piece for piece in pieces if piece]
        self.sock = self

    def allow(self, seconds):
        assert seconds > 0

    def recv(self, count):
        return self.pieces.pop(0) if self.pieces else b""


def source_of(*pieces):
    return Source(Fake(*pieces), time.monotonic() + 60)


def read_patiently(*pieces, method="POST"):
    kept = []
    response = Response(source_of(*pieces), method, kept.append)
    response.begin()
    body, is_all = response.take(1000)
    return response.status, dict(response.headers), body, is_all, *kept


def read_at_once(*pieces, method="POST"):
    whole = find_whole(source_of(*pieces), method)
    assert isinstance(whole, Whole)
    return whole.status, dict(whole.headers), *whole.take(1000), whole.is_kept


PLAIN = [
    OK + b"Content-Length: 4\r\n\r\nbody",
    OK + b"content-length:4\r\nX:  spaces  \r\nY:\r\n\r\nbody",
    OK + b"Content-Length: 0\r\n\r\n",
    OK + b"Connection: Close\r\nContent-Length: 4\r\n\r\nbody",
    OK + b"Connection: keep-alive\r\nContent-Length: 4\r\n\r\nbody",
    OK + b"Content-Length: 4\r\nContent-Encoding: gzip\r\n\r\nbody",
    b"HTTP/1.1 503 Slow down\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nbody",
    b"HTTP/1.1 404\r\nContent-Length: 4\r\n\r\nbody",
    OK + b"X: \xe9\r\nContent-Length: 4\r\n\r\nbody",
]


@pytest.mark.parametrize("number", range(len(PLAIN)))
@given(cut=st.integers(0, 80))
def test_it_reads_the_same_at_once(number, cut):
    said = PLAIN[number]
    head = said.index(b"\r\n\r\n") + 4
    pieces = said[: head + cut], said[head + cut :]
    assert read_at_once(*pieces) == read_patiently(*pieces)


NOT_PLAIN = {
    "in chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    "both": OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nb\r\n0\r\n\r\n",
    "no length": OK + b"X: y\r\n\r\nbody",
    "two lengths": OK + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
    "length is a word": OK + b"Content-Length: four\r\n\r\nbody",
    "old": b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    "folded": OK + b"X: a\r\n b\r\nContent-Length: 4\r\n\r\nbody",
    "bare line ends": OK + b"X: a\nY: b\r\nContent-Length: 4\r\n\r\nbody",
    "several": OK + b"Via: a\r\nVia: b\r\nContent-Length: 4\r\n\r\nbody",
    "nothing": b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n",
    "go on": b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN[0],
    "long": OK + b"Content-Length: 100000\r\n\r\n" + bytes(100_000),
}


@pytest.mark.parametrize("kind", NOT_PLAIN)
def test_what_is_not_plain_goes_the_patient_way_from_its_first_byte(kind):
    source = source_of(NOT_PLAIN[kind])
    assert find_whole(source, "POST") is None
    response = Response(source, "POST", lambda is_whole: None)
    response.begin()
    told = (response.status, dict(response.headers), *response.take(1000))
    assert told == read_patiently(NOT_PLAIN[kind])[:4]


def test_the_answer_to_a_head_has_no_body():
    assert find_whole(source_of(PLAIN[0]), "HEAD") is None


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-", b"hello\r\n\r\n"])
def test_half_a_head_is_none(said):
    source = source_of(said)
    assert find_whole(source, "POST") is None
    with pytest.raises(http.client.HTTPException):
        Response(source, "POST", lambda is_whole: None).begin()


def test_half_a_body_is_none():
    with pytest.raises(CutShort):
        find_whole(source_of(PLAIN[0][:-1]), "POST")


def test_more_than_an_answer_ends_the_connection():
    *told, is_kept = read_at_once(PLAIN[0] + b"HTTP/1.1 200")
    assert told[2] == b"body"
    assert not is_kept
