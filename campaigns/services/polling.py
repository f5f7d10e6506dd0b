"""Reports and replies that are fetched from providers that can be asked.

What is fetched is kept like a callback and read like one, so both ways say the same, and what
came by both is there once.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import chain, islice

from campaigns.gateways.base import Gateway
from campaigns.gateways.errors import GatewayError
from campaigns.gateways.events import DeliveryEvent, Event, InboundEvent
from campaigns.models import (
    Channel,
    InboundMessage,
    InboundPart,
    Message,
    MessageEvent,
    WebhookPost,
)
from campaigns.services.accounts import find_same_account
from campaigns.services.channels import open_gateway
from campaigns.services.journal import keep_post
from campaigns.services.queue import held, ring

#: Each time a little is fetched again: the provider's list may lag behind.
OVERLAP = timedelta(minutes=5)
#: What a channel that never asked fetches first.
FIRST = timedelta(days=1)
#: A provider that lags, or a machine that slept, catches up in steps of this length.
STEP = timedelta(days=1)
LEASE_SECONDS = 120
CHUNK = 100


def ring_for_polls() -> None:
    """Every channel that fetches: ask now."""
    for channel in Channel.objects.filter(polls=True):
        ring_for_poll(channel)


def ring_for_poll(channel: Channel) -> None:
    """Ask one of them now."""
    ring("posts.poll", channel.pk)


def poll_channel(channel_id: int, now: datetime, *, since: datetime | None = None) -> int:
    """Fetch what is new since the last time, or since a moment; how much was kept. Nothing while
    somebody else does. What went wrong stands on the channel, and nothing is skipped by it."""
    with held(f"poll:{channel_id}", now, LEASE_SECONDS) as is_ours:
        return _poll(Channel.objects.get(pk=channel_id), now, since) if is_ours else 0


def _poll(channel: Channel, now: datetime, since: datetime | None) -> int:
    begin = since or (channel.polled_until or now - FIRST) - OVERLAP
    until, count, problem = min(begin + STEP + OVERLAP, now), 0, ""
    with closing(open_gateway(channel)) as gateway:
        try:
            bodies = gateway.poll(begin, until)
            while chunk := list(islice(bodies, CHUNK)):
                count += _keep_new(channel, gateway, chunk, begin, now)
        except GatewayError as error:
            problem = str(error)
    row = Channel.objects.filter(pk=channel.pk)
    row.update(poll_problem=problem, **({} if problem or since else {"polled_until": until}))
    if count:
        ring("posts.read_posts")
    return count


def _keep_new(
    channel: Channel, gateway: Gateway, bodies: Sequence[bytes], begin: datetime, now: datetime
) -> int:
    """Keep those that tell something new; how many they are."""
    earlier = WebhookPost.objects.filter(
        channel=channel, is_polled=True, received_at__gte=begin, body__in=bodies
    )
    kept = {bytes(body) for body in earlier.values_list("body", flat=True)}
    new = [body for body in dict.fromkeys(bodies) if body not in kept]
    events = {body: list(_read(gateway, body)) for body in new}
    known = _find_known(channel.pk, list(chain.from_iterable(events.values())))
    count = 0
    for body in new:
        if events[body] and all(event.key in known for event in events[body]):
            continue
        keep_post(channel.pk, now, {}, body, now, is_polled=True)
        count += 1
    return count


def _read(gateway: Gateway, body: bytes) -> Iterator[Event]:
    try:
        yield from gateway.parse_post(body)
    except ValueError:
        return  # it is kept, and shown as unreadable


def _find_known(channel_id: int, events: Sequence[Event]) -> set[str]:
    """The keys of those that a callback, or an earlier look, brought already."""
    channels = find_same_account(channel_id)
    names = {
        name: event.key
        for event in events
        if isinstance(event, DeliveryEvent)
        for name in (event.provider_id, event.batch_name)
        if name
    }
    rows = Message.objects.filter(channel__in=channels, provider_id__in=names).values("pk")
    reports = MessageEvent.objects.filter(message__in=rows, key__in=set(names.values()))
    replies = {e.provider_id or e.key: e.key for e in events if isinstance(e, InboundEvent)}
    heard = [
        table.objects.filter(channel__in=channels, provider_id__in=replies)
        for table in (InboundMessage, InboundPart)
    ]
    found = chain.from_iterable(rows.values_list("provider_id", flat=True) for rows in heard)
    return set(reports.values_list("key", flat=True)) | {replies[name] for name in found}
