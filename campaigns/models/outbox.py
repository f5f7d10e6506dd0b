"""One row per recipient: the table is the queue."""

from datetime import datetime, timedelta

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
from campaigns.rules.statuses import GONE_WRONG, MessageStatus


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
            models.Index(
                fields=["campaign", "status", "code", "id"],
                name="message_gone_wrong",
                condition=Q(status__in=GONE_WRONG),
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

    @property
    def is_detoured(self) -> bool:
        """It goes, or went, as SMS by another channel than its campaign's, which was out."""
        return self.campaign is not None and self.campaign.channel_id != self.channel_id


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


class SendAgain(models.Model):
    """A person's word to send again to everybody of a campaign in one state: a task queues them.

    Rows up to `last_id` were asked for; `count` of them were queued.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    status = models.PositiveSmallIntegerField(choices=MessageStatus)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    last_id = models.BigIntegerField(default=0)
    count = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "status"],
                condition=Q(ended_at=None),
                name="again_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} of {self.campaign_id} again"


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

    #: Trouble for so long is an outage.
    OUTAGE = timedelta(minutes=5)

    channel = models.OneToOneField(Channel, models.CASCADE, primary_key=True)
    next_slot_at = models.FloatField(default=0)  # GCRA clock, seconds since the epoch
    factor = models.FloatField(default=1)  # share of the rate in use; halved when throttled
    hold_until = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)
    #: When it began; until a message goes through.
    trouble_since = models.DateTimeField(null=True)
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

    def outage_since(self, now: datetime) -> datetime | None:
        """Since when nothing goes through; None in good times, and in short trouble."""
        since = self.trouble_since
        return since if since and now - since >= self.OUTAGE else None


class Tally(models.Model):
    """How many messages of a campaign are in a state: the sum over its slots.

    Triggers keep it (services/tallies_triggers.py), so it is true whoever writes a message. On
    SQLite, which has one writer at a time, all is in slot 0; on PostgreSQL every statement adds a
    slot of its own, so that writers never wait for each other, and the sweep sums them up.
    """

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )
    status = models.PositiveSmallIntegerField(choices=MessageStatus)
    slot = models.BigIntegerField(default=0)
    count = models.IntegerField()

    class Meta:
        ordering = ["campaign", "status", "slot"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "status", "slot"], name="one_tally_a_slot")
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.campaign_id} in {self.status}"


class TallyDetail(models.Model):
    """The same of what was held and of what went wrong, told apart by a detail.

    Held is what goes out later than it was made: by the minute (UTC) from which on it does. What
    went wrong: by its code, or by its reason where there is none.
    """

    #: So much of a reason is told apart.
    LENGTH = 500

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )
    status = models.PositiveSmallIntegerField(choices=MessageStatus)
    detail = models.CharField(max_length=LENGTH, blank=True)
    slot = models.BigIntegerField(default=0)
    count = models.IntegerField()

    class Meta:
        ordering = ["campaign", "status", "detail", "slot"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "status", "detail", "slot"], name="one_detail_a_slot"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.campaign_id} in {self.status}: {self.detail}"
