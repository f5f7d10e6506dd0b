"""Which formats a channel carries, in words for who chooses one."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.gateways import GATEWAYS
from campaigns.gateways.channels import Limits
from campaigns.models import Channel
from campaigns.rules.formats import SHAPES, Format
from campaigns.rules.formats_checks import NAMES
from campaigns.rules.slides import Capacity

Channels = list[tuple[str, Limits]]


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
    about = f"{SHAPES[chosen].about}{_tell_choices(chosen, channel, capacity)}"
    missing = [each for each in Format if each not in capacity.formats]
    if channel is not None and not missing:
        return about
    if channel is None:
        return f"{about} {_tell_carriers(chosen)}"
    rows, by_places = _list_channels(), dict[str, list[Format]]()
    for each in missing:
        by_places.setdefault(_tell_where(each, rows), []).append(each)
    told = (
        f"{_listed([each.label for each in formats], 'or')}: {where}"
        for where, formats in by_places.items()
    )
    return f"{about} “{channel}” does not carry {' Nor '.join(told)}"


def _tell_choices(chosen: str, channel: Channel | None, capacity: Capacity) -> str:
    """Who carries this format without the choices that it may have."""
    if not SHAPES[chosen].has_choices:
        return ""
    if channel is not None:
        lacks = chosen in capacity.formats and not capacity.choices
        return f" “{channel}” carries it without choices." if lacks else ""
    able = [(name, limits) for name, limits in _list_channels() if chosen in limits.formats]
    bare = [f"“{name}”" for name, limits in able if not limits.choices]
    if not bare:
        return ""
    return f" {_listed(bare)} {'carry' if bare[1:] else 'carries'} it without choices."


def _tell_carriers(chosen: str) -> str:
    rows = _list_channels()
    names = [f"“{name}”" for name, limits in rows if chosen in limits.formats]
    what = NAMES[chosen]
    alone = _tell_single(chosen, rows)
    if not names:
        return f"No channel here carries {what} yet: add one of {_interfaces(chosen)}."
    if len(names) == len(rows):
        return f"Every channel here carries {what}{alone}."
    verb = "carry" if names[1:] else "carries"
    return f"Of the channels here, {_listed(names)} {verb} {what}{alone}."


def _tell_single(chosen: str, rows: Channels) -> str:
    """Who takes one slide alone."""
    if chosen != Format.SLIDES:
        return ""
    names = [f"“{name}”" for name, limits in rows if limits.slides == 1]
    return f", {_listed(names)} only one" if names else ""


def _tell_where(wanted: Format, rows: Channels) -> str:
    """Where to go with it: a channel here that carries it, else an interface."""
    names = [f"“{name}”" for name, limits in rows if wanted in limits.formats]
    if names:
        return f"choose {_listed(names, 'or')} for that."
    return f"that takes a channel of {_interfaces(wanted)}."


def _list_channels() -> Channels:
    """(name, limits) of each: the rows themselves hold secrets to decrypt."""
    rows = Channel.objects.values_list("name", "kind")
    return [(name, GATEWAYS[kind].limits) for name, kind in rows]


def _interfaces(wanted: str) -> str:
    labels = [each.label for each in GATEWAYS.values() if wanted in each.limits.formats]
    return _listed(labels, "or") or "another interface"


def _listed(words: Iterable[str], last: str = "and") -> str:
    *most, end = [*words] or [""]
    return f"{', '.join(most)} {last} {end}" if most else end
