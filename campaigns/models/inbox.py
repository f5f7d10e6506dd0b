"""What people wrote to us."""

from datetime import datetime

from django.db import models

from campaigns.models.audience import Contact
from campaigns.models.channels import Channel
from campaigns.models.journal import WebhookPost
from campaigns.models.outbox import Message
from campaigns.models.threads import Thread


class InboundMessage(models.Model):
    class Heard(models.IntegerChoices):
        """What a reply did. Of its texts, read one by one, the strongest counts."""

        NOTHING = 0, "Nothing by itself"
        HELP = 1, "Asked for help"
        START = 2, "Wants messages again"
        DOUBT = 3, "May be an opt-out"
        STOP = 4, "Opted out"

    class Via(models.TextChoices):
        MMS = "MMS", "MMS"
        SMS = "SMS", "SMS"

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="inbound")
    thread = models.ForeignKey(Thread, models.PROTECT, related_name="inbound", db_index=False)
    via = models.CharField(max_length=10, choices=Via, default=Via.MMS)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="inbound")
    phone = models.CharField("from", max_length=20, db_index=True)
    to = models.CharField(max_length=20)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    keyword = models.CharField(max_length=60, blank=True)
    operator = models.CharField(max_length=60, blank=True)
    copied_to = models.JSONField(default=list)
    #: What a chosen answer carries.
    postback = models.TextField(blank=True)
    #: The message that the reply names: its choice was tapped, or its batch is repeated.
    answers = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="answered_by")
    #: A place they sent (`rules.formats.Place`).
    place = models.JSONField(default=dict)
    provider_id = models.CharField(max_length=128)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    opted_out = models.BooleanField(default=False)
    heard = models.PositiveSmallIntegerField(choices=Heard, default=Heard.NOTHING)
    #: What we answered to a keyword, or why we did not.
    answer = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="answers_to")
    not_answered = models.TextField(blank=True)
    post = models.ForeignKey(WebhookPost, models.SET_NULL, null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "reply"
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(fields=["channel", "provider_id"], name="inbound_once")
        ]
        indexes = [
            models.Index(
                fields=["thread"], name="inbound_unread", condition=models.Q(read_at=None)
            ),
            models.Index(fields=["thread", "-id"], name="inbound_of_thread"),
        ]

    def __str__(self) -> str:
        return f"Reply {self.pk}"


class InboundPart(models.Model):
    """A callback that brought one more file of a message: some providers send each alone."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="+")
    provider_id = models.CharField(max_length=128)
    message = models.ForeignKey(InboundMessage, models.CASCADE, related_name="parts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "provider_id"], name="inbound_part_once")
        ]

    def __str__(self) -> str:
        return f"Part of reply {self.message_id}"


class InboundMediaQuerySet(models.QuerySet):
    def to_copy(self, now: datetime) -> "InboundMediaQuerySet":
        """Files not copied yet whose next try is due."""
        is_due = models.Q(try_after=None) | models.Q(try_after__lte=now)
        return self.filter(is_due, status=InboundMedia.Status.WAITING)


class InboundMedia(models.Model):
    """A file of a reply, copied here before the provider deletes it."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Being copied"
        COPIED = "copied", "Copied"
        LOST = "lost", "Could not be copied"

    message = models.ForeignKey(InboundMessage, models.CASCADE, related_name="media")
    url = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    try_after = models.DateTimeField(null=True)
    file = models.FileField(upload_to="inbound/%Y/%m/", blank=True, max_length=200)
    mime = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0)

    objects = InboundMediaQuerySet.as_manager()

    class Meta:
        ordering = ["message", "id"]
        verbose_name_plural = "inbound media"

    def __str__(self) -> str:
        return f"File {self.pk} of reply {self.message_id}"
