"""Whether a channel's callbacks arrive and can be read: what is refused proves nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.expressions import RawSQL

from campaigns.models import Channel, WebhookPost
from campaigns.models.rows import states_are

Kept = WebhookPost.Status
IS_REFUSED = states_are(Kept.UNREADABLE, Kept.REFUSED)
IS_READ = states_are(Kept.DONE, Kept.WAITING, Kept.UNMATCHED)


@dataclass(frozen=True, slots=True)
class Arrived:
    """When the last one came that was read, or may be yet; why the newest was refused ("")."""

    last_at: datetime | None
    refused: str = ""


def find_arrived(channel: Channel) -> Arrived:
    return find_arrivals([channel])[channel.pk]


def find_arrivals(channels: Iterable[Channel]) -> dict[int | None, Arrived]:
    """The same of many, by their ids, in two questions at most. Looks at posts only where some
    came, and at those that were read only where some were refused."""
    found = {channel.pk: Arrived(channel.last_hook_at) for channel in channels}
    refused = _find_newest([pk for pk in found if pk and found[pk].last_at], IS_REFUSED, "reason")
    read = _find_newest(refused, IS_READ, "received_at")
    for channel_id, (number, reason) in refused.items():
        read_number, received_at = read.get(channel_id, (0, None))
        found[channel_id] = Arrived(received_at, reason if number > read_number else "")
    return found


def _find_newest(
    channel_ids: Iterable[int], which: RawSQL, field: str
) -> dict[int, tuple[int, Any]]:
    """Channel → the number of its newest post of these, and what stands there."""
    posts = WebhookPost.objects.filter(which, channel=OuterRef("pk"), is_polled=False)
    newest = Subquery(posts.order_by("-pk").values("pk")[:1])
    asked = Channel.objects.filter(pk__in=list(channel_ids)).order_by().values_list(newest)
    rows = WebhookPost.objects.filter(pk__in=asked).order_by()
    return {
        channel_id: (pk, value)
        for channel_id, pk, value in rows.values_list("channel_id", "pk", field)
    }
