"""The safety brake: a campaign that goes wrong pauses itself and says why."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction

from campaigns.models import Campaign, Channel, Message, Policy, WebhookPost
from campaigns.rules.brake import (
    LEAST_UNREPORTED,
    fails_too_much,
    repels_too_many,
    say_failing,
    say_repelling,
    say_silent,
)
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.accounts import find_same_account
from campaigns.services.brake_base import count_since, released_at
from campaigns.services.campaigns import pause_by_machine
from campaigns.services.detours import lanes_of
from campaigns.services.policy import get_policy


def pull_brakes(campaigns: Iterable[Campaign], now: datetime) -> bool:
    """Pause those of these sending campaigns that must wait for a person; whether there were any.
    They come with their channel."""
    policy = get_policy()
    found = [(campaign, find_reason(campaign, policy, now)) for campaign in campaigns]
    for campaign, reason in found:
        if reason:
            _pull(campaign, reason)
    return any(reason for _, reason in found)


@transaction.atomic
def _pull(campaign: Campaign, reason: str) -> None:
    """Unless a person let it go on while we counted."""
    rows = Campaign.objects.select_for_update(no_key=True)
    locked = rows.filter(pk=campaign.pk, status=CampaignStatus.SENDING).first()
    if locked and locked.brake_base == campaign.brake_base:
        pause_by_machine(locked, reason)


def find_reason(campaign: Campaign, policy: Policy, now: datetime) -> str:
    """Why it must wait, in words; "" where it may go on."""
    counted = count_since(campaign)
    if fails_too_much(counted, policy.brake_failures):
        return say_failing(counted, policy.brake_failures)
    if repels_too_many(counted, policy.brake_optouts):
        return say_repelling(counted, policy.brake_optouts)
    if policy.brake_silence is not None:
        quiet = timedelta(minutes=policy.brake_silence)
        if silent := next(_silent_lanes(campaign, now - quiet), None):
            name = Channel.objects.values_list("name", flat=True).get(pk=silent)
            return say_silent(LEAST_UNREPORTED, quiet, name)
    return ""


def _silent_lanes(campaign: Campaign, since: datetime) -> Iterator[int]:
    return (lane for lane in lanes_of(campaign) if _is_silent(campaign, lane, since))


def _is_silent(campaign: Campaign, lane: int, since: datetime) -> bool:
    """Whether enough was taken there before this moment, and nothing has come back after it."""
    begun = released_at(campaign) or campaign.filled_at
    if begun is None or begun > since or _was_heard(lane, since):
        return False
    rows = Message.objects.filter(
        campaign=campaign,
        channel=lane,
        status=MessageStatus.ACCEPTED,
        accepted_at__gte=begun,
        accepted_at__lte=since,
    )
    return rows.order_by()[:LEAST_UNREPORTED].count() >= LEAST_UNREPORTED


def _was_heard(channel_id: int, since: datetime) -> bool:
    """Whether anything came, by itself or because we asked, at this channel or another one of its
    account. Also what cannot be used has come."""
    same = find_same_account(channel_id)
    if Channel.objects.filter(pk__in=same, last_hook_at__gt=since).exists():
        return True
    if not Channel.objects.filter(pk__in=same, polls=True).exists():
        return False
    fetched = WebhookPost.objects.filter(channel__in=same, is_polled=True).order_by("-pk")
    newest = fetched.values_list("received_at", flat=True).first()
    return newest is not None and newest > since
