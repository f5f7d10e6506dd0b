"""Channels: saved, tried, paused and resumed; and the gateway of each."""

import json
from contextlib import closing

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from campaigns.gateways import GATEWAYS
from campaigns.gateways.base import Gateway
from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.errors import GatewayError
from campaigns.gateways.http import Wire
from campaigns.models import Channel
from campaigns.rules.looks import write_number
from campaigns.rules.problems import RuleBroken, check
from campaigns.services.accesstokens import ChannelTokens
from campaigns.services.audit import record
from campaigns.services.channel_secrets import kept_a_while, with_overlaps
from campaigns.services.hook_addresses import hook_url, set_hook_token
from campaigns.services.journal import keep_exchanges
from campaigns.services.queue import ring
from campaigns.services.standins import find_sender_problems

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
    "outage_sender",
    "tested_at",
    "test_problem",
)


def open_gateway(channel: Channel, *, verify: bool | str = True) -> Gateway:
    """A gateway with its own connections; `verify` may name a file of certificates."""
    config = ChannelConfig(
        base_url=channel.base_url,
        values={"callback_url": hook_url(channel), **channel.settings, **with_overlaps(channel)},
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
    channel.secrets = {**known, **changed_secrets, **kept_a_while(channel, known, changed_secrets)}
    if stored is None or stored.outage_sender_id != channel.outage_sender_id:
        check(find_sender_problems(channel, channel.outage_sender))
    if "hook_token" not in channel.secrets:
        set_hook_token(channel)
    if stored and _account_of(stored) != _account_of(channel):
        channel.tested_at, channel.test_problem = None, ""
    # Nothing else: a machine may have paused it, or somebody replaced its address, meanwhile.
    channel.save(update_fields=WRITTEN_BY_PEOPLE if stored else None)
    record(
        "channel.changed" if stored else "channel.added",
        channel,
        by=by,
        after={
            "base_url": channel.base_url,
            **values,
            "in an outage": _say_outage(channel),
            "new secrets": changed,
        },
    )
    return channel


def _say_outage(channel: Channel) -> str:
    sender = channel.outage_sender
    return f"SMS from {write_number(sender.number)} by {sender.channel}" if sender else "held"


def _account_of(channel: Channel) -> tuple[str, dict[str, str], dict[str, str]]:
    """Everything a test of the connection depends on."""
    return channel.base_url, channel.settings, channel.secrets


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
            is_partial = getattr(error, "is_partial", False)
            exchange, problems = error.exchange, [f"{Channel.IN_PART if is_partial else ''}{error}"]
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
    ring("outbox.detour", channel.pk)  # what makes a detour comes back, and is held
    return True


@transaction.atomic
def resume_channel(channel: Channel, *, by: AbstractBaseUser) -> None:
    """Let the channel send again; what waits goes out."""
    rows = Channel.objects.filter(pk=channel.pk).exclude(paused_at=None)
    if not rows.update(paused_at=None, paused_reason=""):
        raise RuleBroken(f"{channel} is not paused.")
    record("channel.resumed", channel, by=by)
    ring("outbox.send_due", channel.pk)
