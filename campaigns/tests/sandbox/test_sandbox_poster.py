"""Callbacks are posted when due, tried again after five minutes, and lost after five retries."""

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import DatabaseError

from campaigns.sandbox import poster
from campaigns.sandbox.models import Api, Postback, PostbackState
from campaigns.sandbox.signing import sign

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
NOW = datetime(2026, 4, 24, 12, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def postback(db):
    return Postback.objects.create(
        url="http://127.0.0.1:9/", body={"code": "N101"}, code="N101", due_at=NOW
    )


def due(url, body=None):
    return Postback(url=url, body=body or {}, code="N101", due_at=NOW)


def answers(word):
    return lambda postback: word


def test_what_is_not_due_waits(postback):
    assert poster.post_due(NOW - timedelta(seconds=1), answers("200")) == 0


def test_a_200_delivers(postback):
    assert poster.post_due(NOW, answers("200")) == 1
    postback.refresh_from_db()
    assert (postback.state, postback.tries) == (PostbackState.DELIVERED, 1)
    assert poster.post_due(NOW + FIVE_MINUTES, answers("200")) == 0


@pytest.mark.parametrize("word", ["201", "204", "302", "500", "no answer within 10 s"])
def test_anything_else_is_tried_again_after_five_minutes(postback, word):
    poster.post_due(NOW, answers(word))
    postback.refresh_from_db()
    assert (postback.state, postback.answer) == (PostbackState.RETRYING, word)
    assert postback.due_at == NOW + FIVE_MINUTES


def test_after_five_retries_it_is_lost(postback):
    tries = 0
    for minute in range(60):
        tries += poster.post_due(NOW + timedelta(minutes=minute), answers("503"))
    postback.refresh_from_db()
    assert (tries, postback.tries, postback.state) == (6, 6, PostbackState.LOST)


def test_it_can_still_be_delivered_by_the_last_retry(postback):
    for minute in range(0, 25, 5):
        poster.post_due(NOW + timedelta(minutes=minute), answers("503"))
    poster.post_due(NOW + timedelta(minutes=25), answers("200"))
    postback.refresh_from_db()
    assert (postback.tries, postback.state) == (6, PostbackState.DELIVERED)


def test_a_faster_clock_retries_sooner(postback, settings):
    settings.SANDBOX_SPEED = 60
    poster.post_due(NOW, answers("500"))
    postback.refresh_from_db()
    assert postback.due_at == NOW + timedelta(seconds=5)


@pytest.fixture
def listener():
    """A webhook on loopback that answers with the statuses it was given."""
    heard, statuses = [], []

    class Hook(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "/elsewhere/")
            self.send_header("Connection", "close")
            self.end_headers()

        def log_message(self, *args):
            """Tests are quiet."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard, statuses
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_body_is_posted_as_json_to_the_very_address(listener):
    address, heard, _ = listener
    assert poster.post(due(f"{address}/hooks/a?b=c", {"code": "N101", "status": "Grüße"})) == "200"
    assert heard == [("/hooks/a?b=c", "application/json", {"code": "N101", "status": "Grüße"})]


def test_only_a_callback_with_a_secret_is_signed_on_its_way(monkeypatch):
    sent = []
    monkeypatch.setattr(poster, "_exchange", lambda url, body, headers: sent.append(headers) or 200)
    poster.post(due("http://127.0.0.1:9/"))
    poster.post(Postback(url="http://127.0.0.1:9/", body={}, secret="sesame"))
    assert [*sent[0]] == ["Content-Type"]
    assert "x-sinch-webhook-signature" in sent[1]


def test_a_redirect_is_not_followed(listener):
    address, heard, statuses = listener
    statuses.append(302)
    assert poster.post(due(address)) == "302"
    assert len(heard) == 1


def test_a_closed_port_is_told_in_a_word():
    assert poster.post(due("http://127.0.0.1:9/")) == "ConnectionRefusedError"


@pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
def test_the_poster_takes_what_is_due_and_writes_what_landed():
    rows = [Postback(url="u", body={"n": n}, code="N101", due_at=NOW) for n in range(30)]
    Postback.objects.bulk_create(rows)
    posted = []
    done = threading.Semaphore(0)

    def send(postback):
        posted.append(postback.body["n"])
        done.release()
        return "500" if postback.body["n"] == 7 else "200"

    engine = poster.Poster(send)
    engine.step(NOW)
    for _ in rows:
        assert done.acquire(timeout=5)
    engine.close()
    engine.step(NOW)
    states = Postback.objects.values_list("state", flat=True)
    assert sorted(posted) == list(range(30))
    assert sorted(states) == ["delivered"] * 29 + ["retrying"]


def run_until(engine, is_done):
    """Let the thread's loop go round until something is so; a loop without end is a failure."""
    ends_at = time.monotonic() + 60

    class Stopped:
        def is_set(self):
            assert time.monotonic() < ends_at
            return is_done()

        def wait(self, seconds):
            """Nobody waits in a test."""

    engine.run(Stopped())


@pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
def test_a_post_that_breaks_is_kept_and_the_others_go_out(caplog):
    rows = [Postback(url="u", body={"n": n}, code="N101", due_at=NOW) for n in range(3)]
    Postback.objects.bulk_create(rows)

    def send(postback):
        if postback.body["n"] == 0:
            raise ZeroDivisionError
        return "200"

    open_rows = Postback.objects.filter(state=PostbackState.PENDING)
    run_until(poster.Poster(send), lambda: not open_rows.exists())
    broken, *others = Postback.objects.order_by("pk")
    assert (broken.state, broken.answer) == (PostbackState.RETRYING, "ZeroDivisionError")
    assert {row.state for row in others} == {PostbackState.DELIVERED}
    assert f"Callback {broken.pk} could not be posted." in caplog.text


@pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
@pytest.mark.parametrize("error", [DatabaseError, RuntimeError])
def test_the_thread_goes_on_after_any_error_and_writes_what_it_could_not(
    postback, monkeypatch, caplog, error
):
    save, sent, written, failures = poster._save, [], [], [error("gone"), error("gone")]

    def fail_first(rows):
        if rows and failures:
            raise failures.pop()
        save(rows)
        written.extend(rows)

    monkeypatch.setattr(poster, "_save", fail_first)
    open_rows = Postback.objects.filter(state=PostbackState.PENDING)
    engine = poster.Poster(lambda row: sent.append(row.pk) or "200")
    run_until(engine, lambda: not open_rows.exists())
    engine.step(NOW)
    assert sent == [postback.pk] == [row.pk for row in written]
    assert caplog.text.count("The callbacks could not be read or written.") == 2


def fate(api, *words):
    """State and waits of a callback of that interface after these answers."""
    row, at, waits = Postback(api=api, due_at=NOW), NOW, []
    for word in words:
        poster.settle(row, word, at)
        waits.append((row.due_at - at).total_seconds())
        at = row.due_at
    return row.state, waits


def test_a_conversation_callback_waits_twice_as_long_each_time_and_is_tried_ten_times():
    state, waits = fate(Api.CONVERSATION, *["500"] * 9)
    assert (state, waits) == ("retrying", [5, 10, 20, 40, 80, 160, 320, 640, 1280])
    assert fate(Api.CONVERSATION, *["500"] * 10)[0] == "lost"


@pytest.mark.parametrize("api", [Api.CONVERSATION, Api.SMS])
def test_any_2xx_delivers_a_callback_of_the_newer_interfaces(api):
    assert fate(api, "204")[0] == "delivered"


@pytest.mark.parametrize(
    ("word", "state"), [("404", "lost"), ("429", "retrying"), ("503", "retrying")]
)
def test_an_sms_callback_is_dropped_when_it_is_refused(word, state):
    assert fate(Api.SMS, word)[0] == state


def test_a_callback_with_a_secret_is_signed_over_its_very_bytes():
    body = b'{"a": "Gr\xc3\xbc\xc3\x9fe"}'
    first, second = sign(body, "sesame"), sign(body, "sesame")
    nonce = first["x-sinch-webhook-signature-nonce"]
    timestamp = first["x-sinch-webhook-signature-timestamp"]
    signed = body + f".{nonce}.{timestamp}".encode()
    digest = hmac.new(b"sesame", signed, hashlib.sha256).digest()
    assert first["x-sinch-webhook-signature"] == base64.b64encode(digest).decode()
    assert first["x-sinch-webhook-signature-algorithm"] == "HmacSHA256"
    assert nonce != second["x-sinch-webhook-signature-nonce"]
