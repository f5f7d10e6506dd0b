"""What a draft would do if it were launched now: its waves, who is held, late or left out, and
when each would be through. Counted by place, never by person."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count

from campaigns.models import Campaign
from campaigns.rules.allowances import Flow
from campaigns.services.ladder import written_to
from campaigns.services.planning import Group, Turn, group_turns, plan_turn
from campaigns.services.quiethours import read_table
from campaigns.services.senders import flow_of


@dataclass(frozen=True, slots=True)
class WaveForecast:
    """One moment: who starts, when they are through, and until when some would be cut off."""

    starts_at: datetime
    label: str
    people: int
    finish_at: datetime | None
    held: tuple[str, ...] = ()
    held_people: int = 0
    late_people: int = 0
    #: Quiet hours that begin before the wave is through: the rest waits for the next morning.
    cut_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    waves: list[WaveForecast] = field(default_factory=list)
    skipped: list[tuple[str, int]] = field(default_factory=list)
    late_people: int = 0
    per_second: float = 0

    @property
    def people(self) -> int:
        return sum(wave.people for wave in self.waves)

    @property
    def finish_at(self) -> datetime | None:
        return self.waves[-1].finish_at if self.waves else None

    @property
    def is_simple(self) -> bool:
        """Everybody at once, and nobody is held or left out."""
        return len(self.waves) == 1 and not self.skipped and not self.waves[0].held


def forecast(campaign: Campaign, now: datetime) -> Forecast:
    """The turns of everybody it would be written to, by one query for all places."""
    people = written_to(campaign, now).order_by().values("place").annotate(count=Count("pk"))
    counts = dict(people.values_list("place", "count"))
    table = read_table()
    turns = {place: plan_turn(campaign, place, table, now) for place in counts}
    skipped: Counter[str] = Counter()
    for place, turn in turns.items():
        if turn.skipped:
            skipped[turn.skipped] += counts[place]
    flow = flow_of(campaign, now)
    return Forecast(
        waves=_run_through(list(group_turns(turns, counts)), counts, flow, now),
        skipped=skipped.most_common(),
        late_people=sum(counts[place] for place, turn in turns.items() if turn.is_late),
        per_second=flow.rate,
    )


def _run_through(
    groups: list[Group], counts: Mapping[str, int], flow: Flow, now: datetime
) -> list[WaveForecast]:
    """One wave after the other, as fast as channel and sender let them go."""
    free_at, waves = None, []
    for group in groups:
        starts_at = max(free_at or group.starts_at, group.starts_at)
        free_at, flow = flow.through(group.people, starts_at, now)
        waves.append(_describe(group, counts, free_at))
    return waves


def _describe(group: Group, counts: Mapping[str, int], finish_at: datetime | None) -> WaveForecast:
    quiet = {place: turn for place, turn in group.turns.items() if turn.is_quiet}
    return WaveForecast(
        starts_at=group.starts_at,
        label=group.label,
        people=group.people,
        finish_at=finish_at,
        held=tuple(dict.fromkeys(turn.held for turn in quiet.values())),
        held_people=sum(counts[place] for place in quiet),
        late_people=sum(counts[place] for place, turn in group.turns.items() if turn.is_late),
        cut_at=_find_cut(group.turns, finish_at),
    )


def _find_cut(turns: Mapping[str, Turn], finish_at: datetime | None) -> datetime | None:
    closings = [turn.closes_at for turn in turns.values() if turn.closes_at]
    first = min(closings, default=None)
    return first if first and finish_at and first < finish_at else None
