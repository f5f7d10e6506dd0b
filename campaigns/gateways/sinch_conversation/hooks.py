"""The webhook at Sinch that brings us reports and replies
(reference/sinch-conversation-api.md §8)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from campaigns.gateways.errors import Misconfigured
from campaigns.gateways.outcomes import Exchange, SetupStep
from campaigns.gateways.payload import text
from campaigns.gateways.sinch_conversation.app import app_path, is_hidden, without_doubt
from campaigns.gateways.sinch_conversation.callback import Data, parts
from campaigns.gateways.sinch_conversation.calls import Calls
from campaigns.gateways.sinch_conversation.wish import Wish

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
HOOK_STEP, FULL_STEP = "webhook", "webhook_full"
_FULL = (
    "The app has five webhooks, the most it can have: delete one of them at Sinch that is not "
    "used any more, then set it up again."
)
_OLDER = (
    "none; one leads to another address of this portal. If that was this channel's, delete it at "
    "Sinch when the new one works."
)


def plan_hook(calls: Calls, wish: Wish) -> list[SetupStep]:
    """What differs, in words without secrets."""
    return _steps(_list(calls, wish), wish)


def _list(calls: Calls, wish: Wish) -> list[Data]:
    data, _ = calls.manage("GET", f"{app_path(wish.app_id)}/webhooks")
    return parts(data, "webhooks")


def _ours(hooks: Sequence[Data], wish: Wish) -> Data | None:
    return next((hook for hook in hooks if hook.get("target") == wish.hook_url), None)


def _steps(hooks: Sequence[Data], wish: Wish) -> list[SetupStep]:
    what = f"The webhook to this portal at {urlsplit(wish.hook_url).hostname}"
    then = _say(TRIGGERS, "HTTP", wish.secret)
    hook = _ours(hooks, wish)
    if hook is None and len(hooks) >= MOST_WEBHOOKS:
        hosts = sorted({urlsplit(text(h, "target", limit=800)).hostname or "?" for h in hooks})
        now = f"none; {len(hooks)} others, to {', '.join(hosts)}"
        return [SetupStep(FULL_STEP, what, now, _FULL)]
    if hook is None:
        return [SetupStep(HOOK_STEP, what, _OLDER if _has_older(hooks, wish) else "none", then)]
    if not (changed := _changes(hook, wish)):
        return []
    known = _triggers_of(hook)
    now = _say(known, text(hook, "target_type", limit=20), text(hook, "secret", limit=300))
    then = _say(changed.get("triggers", known), "HTTP", wish.secret or hook.get("secret"))
    if "secret" in changed and hook.get("secret"):
        then += " (another one)"
    return [SetupStep(HOOK_STEP, what, now, then)]


def _has_older(hooks: Sequence[Data], wish: Wish) -> bool:
    """Whether one leads to this portal by an address it had before, or another channel has."""
    root = wish.hook_url.rstrip("/").rpartition("/")[0] + "/"
    return any(text(hook, "target", limit=800).startswith(root) for hook in hooks)


def _changes(hook: Data, wish: Wish) -> dict[str, Any]:
    """The fields that are to be changed, and to what."""
    changes: dict[str, Any] = {}
    if hook.get("target_type") != "HTTP":
        changes["target_type"] = "HTTP"
    known = _triggers_of(hook)
    if missing := [name for name in TRIGGERS if name not in known]:
        changes["triggers"] = [*known, *missing]
    secret = text(hook, "secret", limit=300)
    if wish.secret and secret != wish.secret and not is_hidden(secret):
        changes["secret"] = wish.secret
    return changes


def _triggers_of(hook: Data) -> list[str]:
    found = hook.get("triggers")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _say(triggers: Sequence[str], target_type: str, secret: Any) -> str:
    names = ", ".join(triggers) or "nothing"
    is_on = "" if target_type == "HTTP" else "switched off (DISMISS); "
    return f"{is_on}tells {names}; {'signed' if secret else 'not signed'}"


def apply_hook(calls: Calls, wish: Wish) -> list[Exchange]:
    with without_doubt():
        hooks = _list(calls, wish)
    hook = _ours(hooks, wish)
    if hook is None:
        return [_create(calls, wish, hooks)]
    changes = _changes(hook, wish)
    if not changes:
        return []
    mask = ",".join(changes)
    path = f"webhooks/{quote(text(hook, 'id', limit=64), safe='')}?update_mask={mask}"
    return [calls.manage("PATCH", path, changes)[1]]


def _create(calls: Calls, wish: Wish, hooks: Sequence[Data]) -> Exchange:
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
