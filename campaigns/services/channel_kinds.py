"""The kinds of channels: what each needs from a person, carries, and can be asked."""

from collections.abc import Mapping

from campaigns.gateways import GATEWAYS
from campaigns.gateways.channels import Field, Limits
from campaigns.gateways.lacking import Lacking
from campaigns.models import Channel


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


def kinds_with_sms() -> list[str]:
    """The kinds by which plain-text replies come, too."""
    return [kind for kind, gateway in GATEWAYS.items() if gateway.limits.has_sms]
