"""The wire against servers that misbehave: what was surely not sent, and what is in doubt."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from campaigns.gateways.errors import Misconfigured, OutcomeUnknown, Unreachable
from campaigns.gateways.http import Wire, connections
from campaigns.gateways.http.wire import ANSWER_LIMIT
from campaigns.tests.gateways.servers import (
    always,
    answer,
    drip,
    make_certificate,
    serving,
    then_close,
)

HEADERS = {"x-api-key": "key", "Content-Type": "application/json"}


@pytest.fixture
def wire():
    wire = Wire(connections=2, connect_timeout=2, read_timeout=2)
    yield wire
    wire.close()


def post(wire, server, scheme="http", host="127.0.0.1"):
    return wire.post(f"{scheme}://{host}:{server.port}/ep/v2/", HEADERS, b'{"a":1}')


# --- What goes out -----------------------------------------------------------------------------


def test_a_request_is_sent_as_it_was_given(wire):
    with serving(always(answer())) as server:
        assert post(wire, server).body == b"ok"
        wire.close()
    request = server.requests[0]
    assert request.startswith(b"POST /ep/v2/ HTTP/1.1\r\n")
    assert request.endswith(b'\r\n\r\n{"a":1}')
    head = request.lower()
    assert b"accept-encoding: identity\r\n" in head
    assert b"x-api-key: key\r\n" in head
    assert head.count(b"content-length: 7\r\n") == 1


def test_nothing_is_taken_from_the_environment(wire, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving(always(answer())) as server:
        assert post(wire, server).status == 200
        wire.close()
    assert b"authorization" not in server.requests[0].lower()


def test_a_redirect_is_not_followed(wire):
    with serving(always(answer(b"", "302 Found", "Location: /elsewhere"))) as server:
        assert post(wire, server).status == 302
        wire.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", ["key\r\nX-Other: 1", "key\n", "schlüssel", "ключ"])
def test_a_header_that_cannot_be_written_is_a_wrong_setting(wire, value):
    """Latin letters are sent as they are: no server misreads them as another header."""
    with serving(always(answer())) as server:
        url = f"http://127.0.0.1:{server.port}/"
        if value.isprintable() and value.encode("latin-1", "ignore").decode("latin-1") == value:
            assert wire.post(url, {"x-api-key": value}, b"").status == 200
        else:
            with pytest.raises(Misconfigured, match="line break or a sign"):
                wire.post(url, {"x-api-key": value}, b"")
            assert server.hits == 0
        wire.close()


def test_an_address_with_other_letters_is_written_as_the_web_does(wire):
    with serving(always(answer())) as server:
        wire.request("GET", f"http://127.0.0.1:{server.port}/a b/ü%20?q=ß", {})
        wire.close()
    assert server.requests[0].startswith(b"GET /a%20b/%C3%BC%20?q=%C3%9F HTTP/1.1\r\n")


# --- What comes back ---------------------------------------------------------------------------


def test_an_error_page_is_an_answer(wire):
    with serving(always(answer(b"<html>", "500 Oops", "Content-Type: text/html"))) as server:
        found = post(wire, server)
        wire.close()
    assert (found.status, found.body) == (500, b"<html>")


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("1" * 30, None)]
)
def test_a_pause_that_is_asked_for_is_told(wire, value, seconds):
    with serving(always(answer(b"", "429 Slow", f"Retry-After: {value}"))) as server:
        assert post(wire, server).retry_after == seconds
        wire.close()


def test_a_body_in_chunks_is_read(wire):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(always(head, b"2\r\nok\r\n", b"0\r\n\r\n")) as server:
        assert [post(wire, server).body for _ in range(2)] == [b"ok", b"ok"]
        wire.close()
    assert server.hits == 1


def test_a_body_that_ends_with_the_connection_is_read(wire):
    with serving(then_close(b"HTTP/1.1 200 OK\r\n\r\nok")) as server:
        assert [post(wire, server).body for _ in range(2)] == [b"ok", b"ok"]
    assert server.hits == 2


@pytest.mark.parametrize("size", [0, 1, ANSWER_LIMIT])
def test_an_answer_up_to_the_limit_is_read_and_its_connection_kept(wire, size):
    with serving(always(answer(b"x" * size))) as server:
        assert [len(post(wire, server).body) for _ in range(3)] == [size] * 3
        wire.close()
    assert server.hits == 1


# --- Surely not sent ---------------------------------------------------------------------------


def test_a_refused_connection_sent_nothing(wire):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match="No connection"):
        wire.post(f"http://127.0.0.1:{port}/", HEADERS, b"{}")


def test_a_host_without_an_address_sent_nothing(wire):
    with pytest.raises(Unreachable, match="not found"):
        wire.post("http://a..b/", HEADERS, b"{}")


def test_a_stranger_instead_of_tls_sent_nothing(wire):
    def mail(connection, server):
        connection.sendall(b"220 mail.example.org ESMTP\r\n")
        connection.recv(65536)

    with serving(mail) as server, pytest.raises(Unreachable, match="TLS"):
        post(wire, server, "https")
    assert server.requests == []


def test_a_handshake_that_never_comes_sent_nothing():
    with (
        serving(lambda connection, server: server.stopping.wait(10)) as server,
        pytest.raises(Unreachable),
    ):
        post(Wire(connect_timeout=0.2), server, "https")


def test_an_untrusted_certificate_sent_nothing(wire, tmp_path):
    certificate = make_certificate(tmp_path / "own.pem", "localhost")
    with (
        serving(always(answer()), certificate) as server,
        pytest.raises(Unreachable, match="certificate"),
    ):
        post(wire, server, "https", "localhost")
    assert server.requests == []


def test_a_certificate_of_another_name_sent_nothing(tmp_path):
    certificate = make_certificate(tmp_path / "own.pem", "other.example.org")
    with (
        serving(always(answer()), certificate) as server,
        pytest.raises(Unreachable, match="certificate"),
    ):
        post(Wire(verify=certificate), server, "https", "localhost")
    assert server.requests == []


def test_an_own_authority_is_trusted_when_named(tmp_path):
    certificate = make_certificate(tmp_path / "own.pem", "localhost")
    wire = Wire(verify=certificate)
    with serving(always(answer()), certificate) as server:
        assert [post(wire, server, "https", "localhost").body for _ in range(2)] == [b"ok"] * 2
        wire.close()
    assert server.hits == 1


@pytest.mark.parametrize(
    "url", ["", "api.example.org", "ftp://x/", "http://[::1", "http:///x", "http://x:99999/"]
)
def test_an_address_that_is_none_is_a_wrong_setting(wire, url):
    with pytest.raises(Misconfigured, match="base URL"):
        wire.post(url, HEADERS, b"{}")


# --- In doubt ----------------------------------------------------------------------------------

CUT = {
    "no answer": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok",
    "no body": b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n",
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok",
    "no last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
    "not a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok",
    "not HTTP": b"hello\r\n\r\n",
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500 + b"\r\n",
    "a long header": b"HTTP/1.1 200 OK\r\na: " + b"b" * 70_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("said", CUT.values(), ids=CUT)
def test_an_answer_that_is_cut_is_in_doubt(wire, said):
    with serving(then_close(said)) as server, pytest.raises(OutcomeUnknown, match="broke"):
        post(wire, server)
    assert len(server.requests) == 1


def test_a_reset_is_in_doubt(wire):
    def reset(connection, server):
        server.take(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with serving(reset) as server, pytest.raises(OutcomeUnknown):
        post(wire, server)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "said",
    [
        [b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 60],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"x" * 500],
        [b"HTTP/1.1 100 Continue\r\n\r\n" * 50],
    ],
    ids=["head", "body", "continue"],
)
def test_a_dripping_answer_is_cut_at_the_deadline(said):
    started = time.monotonic()
    with serving(drip(*said)) as server, pytest.raises(OutcomeUnknown, match="in time"):
        post(Wire(read_timeout=0.3), server)
    assert time.monotonic() - started < 2


def test_an_answer_that_stops_in_the_middle_is_left_at_the_same_deadline():
    def stop_late(connection, server):
        server.take(connection)
        server.stopping.wait(0.8)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        server.stopping.wait(5)

    started = time.monotonic()
    with serving(stop_late) as server:
        with pytest.raises(OutcomeUnknown, match="in time"):
            post(Wire(read_timeout=1), server)
        assert time.monotonic() - started < 1.6


@pytest.mark.parametrize("head", [b"", b"Content-Length: 9000000\r\n"])
def test_a_huge_answer_is_left_unread(wire, head):
    said = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", b"x" * 9_000_000
    with serving(then_close(*said)) as server, pytest.raises(OutcomeUnknown, match="too long"):
        post(wire, server)


def test_after_trouble_the_next_request_has_a_new_connection(wire):
    stories = iter([then_close(CUT["half a body"]), always(answer())])
    with serving(lambda connection, server: next(stories)(connection, server)) as server:
        with pytest.raises(OutcomeUnknown):
            post(wire, server)
        assert post(wire, server).body == b"ok"
        wire.close()


# --- Kept connections --------------------------------------------------------------------------


def test_a_connection_the_server_closed_while_idle_is_not_used():
    def once(connection, server):
        server.take(connection)
        connection.sendall(answer())
        connection.shutdown(socket.SHUT_RDWR)
        server.told.set()

    wire = Wire()
    with serving(once) as server:
        for _ in range(3):
            assert post(wire, server).body == b"ok"
            assert server.told.wait(5)
            server.told.clear()
        wire.close()
    assert server.hits == 3


def test_a_connection_that_was_idle_for_long_is_not_used(wire, monkeypatch):
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0)
    with serving(always(answer())) as server:
        assert [post(wire, server).body for _ in range(2)] == [b"ok"] * 2
        wire.close()
    assert server.hits == 2


def test_many_threads_share_the_connections():
    wire = Wire(connections=3)
    barrier = threading.Barrier(8)

    def twenty(_):
        barrier.wait(10)
        return [post(wire, server).body for _ in range(20)]

    with serving(always(answer())) as server:
        with ThreadPoolExecutor(8) as threads:
            bodies = [body for found in threads.map(twenty, range(8)) for body in found]
        wire.close()
    assert bodies == [b"ok"] * 160
    assert server.hits <= 3


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000])
def test_trouble_leaves_no_connection_missing(said):
    wire = Wire(connections=1, read_timeout=2)
    with serving(then_close(said)) as server:
        for _ in range(5):
            with pytest.raises(OutcomeUnknown):
                post(wire, server)
    assert server.hits == 5


def test_a_wire_that_is_forgotten_leaves_no_connection_open():
    def until_it_ends(connection, server):
        server.take(connection)
        connection.sendall(answer())
        if connection.recv(1) == b"":
            server.told.set()

    with serving(until_it_ends) as server:
        wire = Wire()
        assert post(wire, server).status == 200
        del wire
        assert server.told.wait(5)
