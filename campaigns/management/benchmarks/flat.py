"""Whether a message costs the same in a table of a million as in one of ten thousand."""

from contextlib import closing

from django.db import connection

from campaigns.management.benchmarks.report import Row, less_is_better
from campaigns.management.benchmarks.rows import make_filled_campaign
from campaigns.management.benchmarks.sending import cpu_seconds
from campaigns.management.benchmarks.sizes import Sizes
from campaigns.models import Campaign, Channel, GatewayCall, Message, MessageEvent
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.channels import open_gateway
from campaigns.services.dispatch import send_due

NOTE = (
    "CPU per message, with all rows of the table waiting when the sending begins; ours is the "
    "large table, the baseline the small one"
)


def compare_tables(channel: Channel, certificate: str, sizes: Sizes) -> Row:
    """Each round empties the outbox, measures the small one, then the large one."""
    pairs = [
        (cost_at(channel, certificate, sizes.small), cost_at(channel, certificate, sizes.large))
        for _ in range(sizes.rounds)
    ]
    small, large = zip(*pairs, strict=True)
    at = f"{sizes.small:,} → {sizes.large:,} rows"
    return less_is_better(
        "dispatch.flat_10k_to_1m", large, small, "µs", least=0.909, at=at, note=NOTE
    )


def cost_at(channel: Channel, certificate: str, people: int) -> float:
    """CPU microseconds per message of one slice of sending, after an empty outbox was filled."""
    for model in (MessageEvent, Message, GatewayCall):
        model.objects.all()._raw_delete(model.objects.db)
    Campaign.objects.filter(status=CampaignStatus.SENDING).update(status=CampaignStatus.CANCELLED)
    campaign = make_filled_campaign(channel, people)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE campaigns_message")
    accepted = Message.objects.filter(campaign=campaign, status=MessageStatus.ACCEPTED)
    with closing(open_gateway(channel, verify=certificate)) as gateway:
        cpu = cpu_seconds()
        send_due(channel.pk, gateway=gateway)
        spent, count = cpu_seconds() - cpu, accepted.count()
    if not count:
        raise RuntimeError(f"None of {people:,} messages was sent.")
    return spent / count * 1e6
