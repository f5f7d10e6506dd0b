"""Configures the app by the management API: its MMS credentials and our webhook
(reference/sinch-conversation-api.md §7–8)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from campaigns.gateways.base import Exchange, SetupStep
from campaigns.gateways.errors import Misconfigured, OutcomeUnknown, Unreachable
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_conversation.bodies import MMS, SMS, plus
from campaigns.gateways.sinch_conversation.callback import Data, part, parts
from campaigns.gateways.sinch_conversation.calls import Calls

#: What we want to be told (§8). Others that somebody chose stay.
TRIGGERS = (
    "MESSAGE_DELIVERY",
    "MESSAGE_INBOUND",
    "OPT_IN",
    "OPT_OUT",
    "CHANNEL_EVENT",
    "UNSUPPORTED",
)
MOST_WEBHOOKS = 5
MMS_STEP, HOOK_STEP, FULL_STEP = "mms", "webhook", "webhook_full"
_FULL = (
    "The app has five webhooks, the most it can have: delete one of them at Sinch that is not "
    "used any more, then set it up again."
)
_HIDDEN_KEYS = (
    "Sinch does not show the keys of the app's other channels, and saving the MMS credentials "
    "from here would lose them: enter the MMS credentials in the Sinch dashboard."
)
_STATES = {
    "PENDING": "Sinch is still setting up {channel} for the app: try again in some minutes.",
    "FAILING": "{channel} of the app fails at Sinch{why}: correct its credentials there.",
}
_MISSING = {
    MMS: "The app has no MMS: set it up below, or in the Sinch dashboard.",
    SMS: "The app has no SMS, which texts, fallbacks and plain replies (STOP among them) need: "
    "add it in the Sinch dashboard.",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How it should be. The MMS credentials are left alone where the channel names none."""

    app_id: str
    hook_url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    mms: Mapping[str, Any] = field(default_factory=dict, repr=False)


def wish_of(values: Mapping[str, Any], hook_url: str, sender: str) -> Wish:
    """What the channel's own fields ask for."""
    said = {name: str(values.get(name) or "").strip() for name in _MMS_FIELDS}
    mms: dict[str, Any] = {}
    if said["mms_account_id"] and said["mms_api_key"]:
        mms = {"account_id": said["mms_account_id"], "api_key": said["mms_api_key"]}
        mms |= {"default_sender": plus(sender)} if sender else {}
        if said["mms_basic_username"]:
            user, password = said["mms_basic_username"], said["mms_basic_password"]
            mms["basic_auth"] = {"username": user, "password": password}
    secret = str(values.get("callback_secret") or "").strip()
    return Wish(str(values.get("app_id") or "").strip(), hook_url, secret, mms)


_MMS_FIELDS = ("mms_account_id", "mms_api_key", "mms_basic_username", "mms_basic_password")


# --- Looking -----------------------------------------------------------------------------------


@contextmanager
def without_doubt() -> Iterator[None]:
    """Nothing can have gone when we only look: an unreadable answer is a missing one."""
    try:
        yield
    except OutcomeUnknown as error:
        status = error.exchange.status if error.exchange else None
        said = f" (HTTP {status})" if status else ""
        problem = Unreachable(
            f"No readable answer came{said}: check the base URL, or try again in a minute."
        )
        problem.exchange = error.exchange
        raise problem from error


def check_app(calls: Calls, app_id: str) -> Exchange:
    """Raise `Misconfigured` unless the app's MMS and SMS are there and active."""
    app, exchange = _get_app(calls, app_id)
    problems = [problem for channel in (MMS, SMS) if (problem := _problem_of(app, channel))]
    if problems:
        error = Misconfigured(" ".join(problems))
        error.exchange = exchange
        raise error
    return exchange


def _problem_of(app: Data, channel: str) -> str:
    credentials = _credentials_of(app, channel)
    if not credentials:
        return _MISSING[channel]
    state = part(credentials, "state")
    why = text(state, "description", limit=200).rstrip(".")
    words = _STATES.get(text(state, "status", limit=20).upper(), "")
    return words.format(channel=channel, why=f" ({why})" if why else "")


def _get_app(calls: Calls, app_id: str) -> tuple[Data, Exchange]:
    return calls.manage("GET", _app_path(app_id))


def _app_path(app_id: str) -> str:
    return f"apps/{quote(app_id, safe='')}"


def _credentials_of(app: Data, channel: str) -> Data:
    found = (
        c for c in parts(app, "channel_credentials") if text(c, "channel", limit=30) == channel
    )
    return next(found, {})


# --- Planning ----------------------------------------------------------------------------------


def plan(calls: Calls, wish: Wish) -> list[SetupStep]:
    """What differs, in words without secrets."""
    steps = []
    if wish.mms:
        app, _ = _get_app(calls, wish.app_id)
        steps += _mms_steps(app, wish)
    return steps + _hook_steps(_list_hooks(calls, wish), wish)


def _mms_steps(app: Data, wish: Wish) -> list[SetupStep]:
    known = part(_credentials_of(app, MMS), "mms_credentials")
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
        elif shown and not _is_hidden(shown) and _plain(shown) != _plain(value):
            return True
    return False


def _plain(value: Any) -> str:
    return str(value).strip().removeprefix("+")


def _is_hidden(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and not value.strip("*•xX. ")


def _say_mms(mms: Mapping[str, Any]) -> str:
    if not mms:
        return "none"
    sender = _plain(mms.get("default_sender") or "") or "not told"
    user = part(dict(mms), "basic_auth").get("username") or "none"
    return f"account {mms.get('account_id')}, default sender {sender}, user name {user}"


def _list_hooks(calls: Calls, wish: Wish) -> list[Data]:
    data, _ = calls.manage("GET", f"{_app_path(wish.app_id)}/webhooks")
    return parts(data, "webhooks")


def _ours(hooks: Sequence[Data], wish: Wish) -> Data | None:
    return next((hook for hook in hooks if hook.get("target") == wish.hook_url), None)


def _hook_steps(hooks: Sequence[Data], wish: Wish) -> list[SetupStep]:
    what = f"The webhook to this portal at {urlsplit(wish.hook_url).hostname}"
    then = _say_hook(TRIGGERS, "HTTP", wish.secret)
    hook = _ours(hooks, wish)
    if hook is None and len(hooks) >= MOST_WEBHOOKS:
        hosts = sorted({urlsplit(text(h, "target", limit=800)).hostname or "?" for h in hooks})
        now = f"none; {len(hooks)} others, to {', '.join(hosts)}"
        return [SetupStep(FULL_STEP, what, now, _FULL)]
    if hook is None:
        return [SetupStep(HOOK_STEP, what, "none", then)]
    if not (changed := _hook_changes(hook, wish)):
        return []
    known = _triggers_of(hook)
    now = _say_hook(known, text(hook, "target_type", limit=20), text(hook, "secret", limit=300))
    then = _say_hook(changed.get("triggers", known), "HTTP", wish.secret or hook.get("secret"))
    if "secret" in changed and hook.get("secret"):
        then += " (another one)"
    return [SetupStep(HOOK_STEP, what, now, then)]


def _hook_changes(hook: Data, wish: Wish) -> dict[str, Any]:
    """The fields that are to be changed, and to what."""
    changes: dict[str, Any] = {}
    if hook.get("target_type") != "HTTP":
        changes["target_type"] = "HTTP"
    known = _triggers_of(hook)
    if missing := [name for name in TRIGGERS if name not in known]:
        changes["triggers"] = [*known, *missing]
    secret = text(hook, "secret", limit=300)
    if wish.secret and secret != wish.secret and not _is_hidden(secret):
        changes["secret"] = wish.secret
    return changes


def _triggers_of(hook: Data) -> list[str]:
    found = hook.get("triggers")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _say_hook(triggers: Sequence[str], target_type: str, secret: Any) -> str:
    names = ", ".join(triggers) or "nothing"
    is_on = "" if target_type == "HTTP" else "switched off (DISMISS); "
    return f"{is_on}tells {names}; {'signed' if secret else 'not signed'}"


# --- Applying ----------------------------------------------------------------------------------


def apply(calls: Calls, wish: Wish, keys: Sequence[str]) -> list[Exchange]:
    """Make what still differs of these steps."""
    made = []
    if MMS_STEP in keys and wish.mms:
        made += _apply_mms(calls, wish)
    if {HOOK_STEP, FULL_STEP} & set(keys):
        made += _apply_hook(calls, wish)
    return made


def _apply_mms(calls: Calls, wish: Wish) -> list[Exchange]:
    """The list of credentials is replaced as a whole, so the others go along as they are."""
    with without_doubt():
        app, _ = _get_app(calls, wish.app_id)
    if not _mms_steps(app, wish):
        return []
    credentials = parts(app, "channel_credentials")
    others = [_writable(item) for item in credentials if item.get("channel") != MMS]
    if any(map(_has_hidden, others)):
        raise Misconfigured(_HIDDEN_KEYS)
    mine = {**_writable(_credentials_of(app, MMS)), "channel": MMS, "mms_credentials": wish.mms}
    places = [item.get("channel") for item in credentials]
    others.insert(places.index(MMS) if MMS in places else len(others), mine)
    path = f"{_app_path(wish.app_id)}?update_mask=channel_credentials"
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
    return _is_hidden(value)


def _apply_hook(calls: Calls, wish: Wish) -> list[Exchange]:
    with without_doubt():
        hooks = _list_hooks(calls, wish)
    hook = _ours(hooks, wish)
    if hook is None:
        return [_create_hook(calls, wish, hooks)]
    changes = _hook_changes(hook, wish)
    if not changes:
        return []
    mask = ",".join(changes)
    path = f"webhooks/{quote(text(hook, 'id', limit=64), safe='')}?update_mask={mask}"
    return [calls.manage("PATCH", path, changes)[1]]


def _create_hook(calls: Calls, wish: Wish, hooks: Sequence[Data]) -> Exchange:
    if len(hooks) >= MOST_WEBHOOKS:
        raise Misconfigured(_FULL)
    fields = {
        "app_id": wish.app_id,
        "target": wish.hook_url,
        "target_type": "HTTP",
        "triggers": list(TRIGGERS),
    }
    if wish.secret:
        fields["secret"] = wish.secret
    return calls.manage("POST", "webhooks", fields)[1]
