"""What pages say about opting out."""

from django import template

from campaigns.models import Channel
from campaigns.services.hearing import find_route_warning

register = template.Library()


@register.simple_tag
def route_warnings(channel: Channel) -> list[str]:
    """One sentence per number of the channel where a plain-text STOP would not reach us."""
    found = [find_route_warning(sender) for sender in channel.senders.all()]
    return [warning for warning in found if warning]
