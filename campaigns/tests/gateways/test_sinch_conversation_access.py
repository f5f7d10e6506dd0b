"""How the Conversation API is told who we are: tokens, their renewal, and the trial's basic way."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import Misconfigured, OutcomeUnknown, Throttled, Unreachable
from campaigns.gateways.http import Answer
from campaigns.gateways.sinch_conversation.access import MemoryTokens
from campaigns.gateways.sinch_conversation.client import SinchConversation
from campaigns.tests.gateways.canned import canned
from campaigns.tests.gateways.contract import CANARY, CONTENT, NOW, outgoing
from campaigns.tests.gateways.test_sinch_conversation_client import ACCEPTED, VALUES, KeptTokens

BASIC = "Basic a2V5LWlkLTE6Y2FuYXJ5LTVmMWU3YQ=="  # key-id-1:canary-5f1e7a
EXPIRED = Answer(
    401,
    b'{"error":{"code":401,"message":"","status":"UNAUTHENTICATED"}}',
    0.1,
    challenge='Bearer error="invalid_token", error_description="The Token has Expired"',
)


def token(name="fresh-token", **changes):
    """What the token endpoint says (reference §1)."""
    return {"access_token": name, "expires_in": 3599, "token_type": "bearer", **changes}


def open_gateway(*answers, tokens=None, base_url="", **values):
    wire = canned(*answers)
    config = ChannelConfig(
        base_url or SinchConversation.default_base_url,
        {**VALUES, "key_secret": CANARY, **values},
        tokens=tokens,
    )
    return SinchConversation(config, wire), wire


def send(*answers, count=1, **values):
    gateway, wire = open_gateway(*answers, **values)
    return gateway.send([outgoing() for _ in range(count)]), wire


def test_the_first_message_fetches_a_token_and_the_next_uses_it():
    outcomes, wire = send(token(), ACCEPTED, ACCEPTED, count=2)
    assert [outcome.error for outcome in outcomes] == [None, None]
    url, headers, body = wire.requests[0]
    assert url == "https://auth.sinch.com/oauth2/token"
    assert headers["Authorization"] == BASIC
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert body == b"grant_type=client_credentials"
    proofs = [headers["Authorization"] for _, headers, _ in wire.requests[1:]]
    assert proofs == ["Bearer fresh-token"] * 2


def test_the_token_address_may_be_another():
    _, wire = send(token(), ACCEPTED, auth_url="https://eu.auth.sinch.com/oauth2/token")
    assert wire.requests[0][0] == "https://eu.auth.sinch.com/oauth2/token"


@pytest.mark.parametrize(
    ("base_url", "asked"),
    [
        ("http://127.0.0.1:8001/conversation/us/", "http://127.0.0.1:8001/oauth2/token"),
        ("https://sinch.com.example.org/x", "https://sinch.com.example.org/oauth2/token"),
        ("https://notsinch.com/", "https://notsinch.com/oauth2/token"),
        ("https://EU.conversation.api.Sinch.com", "https://auth.sinch.com/oauth2/token"),
    ],
)
def test_the_key_is_shown_to_nobody_but_whom_the_base_url_names(base_url, asked):
    _, wire = send(token(), ACCEPTED, base_url=base_url)
    assert wire.requests[0][0] == asked
    _, wire = send(token(), ACCEPTED, base_url=base_url, auth_url="https://a.example.org/t")
    assert wire.requests[0][0] == "https://a.example.org/t"


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("No connection: check the base URL, and the network."),
        Unreachable("The provider did not open a connection in time."),
        OutcomeUnknown("The provider did not answer in time."),
        Misconfigured("The base URL is not an http:// or https:// address: correct it."),
        Answer(404, b"", 0.1),
        Answer(503, b"", 0.1),
    ],
)
def test_what_goes_wrong_with_a_token_names_its_own_address(error):
    (outcome,), _ = send(error, base_url="http://u:pw@box.example.org/conversation/us/")
    assert str(outcome.error).count("token address http://box.example.org/oauth2/token") == 1
    assert str(outcome.error).count("box.example.org") == 1
    assert "base URL" not in str(outcome.error)
    assert "pw" not in str(outcome.error)


def test_without_an_address_it_is_the_base_url_that_is_wrong():
    (outcome,), _ = send(Misconfigured("The base URL is wrong."), base_url="conversation.api")
    assert str(outcome.error) == "The base URL is wrong."


def test_the_time_a_token_lasts_reaches_the_store():
    tokens = KeptTokens("")
    send(token(expires_in=1800), ACCEPTED, tokens=tokens)
    assert tokens.fetched == [("fresh-token", 1800)]


@pytest.mark.parametrize("seconds", [None, "soon", -1, True, 1e300])
def test_a_token_that_does_not_say_how_long_it_lasts_lasts_as_usual(seconds):
    tokens = KeptTokens("")
    send(token(expires_in=seconds), ACCEPTED, tokens=tokens)
    assert tokens.fetched == [("fresh-token", 3599)]


def test_a_token_that_expired_in_the_middle_is_renewed_once_and_the_message_goes():
    tokens = KeptTokens("old-token")
    (outcome,), wire = send(EXPIRED, token(), ACCEPTED, tokens=tokens)
    assert (outcome.error, outcome.provider_id) == (None, ACCEPTED["message_id"])
    assert [headers["Authorization"] for _, headers, _ in wire.requests] == [
        "Bearer old-token",
        BASIC,
        "Bearer fresh-token",
    ]
    assert wire.requests[0][2] == wire.requests[2][2]


def test_a_token_that_is_refused_again_stops_the_channel():
    (outcome,), wire = send(EXPIRED, token(), EXPIRED, tokens=KeptTokens())
    assert isinstance(outcome.error, Misconfigured)
    assert len(wire.requests) == 3


def test_another_401_renews_nothing():
    (outcome,), wire = send((401, b"{}"), tokens=KeptTokens())
    assert isinstance(outcome.error, Misconfigured)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("error", [OutcomeUnknown("late"), Unreachable("away")])
def test_after_the_renewal_nothing_is_repeated(error):
    (outcome,), wire = send(EXPIRED, token(), error, tokens=KeptTokens())
    assert outcome.error is error
    assert len(wire.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_what_was_refused_for_another_reason_is_not_repeated(status):
    answer = Answer(status, b"{}", 0.1, challenge="Bearer expired")
    _, wire = send(answer, tokens=KeptTokens())
    assert len(wire.requests) == 1


def test_somebody_elses_new_token_is_used_without_fetching():
    class Meanwhile(KeptTokens):
        def renew(self, refused, fetch):
            return "their-token"

    (outcome,), wire = send(EXPIRED, ACCEPTED, tokens=Meanwhile("old-token"))
    assert outcome.error is None
    assert wire.requests[1][1]["Authorization"] == "Bearer their-token"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((401, {"error": "invalid_client", "error_description": "no"}), Misconfigured),
        ((400, {"error": "invalid_request"}), Misconfigured),
        ((404, b"<html>"), Misconfigured),
        ((302, b""), Misconfigured),
        (Answer(429, b"", 0.1), Throttled),
        ((500, b""), Unreachable),
        ((503, b"<html>"), Unreachable),
        ((200, b"<html>"), Unreachable),
        ((200, {}), Unreachable),
        ((200, token("")), Unreachable),
        ((200, token("two\r\nlines: x")), Unreachable),
        ((200, token(["x"])), Unreachable),
        (OutcomeUnknown("late"), Unreachable),
        (Unreachable("away"), Unreachable),
        (Misconfigured("no address"), Misconfigured),
    ],
)
def test_without_a_token_nothing_was_sent(answer, kind):
    (outcome,), wire = send(answer)
    assert type(outcome.error) is kind
    # With a code, a message would count its tries and fail for good.
    assert kind is not Unreachable or outcome.error.code == ""
    assert len(wire.requests) == 1
    assert outcome.exchange.action == "token"


def test_the_token_endpoint_says_how_long_to_wait():
    (outcome,), _ = send(Answer(429, b"", 0.1, retry_after=9.0))
    assert outcome.error.retry_after == 9


def test_a_wrong_key_says_so():
    (outcome,), _ = send((401, {"error": "invalid_client"}))
    assert "correct the access key" in str(outcome.error)
    assert "invalid_client" in str(outcome.error)


@pytest.mark.parametrize(
    "answer",
    [
        (401, f'{{"error":"{CANARY}","token":"{BASIC}"}}'.encode()),
        (200, b'{"access_token":"stolen-token",'),
        (500, b'{"access_token":"stolen-token"}'),
    ],
)
def test_neither_secret_nor_token_is_told(answer):
    gateway, _ = open_gateway(answer)
    (outcome,) = gateway.send([outgoing()])
    told = f"{outcome!r} {outcome.error} {vars(outcome.error)} {gateway!r}"
    assert CANARY not in told
    assert BASIC.removeprefix("Basic ") not in told
    assert "stolen-token" not in told


def test_a_trial_uses_the_key_itself_and_renews_nothing():
    (outcome,), wire = send(EXPIRED, auth="basic")
    assert isinstance(outcome.error, Misconfigured)
    assert [headers["Authorization"] for _, headers, _ in wire.requests] == [BASIC]


@pytest.mark.parametrize("name", ["key_id", "key_secret"])
@pytest.mark.parametrize("value", ["", "a b", "x\r\ny", "✿"])
def test_a_key_that_is_none_is_not_tried(name, value):
    (outcome,), wire = send(**{name: value})
    assert (type(outcome.error), wire.requests) == (Misconfigured, [])


def test_threads_whose_token_expired_all_go_on_with_one_new_token():
    """Each answers to what it was asked with: the old token has expired, the new one is good."""
    asked, lock = [], threading.Lock()

    class Sinch:
        def post(self, url, headers, body, *, limit=0):
            with lock:
                asked.append(headers["Authorization"])
            if headers["Authorization"] == BASIC:
                return Answer(200, json.dumps(token()).encode(), 0.1)
            is_good = headers["Authorization"] == "Bearer fresh-token"
            return Answer(200, json.dumps(ACCEPTED).encode(), 0.1) if is_good else EXPIRED

    tokens, gate = MemoryTokens(), threading.Barrier(8)
    tokens.renew("", lambda: ("old-token", 3600.0))
    values = {**VALUES, "key_secret": CANARY}
    config = ChannelConfig(SinchConversation.default_base_url, values, tokens=tokens)
    gateway, outcomes = SinchConversation(config, Sinch()), []

    def work():
        gate.wait()
        outcomes.extend(gateway.send([outgoing() for _ in range(50)]))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.error for outcome in outcomes] == [None] * 400
    assert asked.count(BASIC) == 1


def test_many_threads_share_one_refresh():
    fetched = []
    tokens, gate = MemoryTokens(), threading.Barrier(8)

    def fetch():
        fetched.append(1)
        return "new", 3600.0

    def ask():
        gate.wait()
        tokens.renew("old", fetch)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (fetched, tokens.read()) == ([1], "new")


def test_a_token_about_to_end_is_not_used():
    tokens = MemoryTokens()
    tokens.renew("", lambda: ("short", 30.0))
    assert tokens.read() == ""


def test_without_a_store_an_expired_token_is_renewed_as_well():
    outcomes, wire = send(token("old"), EXPIRED, token("new"), ACCEPTED, ACCEPTED, count=2)
    assert [outcome.error for outcome in outcomes] == [None, None]
    proofs = [headers["Authorization"] for _, headers, _ in wire.requests]
    assert proofs == [BASIC, "Bearer old", BASIC, "Bearer new", "Bearer new"]


class SlowTokens(KeptTokens):
    """Every new token takes some seconds of the clock `now`."""

    def __init__(self, token, now, seconds):
        super().__init__(token)
        self.now, self.seconds = now, seconds

    def renew(self, refused, fetch):
        self.now[0] += self.seconds
        return super().renew(refused, fetch)


@pytest.mark.parametrize("expires_at", [None, NOW + timedelta(hours=1)])
@pytest.mark.parametrize(
    ("first", "answers", "before"),
    [("", [], 0), ("old-token", [EXPIRED], 1)],
    ids=["the first token", "a renewed one"],
)
@pytest.mark.parametrize(("seconds", "leaves"), [(2, True), (40, False)])
def test_a_message_does_not_leave_long_after_it_was_its_turn(
    seconds, leaves, first, answers, before, expires_at
):
    """A stop, an opt-out or the end of the lease may have come while its token was awaited."""
    now = [1000.0]
    wire = canned(*answers, token(), ACCEPTED, ACCEPTED)
    config = ChannelConfig(
        SinchConversation.default_base_url,
        {**VALUES, "key_secret": CANARY},
        tokens=SlowTokens(first, now, seconds),
    )
    gateway = SinchConversation(config, wire, clock=NOW.timestamp, steady=lambda: now[0])
    message = replace(outgoing(), content=replace(CONTENT, expires_at=expires_at))
    (outcome,) = gateway.send([message])
    posts = [url for url, _, _ in wire.requests if url.endswith("messages:send")]
    assert len(posts) == before + leaves
    if leaves:
        assert outcome.error is None
        return
    # Without a code it waits again and counts no try of its own.
    assert (type(outcome.error), outcome.error.code) == (Unreachable, "")
    assert "nothing was sent" in str(outcome.error)
    (outcome,) = gateway.send([message])
    assert outcome.error is None


def test_the_time_left_is_counted_once_the_token_is_there():
    """Else it would go on after the quiet hours begin, by as long as the token took."""
    now = [NOW.timestamp()]

    class SlowTokens(KeptTokens):
        def renew(self, refused, fetch):
            now[0] += 40
            return super().renew(refused, fetch)

    wire = canned(token(), ACCEPTED, ACCEPTED)
    config = ChannelConfig(
        SinchConversation.default_base_url,
        {**VALUES, "key_secret": CANARY},
        tokens=SlowTokens(""),
    )
    gateway = SinchConversation(config, wire, clock=lambda: now[0])
    content = replace(CONTENT, expires_at=NOW + timedelta(seconds=60))
    (outcome,) = gateway.send([replace(outgoing(), content=content)])
    assert outcome.error is None
    assert json.loads(wire.requests[1][2])["ttl"] == "20s"
