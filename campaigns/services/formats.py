"""Which formats a channel carries, in words for who chooses one."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.gateways import GATEWAYS
from campaigns.models import Channel
from campaigns.rules.formats import SHAPES, Format
from campaigns.rules.formats_checks import NAMES
from campaigns.rules.slides import Capacity


@dataclass(frozen=True, slots=True)
class Offer:
    """A format on the chooser."""

    format: Format
    is_chosen: bool
    is_carried: bool


def list_offers(chosen: str, capacity: Capacity) -> list[Offer]:
    """All of them; those that the channel does not carry cannot be chosen."""
    return [Offer(each, each == chosen, each in capacity.formats) for each in Format]


def tell_format(chosen: str, channel: Channel | None, capacity: Capacity) -> str:
    """What the chosen format is, and which channels carry what."""
    about = SHAPES[chosen].about
    missing = [each for each in Format if each not in capacity.formats]
    if channel is not None and not missing:
        return about
    if channel is None:
        return f"{about} {_tell_carriers(chosen)}"
    named = _listed([each.label for each in missing], "or")
    return f"{about} “{channel}” does not carry {named}: {_tell_where(missing)}"


def _tell_carriers(chosen: str) -> str:
    rows = _list_channels()
    names = [f"“{name}”" for name, formats in rows if chosen in formats]
    what = NAMES[chosen]
    if not names:
        return f"No channel here carries {what} yet: add one of {_interfaces(chosen)}."
    if len(names) == len(rows):
        return f"Every channel here carries {what}."
    return f"Of the channels here, {_listed(names)} carr{'y' if names[1:] else 'ies'} {what}."


def _tell_where(missing: Iterable[Format]) -> str:
    """Where to go with them; what another channel here carries is on that one."""
    wanted = set(missing)
    names = [f"“{name}”" for name, formats in _list_channels() if wanted & formats]
    if names:
        return f"choose {_listed(names, 'or')} for that."
    return f"that takes a channel of {_interfaces(*missing)}."


def _list_channels() -> list[tuple[str, frozenset[str]]]:
    """(name, formats it carries) of each: the rows themselves hold secrets to decrypt."""
    rows = Channel.objects.values_list("name", "kind")
    return [(name, GATEWAYS[kind].limits.formats) for name, kind in rows]


def _interfaces(*formats: str) -> str:
    wanted = set(formats)
    labels = [each.label for each in GATEWAYS.values() if wanted & each.limits.formats]
    return _listed(labels, "or") or "another interface"


def _listed(words: Iterable[str], last: str = "and") -> str:
    *most, end = [*words] or [""]
    return f"{', '.join(most)} {last} {end}" if most else end
