"""Channels: their gateway, their credentials, their callback address, and stopping them."""

import hashlib
import json
import secrets as random
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.utils import timezone

from campaigns.gateways import GATEWAYS
from campaigns.gateways.base import ChannelConfig, Field, Gateway, Limits
from campaigns.gateways.errors import GatewayError
from campaigns.gateways.http import Wire
from campaigns.gateways.lacking import Lacking
from campaigns.models import Channel
from campaigns.models.rows import as_moment
from campaigns.rules.problems import RuleBroken
from campaigns.services.accesstokens import ChannelTokens
from campaigns.services.audit import record
from campaigns.services.journal import keep_exchanges
from campaigns.services.queue import ring

#: A replaced callback address keeps working this long, so that no report is lost meanwhile.
HOOK_OVERLAP = timedelta(days=7)
#: How the secret before the last one is called, where it is accepted a while longer.
BEFORE = "previous_"
#: So many of them at most: somebody may mistype one.
MOST_BEFORE = 3
WRITTEN_BY_PEOPLE = (
    "name",
    "base_url",
    "settings",
    "secrets",
    "requests_per_second",
    "connections",
    "size_limit",
    "transcodes",
    "polls",
    "tested_at",
    "test_problem",
)


def channel_kinds() -> list[tuple[str, str]]:
    """(kind, label) of every provider interface."""
    return [(kind, gateway.label) for kind, gateway in GATEWAYS.items()]


def channel_fields(kind: str) -> tuple[Field, ...]:
    """What a channel of this kind needs from a person."""
    return GATEWAYS[kind].fields


def channel_limits(channel: Channel) -> Limits:
    """What the channel's provider can carry."""
    return kind_limits(channel.kind)


def adds_link(channel: Channel | None) -> bool:
    """Whether the SMS instead gets a link to the MMS; without a channel: whether any here adds
    one."""
    if channel is not None:
        return not channel_limits(channel).has_sms
    kinds = set(Channel.objects.order_by().values_list("kind", flat=True))
    return not kinds or any(not GATEWAYS[kind].limits.has_sms for kind in kinds)


def kind_limits(kind: str) -> Limits:
    return GATEWAYS[kind].limits


def default_base_url(kind: str) -> str:
    return GATEWAYS[kind].default_base_url


def kinds_that(step: str) -> list[str]:
    """The kinds whose provider has this step, named as in `Gateway`: "poll", "look_up" …"""
    lacking = getattr(Lacking, step)
    return [kind for kind, gateway in GATEWAYS.items() if getattr(gateway, step) is not lacking]


def base_urls(kind: str) -> Mapping[str, str]:
    """Region → base URL, where the provider has several."""
    return GATEWAYS[kind].regions


def is_unsigned(channel: Channel) -> bool:
    """Whether the provider could sign its callbacks, and the channel asks for none of it."""
    signing = [item.name for item in channel_fields(channel.kind) if item.overlaps]
    can_sign = bool(GATEWAYS[channel.kind].signature_headers and signing)
    return can_sign and not any(channel.secrets.get(name) for name in signing)


def kinds_with_sms() -> list[str]:
    """The kinds by which plain-text replies come, too."""
    return [kind for kind, gateway in GATEWAYS.items() if gateway.limits.has_sms]


def open_gateway(channel: Channel, *, verify: bool | str = True) -> Gateway:
    """A gateway with its own connections; `verify` may name a file of certificates."""
    config = ChannelConfig(
        base_url=channel.base_url,
        values={"callback_url": hook_url(channel), **channel.settings, **_with_overlaps(channel)},
        connections=channel.connections,
        tokens=ChannelTokens(channel.pk, json.dumps(_account_of(channel), sort_keys=True)),
    )
    return GATEWAYS[channel.kind](config, Wire(connections=channel.connections, verify=verify))


@transaction.atomic
def save_channel(
    channel: Channel, *, values: dict[str, str], secrets: dict[str, str], by: AbstractBaseUser
) -> Channel:
    """Save a channel with its settings; an empty secret keeps the stored one.

    What an earlier test found says nothing about a changed account: it is forgotten.
    """
    stored = Channel.objects.select_for_update().filter(pk=channel.pk).first()
    changed = sorted(name for name, value in secrets.items() if value)
    channel.settings = values
    known = stored.secrets if stored else channel.secrets or {}
    changed_secrets = {name: value for name, value in secrets.items() if value}
    channel.secrets = {**known, **changed_secrets, **_kept_a_while(channel, known, changed_secrets)}
    if "hook_token" not in channel.secrets:
        _set_hook_token(channel)
    if stored and _account_of(stored) != _account_of(channel):
        channel.tested_at, channel.test_problem = None, ""
    # Nothing else: a machine may have paused it, or somebody replaced its address, meanwhile.
    channel.save(update_fields=WRITTEN_BY_PEOPLE if stored else None)
    record(
        "channel.changed" if stored else "channel.added",
        channel,
        by=by,
        after={"base_url": channel.base_url, **values, "new secrets": changed},
    )
    return channel


def _kept_a_while(
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


def _with_overlaps(channel: Channel) -> dict[str, str]:
    """The secrets as a gateway gets them."""
    values = dict(channel.secrets)
    now = timezone.now().isoformat()
    for item in channel_fields(channel.kind) if any(n.startswith(BEFORE) for n in values) else ():
        before = values.pop(f"{BEFORE}{item.name}", "")
        if values.pop(f"{BEFORE}{item.name}_until", "") > now:
            values[item.name] = f"{values[item.name]} {before}"
    return values


def _account_of(channel: Channel) -> tuple[str, dict[str, str], dict[str, str]]:
    """Everything a test of the connection depends on."""
    return channel.base_url, channel.settings, channel.secrets


def _set_hook_token(channel: Channel) -> None:
    token = random.token_urlsafe(32)
    channel.secrets = {**channel.secrets, "hook_token": token}
    channel.hook_hash = hash_token(token)


def hash_token(token: str) -> str:
    """The form in which callback tokens are looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


def hook_url(channel: Channel) -> str:
    """The address to give to the provider for its callbacks."""
    token = channel.secrets.get("hook_token", "")
    return f"{settings.PUBLIC_BASE_URL}/hooks/{token}/" if token else ""


@transaction.atomic
def rotate_hook_token(channel: Channel, *, by: AbstractBaseUser) -> None:
    """Give the channel a new callback address; the old one works on for `HOOK_OVERLAP`.

    Pressed twice, it is still the address which the provider knows that works on.
    """
    now = timezone.now()
    channel.refresh_from_db()
    if not (channel.old_hook_until and channel.old_hook_until > now):
        channel.old_hook_hash = channel.hook_hash
    channel.old_hook_until = now + HOOK_OVERLAP
    _set_hook_token(channel)
    channel.save(update_fields=["secrets", "hook_hash", "old_hook_hash", "old_hook_until"])
    record("channel.hook_rotated", channel, by=by)


#: Asked for every callback: written by hand, it costs a tenth of what the ORM takes to compile it.
_BY_TOKEN = """
    SELECT id, last_hook_at FROM campaigns_channel
    WHERE hook_hash = %s OR (old_hook_hash = %s AND old_hook_until > %s)
"""  # noqa: S105 a token's hash is looked up, none stands here


@dataclass(frozen=True, slots=True)
class Hooked:
    """The channel that a callback address belongs to."""

    channel_id: int
    last_hook_at: datetime | None


def find_channel_by_token(token: str, now: datetime) -> Hooked | None:
    """Whose callback address ends in this token."""
    digest = hash_token(token)
    with connection.cursor() as cursor:
        at = connection.ops.adapt_datetimefield_value(now)
        cursor.execute(_BY_TOKEN, [digest, digest, at])
        row = cursor.fetchone()
    if row is None:
        return None
    return Hooked(row[0], as_moment(row[1]))


def try_connection(channel: Channel, *, by: AbstractBaseUser) -> list[str]:
    """Ask the provider whether it would accept our messages; [] when it would."""
    sender = channel.senders.first()
    if sender is None:
        return ["Add a sender first: the number your messages come from."]
    problems = []
    with closing(open_gateway(channel)) as gateway:
        try:
            exchange = gateway.check_credentials(sender.number)
        except GatewayError as error:
            exchange, problems = error.exchange, [str(error)]
    keep_exchanges(channel.pk, [exchange], timezone.now())
    channel.tested_at = timezone.now()
    channel.test_problem = " ".join(problems)
    channel.save(update_fields=["tested_at", "test_problem"])
    record("channel.tested", channel, by=by, after={"problem": channel.test_problem})
    return problems


@transaction.atomic
def pause_channel(channel: Channel, reason: str, *, by: AbstractBaseUser | None) -> bool:
    """Send nothing more on this channel; False when it was paused already."""
    now = timezone.now()
    rows = Channel.objects.filter(pk=channel.pk, paused_at=None)
    if not rows.update(paused_at=now, paused_reason=reason):
        return False
    record("channel.paused", channel, by=by, after={"reason": reason})
    return True


@transaction.atomic
def resume_channel(channel: Channel, *, by: AbstractBaseUser) -> None:
    """Let the channel send again; what waits goes out."""
    rows = Channel.objects.filter(pk=channel.pk).exclude(paused_at=None)
    if not rows.update(paused_at=None, paused_reason=""):
        raise RuleBroken(f"{channel} is not paused.")
    record("channel.resumed", channel, by=by)
    ring("outbox.send_due", channel.pk)


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
