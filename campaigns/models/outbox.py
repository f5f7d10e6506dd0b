"""One row per recipient: the table is the queue."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.models.audience import Contact
from campaigns.models.campaigns import Campaign
from campaigns.models.channels import Channel
from campaigns.models.content import MmsRevision
from campaigns.models.journal import WebhookPost
from campaigns.rules.ladder import Rung
from campaigns.rules.places import NOWHERE
from campaigns.rules.statuses import MessageStatus


class MessageQuerySet(models.QuerySet):
    def waiting(self, now: datetime) -> "MessageQuerySet":
        """Rows whose time has come. Whether their campaign is sending is asked beside: joined,
        it would walk through every row of a paused one."""
        return self.filter(send_after__lte=now, status=MessageStatus.QUEUED)


class Message(models.Model):
    """One message to one person; without a campaign a test, a reply, or an answer to a keyword.

    `reference` goes out as the client reference; the second and later sends (by a person, of a
    row that failed) add `.2`, `.3` … so that every request has its own.
    """

    class Purpose(models.IntegerChoices):
        CAMPAIGN = 0, "Campaign"
        TEST = 1, "Test"
        HELP = 2, "Answer to HELP"
        CONFIRMATION = 3, "Confirmation of an opt-out"
        WELCOME = 4, "Answer to START"
        REPLY = 5, "Reply from the inbox"

    #: The number of somebody who was erased is this and the id of the row: it is nobody's.
    ERASED = "x"

    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="messages")
    purpose = models.PositiveSmallIntegerField(choices=Purpose, default=Purpose.CAMPAIGN)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="messages")
    revision = models.ForeignKey(MmsRevision, models.PROTECT, related_name="messages")
    sender = models.CharField(max_length=15)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="messages")
    phone = models.CharField(max_length=15)
    reference = models.CharField(max_length=64, unique=True)
    #: JSON object: merge field → this person's value, as it was when the row was made.
    merge_values = models.TextField(blank=True)
    #: Of a group: the numbers of the others, comma-separated, displayed and not delivered to.
    shown_to = models.TextField(blank=True)
    #: Where they stood when the audience was frozen.
    rung = models.PositiveSmallIntegerField(choices=Rung, default=Rung.WRITTEN_TO)
    status = models.PositiveSmallIntegerField(choices=MessageStatus, default=MessageStatus.QUEUED)
    owner = models.CharField(max_length=60, blank=True)  # the lease that claimed it
    retry_count = models.PositiveSmallIntegerField(
        default=0
    )  # asked to come again by its own fault
    resend_count = models.PositiveSmallIntegerField(default=0)  # times a person sent it again
    #: The people's place when the row was made: their quiet hours (rules/places.py).
    place = models.CharField(max_length=120, default=NOWHERE)
    #: Waiting rows go out from here on: their wave, the end of quiet hours, the next try.
    send_after = models.DateTimeField(default=timezone.now)
    #: The provider's. Of a batch: its id, a slash, and the number; until its answer came, our
    #: reference of the batch instead.
    provider_id = models.CharField(max_length=128, blank=True)
    #: Who wrote it in the inbox.
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    sent_as = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True)  # of the status
    accepted_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "phone"], name="one_message_per_person")
        ]
        indexes = [
            models.Index(fields=["campaign", "status", "id"], name="message_by_status"),
            models.Index(
                fields=["channel", "campaign", "send_after", "id"],
                name="message_waiting",
                condition=Q(status=MessageStatus.QUEUED),
            ),
            models.Index(
                fields=["owner"],
                name="message_in_flight",
                condition=Q(status=MessageStatus.SENDING),
            ),
            models.Index(
                fields=["status", "changed_at"],
                name="message_open",
                condition=Q(
                    status__in=[MessageStatus.UNKNOWN, MessageStatus.ACCEPTED, MessageStatus.SENT]
                ),
            ),
            models.Index(fields=["provider_id"], name="message_by_provider_id"),
            models.Index(fields=["phone", "sender", "id"], name="message_by_phone"),
            models.Index(
                fields=["status"],
                name="message_in_doubt",
                condition=Q(status__in=[MessageStatus.UNKNOWN, MessageStatus.UNRESOLVED]),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class MessageEvent(models.Model):
    """One report about a message. `key` makes its repeats harmless."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="events")
    key = models.CharField(max_length=64)
    code = models.CharField(max_length=60)
    status = models.PositiveSmallIntegerField(choices=MessageStatus, null=True)
    applied = models.BooleanField(default=True)
    known = models.BooleanField(default=True)
    text = models.TextField(blank=True)
    #: Of an SMS, where the provider tells: how many parts it was, and whose network.
    parts = models.PositiveSmallIntegerField(null=True)
    operator = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    post = models.ForeignKey(WebhookPost, models.SET_NULL, null=True, related_name="events")

    class Meta:
        ordering = ["message", "id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "key"], name="event_once_per_message")
        ]

    def __str__(self) -> str:
        return f"{self.code} for {self.message_id}"


class EarlierSend(models.Model):
    """The provider's id of a send of a row that a person has sent again since: what is reported
    about it is still about this person."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="earlier_sends")
    provider_id = models.CharField(max_length=128, db_index=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.provider_id} of {self.message_id}"


class Lane(models.Model):
    """The pace of one channel, shared by whoever holds its lease."""

    channel = models.OneToOneField(Channel, models.CASCADE, primary_key=True)
    next_slot_at = models.FloatField(default=0)  # GCRA clock, seconds since the epoch
    factor = models.FloatField(default=1)  # share of the rate in use; halved when throttled
    hold_until = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)
    sent_per_second = models.FloatField(default=0)
    last_sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(factor__gt=0) & Q(factor__lte=1), name="lane_factor_is_a_share"
            )
        ]

    def __str__(self) -> str:
        return f"Lane of {self.channel_id}"
