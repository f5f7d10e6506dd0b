"""The heads of requests and answers, against what servers and people write."""

import http.client
import io

import pytest

from campaigns.gateways.http.heads import NotSendable, read_head, request_head


def read(text):
    return read_head(io.BufferedReader(io.BytesIO(text)))


def test_names_are_found_in_any_case_and_values_are_trimmed():
    head = read(b"Content-Length:  7 \r\nRETRY-AFTER: 3\r\n\r\nbody")
    assert head["content-length"] == head.get("Content-Length") == "7"
    assert "Retry-After" in head
    assert head.get("location") is None
    assert head.get("Location", "") == ""


def test_several_of_one_name_are_joined_and_a_long_value_goes_on():
    head = read(b"Via: a\r\nvia: b\r\nX-Long: one\r\n  two\r\n\tthree\n\n")
    assert dict(head) == {"via": "a, b", "x-long": "one two three"}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"A: b\r\n",
        b"A: b",
        b"no colon\r\n\r\n",
        b"A: " + b"x" * 70_000 + b"\r\n\r\n",
        b"A: b\r\n" * 101 + b"\r\n",
    ],
    ids=["empty", "no end", "cut", "no colon", "long", "many"],
)
def test_a_head_that_is_none_is_refused(text):
    with pytest.raises(http.client.HTTPException):
        read(text)


def test_a_request_has_its_length_and_its_host_once():
    head = request_head("POST", "/a", "h:1", {"Content-Type": "x"}, b"12345").decode()
    assert head == (
        "POST /a HTTP/1.1\r\nHost: h:1\r\nAccept-Encoding: identity\r\nContent-Type: x\r\n"
        "Content-Length: 5\r\n\r\n"
    )
    assert "Content-Length: 0\r\n" in request_head("PUT", "/", "h", {}, None).decode()
    assert "Content-Length" not in request_head("GET", "/", "h", {}, None).decode()
    assert request_head("GET", "/", "h", {"Host": "other"}, None).count(b"Host") == 1


@pytest.mark.parametrize("value", ["a\r\nB: c", "a\n", "a\rb", "ключ"])
def test_a_header_that_would_be_two_is_not_written(value):
    with pytest.raises(NotSendable):
        request_head("GET", "/", "h", {"A": value}, None)
