"""What goes wrong in a run, and when: drawn from its seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from campaigns.management.chaos.victims import KINDS

#: The kills are spread over so much of the messages.
SHARE = 0.9
#: Of every kind so many are killed at least, where there are kills enough for all.
LEAST_OF_EACH = 5
#: Most come when so many messages are out, the others so many seconds after the last: while that
#: is being recovered from.
BY_PROGRESS = 0.7
SHORTEST, LONGEST = 0.1, 2.0
#: One of so many kills is followed by a restart of each server.
KILLS_PER_RESTART = 4
STOP = "cluster stop"
RESTARTS = {
    "postgres": ("postgres fast", "postgres immediate"),
    "redis": ("redis flush", "redis restart"),
}


@dataclass(frozen=True, slots=True)
class Blow:
    """One thing that goes wrong: to `what`, when so many messages are out or after seconds."""

    what: str
    requests: int = 0
    seconds: float = 0


def draw_plan(
    seed: int, messages: int, kills: int, servers: Sequence[str], stops: int = 0
) -> list[Blow]:
    """The blows in their order; `servers` are those that may be restarted, `stops` is how often
    a cluster is asked to end, as for a new version."""
    random = Random(seed)
    blows: list[Blow] = []
    hows = (RESTARTS[name] for name in servers)
    restarts = [how for turn in zip(*hows, strict=True) for how in turn]
    kinds = _draw_kinds(random, kills)
    for _ in range(stops):
        kinds.insert(random.randint(0, len(kinds)), STOP)
    for number, kind in enumerate(kinds, 1):
        point = (number - random.random()) / len(kinds)
        blows.append(_draw(random, kind, int(point * messages * SHARE)))
        if restarts and number % KILLS_PER_RESTART == KILLS_PER_RESTART // 2:
            how = restarts[number // KILLS_PER_RESTART % len(restarts)]
            blows.append(Blow(how, seconds=random.uniform(SHORTEST, LONGEST)))
    return blows


def _draw_kinds(random: Random, kills: int) -> list[str]:
    least = min(LEAST_OF_EACH, kills // len(KINDS))
    kinds = [kind for kind in KINDS for _ in range(least)]
    kinds += random.choices(list(KINDS), KINDS.values(), k=kills - len(kinds))
    random.shuffle(kinds)
    return kinds


def _draw(random: Random, what: str, requests: int) -> Blow:
    if random.random() < BY_PROGRESS:
        return Blow(what, requests=requests)
    return Blow(what, seconds=random.uniform(SHORTEST, LONGEST))
