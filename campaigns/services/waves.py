"""The waves of a campaign that was launched, and who else is held, for its live page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import Campaign, Message
from campaigns.models.rows import states_are
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.tallies import count_minutes

#: What goes out this soon is waiting, not held: a row put back for a moment is no news.
SOON = timedelta(minutes=1)
#: So many moments are told apart; the rest is only counted.
MOST_MOMENTS = 24
OVER = (CampaignStatus.DONE, CampaignStatus.CANCELLED, CampaignStatus.SENT)


@dataclass(frozen=True, slots=True)
class Held:
    """Rows that wait for a later moment: how many in all, and (minute, how many), soonest
    first."""

    total: int = 0
    moments: Sequence[tuple[datetime, int]] = ()


@dataclass(frozen=True, slots=True)
class WaveLine:
    """One line of the table: people who start, or are released, at one moment."""

    label: str
    starts_at: datetime
    people: int
    held: int
    state: str
    tone: str


def count_held(campaign: Campaign, now: datetime) -> Held:
    held = count_minutes(campaign, now + SOON)
    commonest = sorted(held, key=lambda each: -each[1])[:MOST_MOMENTS]
    return Held(sum(count for _, count in held), sorted(commonest))


def list_waves(campaign: Campaign, held: Held, now: datetime) -> list[WaveLine]:
    """The waves, and the moments besides at which others are released."""
    left = dict(held.moments)
    lines = [
        WaveLine(
            label=wave.label,
            starts_at=wave.starts_at,
            people=wave.people_count,
            held=left.pop(wave.starts_at.replace(second=0, microsecond=0), 0),
            **_say_state(campaign, wave.starts_at, wave.started_at, now),
        )
        for wave in campaign.waves.all()
    ]
    lines += [_released(campaign, at, count) for at, count in left.items()]
    return sorted(lines, key=lambda line: line.starts_at)


def _say_state(
    campaign: Campaign, starts_at: datetime, started_at: datetime | None, now: datetime
) -> dict[str, str]:
    if started_at:
        return {"state": "Started", "tone": "ok"}
    if campaign.status == CampaignStatus.CANCELLED:
        return {"state": "Stopped", "tone": "wait"}
    if campaign.status in OVER:
        return {"state": "Not started", "tone": "wait"}
    if campaign.status == CampaignStatus.PAUSED:
        return {"state": "Paused" if starts_at > now else "Missed", "tone": "warn"}
    return {"state": "Waiting" if starts_at > now else "Starting", "tone": "info"}


def _released(campaign: Campaign, at: datetime, count: int) -> WaveLine:
    """The reason of one of them stands for all: they have it in common."""
    rows = Message.objects.filter(
        states_are(MessageStatus.QUEUED),
        campaign=campaign,
        channel=campaign.channel_id,
        send_after__gte=at,
        send_after__lt=at + timedelta(minutes=1),
    ).order_by("send_after", "pk")
    reason = rows.values_list("reason", flat=True).first()
    return WaveLine(reason or "Held", at, count, count, "Held", "wait")
