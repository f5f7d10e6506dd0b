"""Reading what was kept: reports of so many messages, each in a post of its own."""

import json
import time

from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from campaigns.management.benchmarks.rows import make_channel, make_filled_campaign
from campaigns.models import Message, WebhookPost
from campaigns.rules.statuses import MessageStatus
from campaigns.services.posts import Reader


def events_per_second(count: int) -> float:
    """Each message is sent already, and told to be delivered."""
    campaign = make_filled_campaign(make_channel("https://127.0.0.1/"), count)
    now = timezone.now()
    messages = Message.objects.filter(campaign=campaign)
    messages.update(
        status=MessageStatus.ACCEPTED,
        accepted_at=now,
        provider_id=Concat(Value("bench-"), F("reference")),
    )
    WebhookPost.objects.exclude(status=WebhookPost.Status.DONE).update(
        status=WebhookPost.Status.DONE
    )
    WebhookPost.objects.bulk_create(
        [
            WebhookPost(channel=campaign.channel, body=_report(*row, now), received_at=now)
            for row in messages.values_list("phone", "reference", "provider_id")
        ],
        batch_size=1000,
    )
    reader, started = Reader(), time.perf_counter()
    while reader.read_chunk(timezone.now()):
        pass
    seconds = time.perf_counter() - started
    delivered = messages.filter(status=MessageStatus.DELIVERED).count()
    if delivered != count:
        raise RuntimeError(f"{delivered} of {count} reports were understood.")
    return count / seconds


def _report(phone: str, reference: str, provider_id: str, at: object) -> bytes:
    told = {
        "origin": "MMS_MT",
        "code": "N102",
        "sent-as": "MMS",
        "status": "Delivered",
        "to": phone,
        "from": "12015550100",
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "tracking-id": provider_id,
        "client-reference": reference,
    }
    return json.dumps(told).encode()
