"""Secrets of channels: which are kept, and those replaced but accepted a while longer."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from campaigns.gateways import GATEWAYS
from campaigns.models import Channel
from campaigns.services.channel_kinds import channel_fields
from campaigns.services.hook_addresses import HOOK_OVERLAP

#: How the secret before the last one is called, where it is accepted a while longer.
BEFORE = "previous_"
#: So many of them at most: somebody may mistype one.
MOST_BEFORE = 3


def is_unsigned(channel: Channel) -> bool:
    """Whether the provider could sign its callbacks, and the channel asks for none of it."""
    signing = [item.name for item in channel_fields(channel.kind) if item.overlaps]
    can_sign = bool(GATEWAYS[channel.kind].signature_headers and signing)
    return can_sign and not any(channel.secrets.get(name) for name in signing)


def kept_a_while(
    channel: Channel, known: dict[str, str], changed: dict[str, str]
) -> dict[str, str]:
    """The secrets before these, of the kind that overlaps, with the moment until which they do."""
    until = (timezone.now() + HOOK_OVERLAP).isoformat()
    kept = {}
    for item in channel_fields(channel.kind):
        before = known.get(item.name)
        if item.overlaps and before and changed.get(item.name, before) != before:
            good = _still_good(known, item.name)
            kept |= {f"{BEFORE}{item.name}": good, f"{BEFORE}{item.name}_until": until}
    return kept


def _still_good(known: dict[str, str], name: str) -> str:
    """The one so far, and the one before it while that is accepted: after a slip of the pen it is
    what the provider signs with."""
    is_over = known.get(f"{BEFORE}{name}_until", "") <= timezone.now().isoformat()
    earlier = "" if is_over else known.get(f"{BEFORE}{name}", "")
    return " ".join([known[name], *earlier.split()][:MOST_BEFORE])


def with_overlaps(channel: Channel) -> dict[str, str]:
    """The secrets as a gateway gets them."""
    values = dict(channel.secrets)
    now = timezone.now().isoformat()
    for item in channel_fields(channel.kind) if any(n.startswith(BEFORE) for n in values) else ():
        before = values.pop(f"{BEFORE}{item.name}", "")
        if values.pop(f"{BEFORE}{item.name}_until", "") > now:
            values[item.name] = f"{values[item.name]} {before}"
    return values


def overlap_ends(channel: Channel, now: datetime) -> dict[str, datetime]:
    """Name of each secret whose one before is accepted, too → until when."""
    known = channel.secrets or {}
    ends = {
        item.name: datetime.fromisoformat(known[f"{BEFORE}{item.name}_until"])
        for item in channel_fields(channel.kind)
        if f"{BEFORE}{item.name}_until" in known
    }
    return {name: until for name, until in ends.items() if until > now}


def secret_endings(channel: Channel) -> dict[str, str]:
    """Name of each stored secret → its last four characters ("" of a short one)."""
    known: dict[str, Any] = channel.secrets or {}
    names = [item.name for item in channel_fields(channel.kind) if item.secret]
    return {
        name: known[name][-4:] if len(known[name]) > 11 else "" for name in names if known.get(name)
    }
