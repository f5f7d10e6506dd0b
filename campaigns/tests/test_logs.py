"""What the logs say of errors that carry secrets, whole numbers and hostile text: nothing of it."""

import io
import json
import logging
import logging.config
import sys
import threading
from multiprocessing import Value
from queue import Queue

import django_q.monitor
import django_q.worker
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_q.models import Failure

from campaigns.gateways.errors import GatewayError
from campaigns.gateways.http import Wire
from campaigns.models import Channel
from campaigns.rules.pacing import Pace
from campaigns.services import sweep
from campaigns.services.crew import Crew
from campaigns.services.flights import FlightLog
from campaigns.services.hook_addresses import hash_token
from campaigns.services.outbox import Claimed
from campaigns.views import hooks
from mmsportal import logs, requestid
from mmsportal.redaction import MOST_CHARACTERS, redact, remember_secrets, visible

HOOK_TOKEN, API_KEY = "canary-hook-1f0e", "canary-key-77ab"
BEARER, PASSWORD = "canary.bearer.55", "canary-password-9"
PHONE = "12015550123"
CANARIES = (HOOK_TOKEN, API_KEY, BEARER, PASSWORD, PHONE, "201-555-0123", "hello dear Ann")
#: What a careless error might say, and what a stranger would like to see in a log.
SPILLED = (
    f"https://x.example/hooks/{HOOK_TOKEN}/ bare {API_KEY} Authorization: Bearer {BEARER} "
    f"'x-api-key': '{API_KEY}' postgres://magpie:{PASSWORD}@db/magpie to {PHONE} or (201) 555-0123 "
    "or 201-555-0123 Failing row contains (7, hello dear Ann).\n"
    "2026-11-21 00:00:00,000 INFO root [-] forged \x1b[31mred\x1b[0m \u202etxt"
)


class Spilled(RuntimeError):
    def __init__(self):
        super().__init__(SPILLED)


def fail(*args, **kwargs):
    raise Spilled


@pytest.fixture(params=["line", "json"])
def written(request, monkeypatch):
    """The log as it would be written, in either format."""
    stream = io.StringIO()
    console = {**settings.LOGGING["handlers"]["console"], "stream": stream}
    handlers = {"console": {**console, "formatter": request.param}}
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.configure({**settings.LOGGING, "handlers": handlers})
    yield lambda: stream.getvalue()
    logging.config.dictConfig(settings.LOGGING)


@pytest.fixture
def channel(make_channel):
    make_channel(secrets={"x_api_key": API_KEY, "hook_token": HOOK_TOKEN})
    Channel.objects.update(hook_hash=hash_token(HOOK_TOKEN))
    return Channel.objects.get()


def spilled_in(text):
    return [canary for canary in CANARIES if canary in text]


def is_clean(text, error="Spilled"):
    """The error is told, nothing it spilled is, and nothing passes for a line of its own."""
    assert error in text
    assert spilled_in(text) == []
    assert not set("\x1b\u202e\r") & set(text)
    for line in text.splitlines():
        if line.startswith("{"):
            assert json.loads(line)["level"]
        else:
            assert "[" in line.split("root")[0] or line.startswith(logs.GOES_ON[1:])
            assert not line.startswith("2026-11-21 00:00:00,000")
    return True


TASK_ID = "0123abcd0123abcd"


@pytest.fixture
def run_in_worker(monkeypatch):
    """As the cluster runs it, but in this process and on the connection of the test."""
    for module in (django_q.worker, django_q.monitor):
        monkeypatch.setattr(module, "close_old_django_connections", lambda: None)
    return run


def run(func):
    task = {"id": TASK_ID, "name": "t", "func": func, "args": (), "kwargs": {}}
    tasks, results = Queue(), Queue()
    for each in ({**task, "started": timezone.now()}, "STOP"):
        tasks.put(each)
    django_q.worker.worker(tasks, results, Value("f", -1))
    results.put("STOP")
    django_q.monitor.monitor(results)


# --- Errors by force -----------------------------------------------------------------------------


def test_a_view_that_breaks_spills_nothing(written, channel, monkeypatch):
    monkeypatch.setattr(hooks, "keep_callback", fail)
    client = Client(raise_request_exception=False)
    answer = client.post(f"/hooks/{HOOK_TOKEN}/", b"{}", content_type="application/json")
    assert answer.status_code == 500
    assert is_clean(written())
    assert answer["X-Request-ID"] in written()


def test_an_id_is_told_whole_also_when_it_looks_like_a_number(written, channel, monkeypatch):
    monkeypatch.setattr(hooks, "keep_callback", fail)
    monkeypatch.setattr(requestid, "token_hex", lambda length: "69a973992292860b")
    Client(raise_request_exception=False).post(f"/hooks/{HOOK_TOKEN}/", b"{}", "application/json")
    assert is_clean(written())
    assert "69a973992292860b" in written()


def test_a_page_that_is_not_there_spills_no_token(written, client, db):
    assert client.get(f"/hooks/{HOOK_TOKEN}/").status_code == 405
    assert client.post(f"/hooks/{HOOK_TOKEN}/", b"{}", content_type="text/plain").status_code == 404
    assert is_clean(written(), error="/hooks/")


def test_a_task_that_breaks_spills_nothing(written, channel, run_in_worker, monkeypatch):
    monkeypatch.setattr(sweep, "recover_flights", fail)
    run_in_worker("campaigns.tasks.outbox.sweep")
    assert is_clean(written(), error="Failed 'campaigns.tasks.outbox.sweep'")
    assert spilled_in(str(Failure.objects.get().result)) == []
    assert written().startswith("{") or f"{logs.GOES_ON}  File" in written()


def test_the_lines_of_a_task_carry_its_id(written, db, run_in_worker, monkeypatch):
    log = logging.getLogger("campaigns.test")
    monkeypatch.setattr(sweep, "sweep", lambda *args, **kwargs: log.warning("Here"))
    run_in_worker("campaigns.tasks.outbox.sweep")
    log.warning("There")
    here, there = written().splitlines()
    assert TASK_ID in here
    assert TASK_ID not in there


def test_a_gateway_that_breaks_in_its_thread_spills_nothing(written, channel, tmp_path):
    class Broken:
        send = fail

    flights = FlightLog("me")
    flights.open()
    crew = Crew(Broken(), Pace(rate=1000), flights)
    parcel = Claimed(1, None, 1, PHONE, "12015550100", "r-1", 0, 0)

    class Mms:
        reference = "r-1"

    with crew.at_work(1):
        crew.jobs.put([(parcel, Mms())])
        crew.results.get(timeout=30)
    flights.close(is_settled=True)
    assert is_clean(written())
    assert "A thread broke." in written()


def test_a_key_that_no_header_can_carry_is_not_told(written, channel):
    """Python's own words about it quote the key."""
    log = logging.getLogger("campaigns.test")
    with pytest.raises((GatewayError, ValueError)) as caught:
        Wire().post("http://127.0.0.1:9/", {"x-api-key": f"{API_KEY}\n"}, b"")
    log.error("It broke: %s", caught.value, exc_info=caught.value)
    assert is_clean(written(), error="It broke")


def test_what_the_database_refuses_is_not_shown(written, channel):
    try:
        Channel.objects.create(name=channel.name, hook_hash=PHONE, secrets=channel.secrets)
    except Exception:
        logging.getLogger("campaigns.test").exception("It was refused: %s", SPILLED)
    assert is_clean(written(), error="It was refused")


# --- Lines ---------------------------------------------------------------------------------------


def test_extras_are_redacted_too(written):
    remember_secrets(API_KEY)  # as whoever reads the channel does
    extra = {"headers": {"x-api-key": API_KEY, "Cookie": f"a=1; b={BEARER}"}, "to": [PHONE]}
    logging.getLogger("campaigns.test").warning("Look: %s", SPILLED, extra=extra)
    assert is_clean(written(), error="Look")


def test_what_gunicorn_writes_itself_is_redacted(written):
    stream = io.StringIO()
    access = logging.getLogger("gunicorn.access")
    handler = logging.StreamHandler(stream)
    access.addHandler(handler)
    access.propagate = False
    access.warning('"POST /hooks/%s/ HTTP/1.1" 200', HOOK_TOKEN)
    access.removeHandler(handler)
    access.propagate = True
    assert stream.getvalue() == '"POST /hooks/…/ HTTP/1.1" 200\n'


def test_a_text_of_any_length_is_cut(written):
    logging.getLogger("campaigns.test").warning("Long: %s", "x" * 10_000_000)
    assert len(written()) < MOST_CHARACTERS * 1.1


def test_the_json_is_what_machines_expect():
    record = logging.LogRecord("a.b", logging.INFO, __file__, 1, "To %s", (PHONE,), None)
    logs.NoteRequest().filter(record)
    told = json.loads(logs.Json().format(record))
    assert told.pop("time").endswith("+00:00")
    assert told.pop("process") == record.process
    assert told == {"level": "INFO", "logger": "a.b", "message": "To •••0123", "request_id": "-"}


def test_a_traceback_survives():
    try:
        raise ValueError("the reason")
    except ValueError:
        told = sys.exc_info()
    record = logging.LogRecord("a", logging.ERROR, __file__, 1, "Broke", (), told)
    logs.NoteRequest().filter(record)
    lines = logs.Lines("%(message)s").format(record).split(logs.GOES_ON)
    assert lines[:2] == ["Broke", "Traceback (most recent call last):"]
    assert lines[-1] == "ValueError: the reason"


# --- Requests ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [(1, "from-a-proxy-1", True), (0, "from-anybody-1", False), (1, "a b\x1b forged", False)],
)
def test_an_id_is_taken_from_a_trusted_proxy_only(client, db, settings, proxies, given, is_taken):
    settings.TRUSTED_PROXIES = proxies
    told = client.get("/nowhere", headers={"X-Request-ID": given})["X-Request-ID"]
    assert (told == given) is is_taken
    assert len(told) >= 14


# --- Words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("to 12015550123.", "to •••0123."),
        ("to +1 (201) 555-0123", "to •••0123"),
        ("to 201.555.0123", "to •••0123"),
        ("to +683 4002", "to •••02"),
        ("GET /hooks/abc/ HTTP", "GET /hooks/…/ HTTP"),
        ('{"x-api-key": "abc", "n": 1}', '{"x-api-key": …, "n": 1}'),
        ("{'Authorization': 'Basic abcdefgh'}", "{'Authorization': …}"),
        ("password=abc&user=me", "password=…&user=me"),
        ("HOOK_TOKEN: b'ab\\'c', x", "HOOK_TOKEN: …, x"),
        ("Set-Cookie: a=b; c=d", "Set-Cookie: …"),
        ("redis://:abc@host/0", "redis://…@host/0"),
    ],
)
def test_secrets_and_numbers_are_hidden(said, told):
    assert redact(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-21 18:57:33,123 WARNING a.b [0f3c] Started 4 workers on 127.0.0.1:8000",
        "post 12345678: 3 messages in hand, pace 1000.25",
        "Forbidden (CSRF token missing.): /admin/login/",
        "https://api.example.net/ep/v2/",
    ],
)
def test_plain_words_stay_as_they_are(said):
    assert visible(redact(said)) == said
