"""Configures the app by the management API: its MMS credentials and our webhook
(reference/sinch-conversation-api.md §7–8)."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.gateways.errors import Misconfigured
from campaigns.gateways.outcomes import Exchange, SetupStep
from campaigns.gateways.sinch_conversation.app import (
    app_path,
    credentials_of,
    get_app,
    is_hidden,
    without_doubt,
)
from campaigns.gateways.sinch_conversation.bodies import MMS
from campaigns.gateways.sinch_conversation.callback import Data, part, parts
from campaigns.gateways.sinch_conversation.calls import Calls
from campaigns.gateways.sinch_conversation.hooks import (
    FULL_STEP,
    HOOK_STEP,
    apply_hook,
    plan_hook,
)
from campaigns.gateways.sinch_conversation.wish import Wish

MMS_STEP = "mms"
_HIDDEN_KEYS = (
    "Sinch does not show the keys of the app's other channels, and saving the MMS credentials "
    "from here would lose them: enter the MMS credentials in the Sinch dashboard."
)


# --- Planning ----------------------------------------------------------------------------------


def plan(calls: Calls, wish: Wish) -> list[SetupStep]:
    """What differs, in words without secrets."""
    steps = []
    if wish.mms:
        app, _ = get_app(calls, wish.app_id)
        steps += _mms_steps(app, wish)
    return steps + plan_hook(calls, wish)


def _mms_steps(app: Data, wish: Wish) -> list[SetupStep]:
    known = part(credentials_of(app, MMS), "mms_credentials")
    if known and not _differs(known, wish.mms):
        return []
    then = _say_mms(wish.mms)
    return [SetupStep(MMS_STEP, "The app's MMS credentials", _say_mms(known), then)]


def _differs(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether what Sinch shows is something else; what it hides or leaves out may be the same."""
    for name, value in wanted.items():
        shown = known.get(name)
        if isinstance(value, Mapping):
            if isinstance(shown, Mapping) and _differs(shown, value):
                return True
        elif shown and not is_hidden(shown) and _plain(shown) != _plain(value):
            return True
    return False


def _plain(value: Any) -> str:
    return str(value).strip().removeprefix("+")


def _say_mms(mms: Mapping[str, Any]) -> str:
    if not mms:
        return "none"
    sender = _plain(mms.get("default_sender") or "") or "not told"
    user = part(dict(mms), "basic_auth").get("username") or "none"
    return f"account {mms.get('account_id')}, default sender {sender}, user name {user}"


# --- Applying ----------------------------------------------------------------------------------


def apply(calls: Calls, wish: Wish, keys: Sequence[str]) -> list[Exchange]:
    """Make what still differs of these steps."""
    made = []
    if MMS_STEP in keys and wish.mms:
        made += _apply_mms(calls, wish)
    if {HOOK_STEP, FULL_STEP} & set(keys):
        made += apply_hook(calls, wish)
    return made


def _apply_mms(calls: Calls, wish: Wish) -> list[Exchange]:
    """The list of credentials is replaced as a whole, so the others go along as they are."""
    with without_doubt():
        app, _ = get_app(calls, wish.app_id)
    if not _mms_steps(app, wish):
        return []
    credentials = parts(app, "channel_credentials")
    others = [_writable(item) for item in credentials if item.get("channel") != MMS]
    if any(map(_has_hidden, others)):
        raise Misconfigured(_HIDDEN_KEYS)
    mine = {**_writable(credentials_of(app, MMS)), "channel": MMS, "mms_credentials": wish.mms}
    places = [item.get("channel") for item in credentials]
    others.insert(places.index(MMS) if MMS in places else len(others), mine)
    path = f"{app_path(wish.app_id)}?update_mask=channel_credentials"
    return [calls.manage("PATCH", path, {"channel_credentials": others})[1]]


def _writable(credentials: Data) -> Data:
    read_only = {"state", "channel_known_id"}
    return {name: value for name, value in credentials.items() if name not in read_only}


def _has_hidden(value: Any) -> bool:
    """Whether a key in it is shown as stars, or its credentials are left out."""
    if isinstance(value, dict):
        holds_credentials = any(isinstance(v, dict) and v for v in value.values())
        if "channel" in value and not holds_credentials:
            return True
        return any(map(_has_hidden, value.values()))
    return is_hidden(value)
