"""Configuring the app from here: what would change is said first, and nothing else is touched
(reference/sinch-conversation-api.md §7–8)."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import Misconfigured, Refused, Unreachable
from campaigns.gateways.http import Answer
from campaigns.gateways.sinch_conversation.client import SinchConversation
from campaigns.gateways.sinch_conversation.hooks import TRIGGERS
from campaigns.tests.gateways.canned import canned
from campaigns.tests.gateways.test_sinch_conversation_client import VALUES, KeptTokens

HOOK = "https://portal.example.org/hooks/canary-hook-token/"
SENDER = "12015550100"
SECRETS = {
    "key_secret": "canary-key",
    "callback_secret": "canary-callback",
    "mms_api_key": "canary-mms",
    "mms_basic_password": "canary-password",
}
FILLED = {
    **VALUES,
    **SECRETS,
    "mms_account_id": "acc-1",
    "mms_basic_username": "user-1",
}
SMS = {
    "channel": "SMS",
    "static_bearer": {"claimed_identity": "plan", "token": "canary-sms"},
    "callback_secret": "canary-channel",
    "credential_ordinal_number": 0,
}
ACTIVE = {"state": {"status": "ACTIVE", "description": ""}, "channel_known_id": "known"}
WANTED = {
    "account_id": "acc-1",
    "api_key": "canary-mms",
    "default_sender": "+12015550100",
    "basic_auth": {"username": "user-1", "password": "canary-password"},
}


class FakeSinch:
    """The app and its webhooks as the management API keeps them; it replaces lists as a whole."""

    def __init__(self, credentials=(), hooks=()):
        self.app = {"id": VALUES["app_id"], "channel_credentials": list(credentials)}
        self.hooks = [{"id": f"01HOOK{n}", **hook} for n, hook in enumerate(hooks, 1)]
        self.changes = []

    def post(self, url, headers, body, *, limit=0):
        return self.request("POST", url, headers, body)

    def request(self, method, url, headers, body=None, *, limit=0):
        parts = urlsplit(url)
        path = parts.path.partition(VALUES["project_id"])[2]
        if method == "GET":
            return self._say({"webhooks": self.hooks} if "webhooks" in path else self.app)
        said, mask = json.loads(body), parse_qs(parts.query).get("update_mask", [""])[0]
        self.changes.append((method, path, mask, said))
        if method == "PATCH":
            assert set(mask.split(",")) == set(said)
        if method == "POST":
            self.hooks.append({"id": "01HOOKNEW", **said})
            return self._say(self.hooks[-1])
        target = self.app
        if "webhooks" in path:
            (target,) = (hook for hook in self.hooks if path.endswith(hook["id"]))
        target.update(said)
        return self._say(target)

    def _say(self, data):
        return Answer(200, json.dumps(data).encode(), 0.1)

    def close(self):
        pass


def open_gateway(wire, **values):
    config = ChannelConfig(
        SinchConversation.default_base_url, {**FILLED, **values}, tokens=KeptTokens()
    )
    return SinchConversation(config, wire)


def plan(wire, **values):
    return open_gateway(wire, **values).plan_setup(HOOK, SENDER)


def apply(wire, *keys, **values):
    return open_gateway(wire, **values).apply_setup(HOOK, SENDER, keys)


def ours(**changes):
    whole = {
        "app_id": VALUES["app_id"],
        "target": HOOK,
        "target_type": "HTTP",
        "triggers": list(TRIGGERS),
        "secret": "canary-callback",
    }
    return {**whole, **changes}


def mms(**changes):
    return {"channel": "MMS", "mms_credentials": {**WANTED, **changes}, **ACTIVE}


def told(*things):
    return " ".join(map(repr, things))


# --- A new app ---------------------------------------------------------------------------------


def test_an_app_without_anything_gets_credentials_and_a_webhook():
    wire = FakeSinch([SMS | ACTIVE])
    steps = plan(wire)
    assert [(step.key, step.now) for step in steps] == [("mms", "none"), ("webhook", "none")]
    assert wire.changes == []
    exchanges = apply(wire, "mms", "webhook")
    assert [exchange.status for exchange in exchanges] == [200, 200]
    assert wire.app["channel_credentials"] == [
        SMS,
        {"channel": "MMS", "mms_credentials": WANTED},
    ]
    assert wire.hooks == [{"id": "01HOOKNEW", **ours()}]
    assert plan(wire) == []


def test_only_the_chosen_steps_are_made():
    wire = FakeSinch([SMS])
    apply(wire, "webhook")
    assert [method for method, *_ in wire.changes] == ["POST"]
    assert [step.key for step in plan(wire)] == ["mms"]


def test_what_is_right_already_is_left_alone():
    wire = FakeSinch([mms(), SMS], [ours()])
    assert plan(wire) == []
    assert apply(wire, "mms", "webhook") == []
    assert wire.changes == []


def test_neither_steps_nor_exchanges_tell_a_secret():
    wire = FakeSinch(
        [mms(account_id="other", api_key="canary-old"), SMS], [ours(secret="canary-old-hook")]
    )
    steps = plan(wire)
    exchanges = apply(wire, *(step.key for step in steps))
    assert len(steps) == len(exchanges) == 2
    assert "canary" not in told(steps, exchanges)
    assert "acc-1" in told(exchanges)


def test_a_refusal_tells_no_secret_either():
    said = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": f"bad {HOOK}"}}
    wire = canned({"webhooks": []}, (400, said))
    with pytest.raises(Refused) as caught:
        apply(wire, "webhook")
    assert "canary" not in f"{caught.value.exchange!r} {vars(caught.value)}"


# --- Credentials -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "now"),
    [
        ({"account_id": "old"}, "account old, default sender 12015550100, user name user-1"),
        ({"default_sender": "28444"}, "default sender 28444"),
        ({"basic_auth": {"username": "else", "password": "***"}}, "user name else"),
        ({"api_key": "another"}, "account acc-1"),
    ],
)
def test_other_credentials_are_replaced_in_their_place(known, now):
    wire = FakeSinch([mms(**known), SMS], [ours()])
    (step,) = plan(wire)
    assert now in step.now
    assert step.then == "account acc-1, default sender 12015550100, user name user-1"
    apply(wire, "mms")
    (change,) = wire.changes
    assert change[:3] == ("PATCH", f"/apps/{VALUES['app_id']}", "channel_credentials")
    assert [item["channel"] for item in change[3]["channel_credentials"]] == ["MMS", "SMS"]
    assert change[3]["channel_credentials"][0]["mms_credentials"] == WANTED


@pytest.mark.parametrize(
    "known",
    [
        {"default_sender": "12015550100"},
        {"default_sender": ""},
        {"api_key": "••••"},
        {"api_key": "****", "basic_auth": {"username": "user-1", "password": "***"}},
    ],
)
def test_what_sinch_hides_or_leaves_out_is_no_difference(known):
    assert plan(FakeSinch([mms(**known)], [ours()])) == []


def test_without_mms_fields_the_credentials_are_not_looked_at():
    wire = FakeSinch([], [ours()])
    assert plan(wire, mms_account_id="") == []
    assert apply(wire, "mms", mms_account_id="") == []


@pytest.mark.parametrize(
    "other",
    [
        {"channel": "SMS", "static_bearer": {"claimed_identity": "plan", "token": "*****"}},
        {"channel": "RCS"},
    ],
)
def test_keys_of_other_channels_that_are_hidden_are_not_overwritten(other):
    wire = FakeSinch([other])
    with pytest.raises(Misconfigured, match="dashboard"):
        apply(wire, "mms")
    assert wire.changes == []


# --- The webhook -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "mask", "now"),
    [
        ({"target_type": "DISMISS"}, "target_type", "switched off"),
        ({"triggers": ["MESSAGE_INBOUND", "CAPABILITY"]}, "triggers", "MESSAGE_INBOUND, CAP"),
        ({"secret": ""}, "secret", "not signed"),
        ({"secret": "canary-old"}, "secret", "signed"),
    ],
)
def test_a_webhook_that_differs_is_changed_where_it_differs(known, mask, now):
    wire = FakeSinch([mms()], [{"target": "https://else.example.net/"}, ours(**known)])
    (step,) = plan(wire)
    assert now in step.now
    assert "signed" in step.then
    apply(wire, "webhook")
    (change,) = wire.changes
    assert change[:3] == ("PATCH", "/webhooks/01HOOK2", mask)
    assert plan(wire) == []


def test_triggers_that_somebody_chose_stay():
    wire = FakeSinch([mms()], [ours(triggers=["CAPABILITY"])])
    apply(wire, "webhook")
    assert wire.hooks[0]["triggers"] == ["CAPABILITY", *TRIGGERS]


def test_a_secret_that_sinch_hides_is_no_difference():
    assert plan(FakeSinch([mms()], [ours(secret="****")])) == []


def test_while_a_secret_is_replaced_the_webhook_gets_the_new_one():
    wire = FakeSinch([mms()], [ours(secret="canary-old")])
    exchanges = apply(wire, "webhook", callback_secret="canary-new canary-old")
    assert wire.hooks[0]["secret"] == "canary-new"
    assert "canary" not in told(exchanges)


def test_without_a_callback_secret_the_webhook_is_not_signed():
    wire = FakeSinch([mms()])
    (step,) = plan(wire, callback_secret="")
    assert "not signed" in step.then
    apply(wire, "webhook", callback_secret="")
    assert "secret" not in wire.hooks[0]


def test_five_webhooks_of_others_are_told_and_left_alone():
    wire = FakeSinch([mms()], [{"target": f"https://h{n}.example.net/"} for n in range(5)])
    (step,) = plan(wire)
    assert "h0.example.net" in step.now
    assert "delete one of them" in step.then
    with pytest.raises(Misconfigured, match="delete one of them"):
        apply(wire, step.key)
    assert wire.changes == []


def test_the_fifth_may_be_ours():
    wire = FakeSinch([mms()], [{"target": f"https://h{n}.example.net/"} for n in range(4)])
    apply(wire, "webhook")
    assert len(wire.hooks) == 5
    assert plan(wire) == []


def test_an_address_this_portal_had_before_is_told():
    wire = FakeSinch([mms()], [ours(target="https://portal.example.org/hooks/old/")])
    (step,) = plan(wire)
    assert "another address of this portal" in step.now


# --- Trouble -----------------------------------------------------------------------------------


def test_a_wrong_region_says_so():
    answer = (404, {"error": {"code": 404, "status": "NOT_FOUND", "message": ""}})
    with pytest.raises(Misconfigured, match="region"):
        plan(canned(answer))


@pytest.mark.parametrize("answer", [(200, b"<html>"), (500, b"")])
def test_looking_never_says_that_something_may_have_gone(answer):
    with pytest.raises(Unreachable, match="No readable answer"):
        plan(canned(answer))


@pytest.mark.parametrize("app", [{}, {"channel_credentials": "x"}, {"channel_credentials": [1]}])
def test_an_app_that_is_hardly_one_breaks_nothing(app):
    steps = plan(canned(app, {"webhooks": [None, {"target": 5, "triggers": "x"}]}))
    assert [step.key for step in steps] == ["mms", "webhook"]


def test_no_webhooks_may_be_an_empty_object():
    assert [step.key for step in plan(canned({}, {}))] == ["mms", "webhook"]
