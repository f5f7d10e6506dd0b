"""Sends what is due on one channel, one slice of work after the other, for as long as nobody else
does."""

from contextlib import closing
from datetime import datetime

from campaigns.gateways.base import Gateway
from campaigns.models import Channel
from campaigns.services import clock
from campaigns.services.channels import open_gateway
from campaigns.services.collecting import collect_seldom
from campaigns.services.flights import is_alive_here, new_owner
from campaigns.services.lookout import LEASE_SECONDS
from campaigns.services.outbox import lane_name
from campaigns.services.queue import lease_of, release_lease, ring, take_lease
from campaigns.services.recovering import STALLED, recover_flights
from campaigns.services.slices import LaneRun
from campaigns.services.sweep import finish_campaign


def send_due(channel_id: int, *, gateway: Gateway | None = None) -> None:
    """Send for a slice of time what is due on the channel, unless somebody else does."""
    owner = new_owner()
    if not _take_lane(channel_id, owner):
        return
    try:
        has_more = _run(channel_id, owner, gateway)
    finally:
        release_lease(lane_name(channel_id), owner)
    if has_more:
        ring("outbox.send_due", channel_id)


def _take_lane(channel_id: int, owner: str) -> bool:
    """Unless somebody who is alive has it: of this machine that is known for sure, whatever the
    clock says of the lease."""
    name = lane_name(channel_id)
    holder, until = lease_of(name)
    if is_alive_here(holder) and not _is_stalled(until):
        return False
    if take_lease(name, owner, clock.now(), LEASE_SECONDS):
        return True
    recover_flights(clock.now())
    return take_lease(name, owner, clock.now(), LEASE_SECONDS)


def _is_stalled(until: datetime) -> bool:
    """Whether that lease ended long ago, by a clock that did not jump meanwhile."""
    now = clock.now()
    return now - max(until, clock.steady_since() or now) > STALLED


def _run(channel_id: int, owner: str, gateway: Gateway | None) -> bool:
    if gateway is None:
        with closing(open_gateway(Channel.objects.get(pk=channel_id))) as own:
            return _run(channel_id, owner, own)
    collect_seldom()
    run = LaneRun(channel_id, owner, gateway)
    has_more = run.run()
    for campaign in run.lookout.campaigns.values():
        finish_campaign(campaign, clock.now())
    return has_more
