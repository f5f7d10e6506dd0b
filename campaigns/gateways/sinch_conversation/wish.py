"""How the app at Sinch should be, as the channel's own fields ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from campaigns.gateways.sinch_conversation.bodies import plus

_MMS_FIELDS = ("mms_account_id", "mms_api_key", "mms_basic_username", "mms_basic_password")


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
    # The new one comes first, where one replaces the other.
    secret, *_ = [*str(values.get("callback_secret") or "").split(), ""]
    return Wish(str(values.get("app_id") or "").strip(), hook_url, secret, mms)
