"""Threads to measure with: one of 10,000 messages, and an inbox of 100,000."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from campaigns.models import Campaign, InboundMessage, Message, Thread
from campaigns.rules.statuses import MessageStatus

LONG, MANY = 10_000, 100_000
PHONE, NUMBER = "12025550199", "12015550100"


def make_long_thread(campaign: Campaign) -> Thread:
    """As many from them as from us, alternating."""
    now = timezone.now()
    thread = Thread.objects.create(
        phone=PHONE, number=NUMBER, channel=campaign.channel, last_at=now
    )
    moments = [now - timedelta(minutes=LONG - n) for n in range(LONG)]
    InboundMessage.objects.bulk_create(
        (_their_message(thread, number, at) for number, at in enumerate(moments[::2])),
        batch_size=1000,
    )
    Message.objects.bulk_create(
        (_our_message(campaign, number, at) for number, at in enumerate(moments[1::2])),
        batch_size=1000,
    )
    return thread


def _their_message(thread: Thread, number: int, at: datetime) -> InboundMessage:
    return InboundMessage(
        thread=thread,
        channel=thread.channel,
        phone=PHONE,
        to=NUMBER,
        text=f"Message {number}: is the shop open on Sunday?",
        provider_id=f"long-{number}",
        received_at=at,
        read_at=at,
    )


def _our_message(campaign: Campaign, number: int, at: datetime) -> Message:
    return Message(
        purpose=Message.Purpose.REPLY,
        channel=campaign.channel,
        revision=campaign.revision,
        sender=NUMBER,
        phone=PHONE,
        reference=f"long-{number}",
        status=MessageStatus.DELIVERED,
        accepted_at=at,
        changed_at=at,
    )


def fill_inbox(campaign: Campaign) -> None:
    """So many threads, every tenth unread, each with one message."""
    now = timezone.now()
    state, unread = Thread.State, lambda number: number % 10 == 0
    threads = Thread.objects.bulk_create(
        (
            Thread(
                phone=f"1202{number:07}",
                number=NUMBER,
                channel=campaign.channel,
                state=state.UNREAD if unread(number) else state.OPEN,
                unread_count=int(unread(number)),
                last_at=now - timedelta(seconds=number),
            )
            for number in range(MANY)
        ),
        batch_size=1000,
    )
    InboundMessage.objects.bulk_create(
        (
            InboundMessage(
                thread=thread,
                channel=campaign.channel,
                phone=thread.phone,
                to=NUMBER,
                text="Is the shop open on Sunday?",
                provider_id=f"many-{thread.phone}",
                received_at=thread.last_at,
            )
            for thread in threads
        ),
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE campaigns_thread; ANALYZE campaigns_inboundmessage")
