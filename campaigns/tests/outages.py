"""A channel that is out, and one that stands in for it."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from campaigns.gateways import errors
from campaigns.models import Channel, Lane, Message
from campaigns.services import detouring, dispatch
from campaigns.tests.fakes import FakeGateway

AWAY = errors.Unreachable("No connection to the provider.")


def go_out(channel, texts, minutes=10):
    now = timezone.now()
    Channel.objects.filter(pk=channel.pk).update(outage_sender=texts.senders.get())
    Lane.objects.update_or_create(
        channel=channel,
        defaults={
            "trouble": str(AWAY),
            "trouble_since": now - timedelta(minutes=minutes),
            "hold_until": now - timedelta(seconds=1),
        },
    )


def get_well(channel):
    Lane.objects.filter(channel=channel).update(trouble="", trouble_since=None, hold_until=None)


def detour(campaign):
    return detouring.detour(campaign.channel_id, timezone.now())


def send(channel_id, answer=None):
    Lane.objects.filter(channel=channel_id).update(hold_until=None)
    gateway = FakeGateway(answer)
    dispatch.send_due(channel_id, gateway=gateway)
    return gateway


def places(campaign):
    """Channel → how many rows."""
    rows = Message.objects.filter(campaign=campaign)
    return dict(Counter(rows.values_list("channel", flat=True)))
