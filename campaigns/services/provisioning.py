"""The provider's own configuration, changed from here: looked at first, then step by step."""

from collections.abc import Sequence
from contextlib import closing

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from campaigns.gateways.errors import GatewayError
from campaigns.gateways.outcomes import SetupStep
from campaigns.models import Channel, Sender
from campaigns.rules.problems import RuleBroken
from campaigns.services.audit import record
from campaigns.services.channel_kinds import kinds_that
from campaigns.services.channels import open_gateway
from campaigns.services.hook_addresses import hook_url
from campaigns.services.journal import keep_exchanges

NO_SENDER = "Add a sender first: the number your messages come from."
NOTHING_CHOSEN = "Choose at least one change."
NOT_THERE = "There is nothing of this left to change: look again at what stands below."


def is_offered(channel: Channel) -> bool:
    """Whether the provider lets itself be set up from here."""
    return channel.kind in kinds_that("plan_setup")


def plan_setup(channel: Channel, sender: Sender | None) -> list[SetupStep]:
    """What differs from what the channel needs; raises `RuleBroken` in the provider's words."""
    if sender is None:
        raise RuleBroken(NO_SENDER)
    with closing(open_gateway(channel)) as gateway:
        try:
            return gateway.plan_setup(hook_url(channel), sender.number)
        except GatewayError as error:
            raise _told(channel, error) from error


def apply_setup(
    channel: Channel, sender: Sender | None, keys: Sequence[str], *, by: AbstractBaseUser
) -> list[str]:
    """Make the chosen changes; what they are in words. Raises `RuleBroken`."""
    if not keys:
        raise RuleBroken(NOTHING_CHOSEN)
    chosen = [step for step in plan_setup(channel, sender) if step.key in keys]
    if not chosen:
        raise RuleBroken(NOT_THERE)
    names, problem = [step.what for step in chosen], None
    with closing(open_gateway(channel)) as gateway:
        try:
            exchanges = gateway.apply_setup(
                hook_url(channel), sender.number, [step.key for step in chosen]
            )
            keep_exchanges(channel.pk, exchanges, timezone.now())
        except GatewayError as error:
            problem = _told(channel, error)
    record(
        "channel.set_up", channel, by=by, after={"changes": names, "problem": str(problem or "")}
    )
    if problem:
        raise problem
    return names


def _told(channel: Channel, error: GatewayError) -> RuleBroken:
    """What went wrong, kept in the journal, too."""
    keep_exchanges(channel.pk, [error.exchange], timezone.now())
    return RuleBroken(str(error))
