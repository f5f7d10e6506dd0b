"""What the SMS REST API keeps: plans, batches with their messages, inbounds, groups."""

import secrets
import time
from datetime import datetime

from django.db import models
from django.db.models import Q

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """26 characters that sort by time, as the real ones do (§2)."""
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


class MoForm(models.TextChoices):
    """How an inbound MMS is told (§8, §8.1)."""

    MO_MEDIA = "mo_media", "mo_media"
    POSTBACK = "postback", "MMS_MO postback"


class SmsPlan(models.Model):
    """A service plan, with the switches an account manager would set."""

    service_plan_id = models.CharField(max_length=64, unique=True)
    token = models.CharField(max_length=128)
    region = models.CharField(max_length=4, default="us")
    senders = models.JSONField(default=list, blank=True)  # empty: any
    default_sender = models.CharField(max_length=20, blank=True)  # blank: `from` is demanded
    callback_url = models.CharField(max_length=500, blank=True)
    callback_secret = models.CharField(max_length=128, blank=True)  # blank: not signed
    rate = models.FloatField("messages per second sent", default=500)
    most_accepted = models.FloatField("messages per second accepted", default=0)  # 0: no limit
    blocked = models.BooleanField(default=False)
    mo_form = models.CharField(max_length=10, choices=MoForm.choices, default=MoForm.MO_MEDIA)
    repeats_references = models.BooleanField(
        "inbounds carry the client_reference of what they answer", default=False
    )
    loses_an_item = models.BooleanField("one attachment of every answer fails", default=False)
    free_at = models.DateTimeField(null=True, blank=True)  # when the queue is through

    def __str__(self) -> str:
        return f"Service plan {self.service_plan_id}"


class SmsBatch(models.Model):
    """A batch as it was asked for; it waits until `dispatched_at`."""

    plan = models.ForeignKey(SmsPlan, models.CASCADE, related_name="batches")
    batch_id = models.CharField(max_length=26, unique=True, default=new_id)
    fields = models.JSONField()  # what is echoed: type, to, from, body, …
    sender = models.CharField(max_length=20)
    client_reference = models.CharField(max_length=2048, blank=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    due_at = models.DateTimeField()  # `send_at`, or at once
    canceled = models.BooleanField(default=False)
    dispatched_at = models.DateTimeField(null=True)  # when it was taken from the queue

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(dispatched_at=None, canceled=False),
                name="sandbox_batch_due",
            ),
            models.Index(fields=["plan", "created_at"], name="sandbox_batch_created"),
        ]

    def __str__(self) -> str:
        return f"Batch {self.batch_id}"

    @property
    def is_mms(self) -> bool:
        return self.fields["type"] == "mt_media"


class SmsMessage(models.Model):
    """What becomes of one recipient of a batch; its state is read off the clock."""

    batch = models.ForeignKey(SmsBatch, models.CASCADE, related_name="messages")
    recipient = models.CharField(max_length=20)
    parts = models.PositiveSmallIntegerField(default=1)
    is_unicode = models.BooleanField(default=False)
    leaves_at = models.DateTimeField()  # its place in the queue
    code = models.PositiveSmallIntegerField(default=0)  # the final one
    status = models.CharField(max_length=12)
    final_at = models.DateTimeField(null=True)  # null: no receipt ever comes
    has_feedback = models.BooleanField(default=False)
    token = models.CharField("of the message on the phone", max_length=32, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["batch", "recipient"], name="sandbox_sms_recipient"),
            models.Index(fields=["final_at"], name="sandbox_sms_final"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.code}"

    def state_at(self, now: datetime) -> tuple[int, str]:
        """Code and status at that moment (§6.3, §6.4)."""
        if self.final_at and self.final_at <= now:
            return self.code, self.status
        return (401, "Dispatched") if self.leaves_at <= now else (400, "Queued")


class SmsInbound(models.Model):
    """What a phone wrote to a number of the plan; listed from `received_at` on."""

    plan = models.ForeignKey(SmsPlan, models.CASCADE, related_name="inbounds")
    inbound_id = models.CharField(max_length=26, unique=True, default=new_id)
    to = models.CharField(max_length=20)
    client_reference = models.CharField(max_length=2048, blank=True)
    received_at = models.DateTimeField()
    body = models.JSONField()  # as the callback has it

    class Meta:
        indexes = [models.Index(fields=["plan", "received_at"], name="sandbox_inbound_received")]

    def __str__(self) -> str:
        return f"Inbound {self.inbound_id}"


class SmsGroup(models.Model):
    """Recipients under one id, and the keywords by which people join and leave it."""

    plan = models.ForeignKey(SmsPlan, models.CASCADE, related_name="groups")
    group_id = models.CharField(max_length=26, unique=True, default=new_id)
    name = models.CharField(max_length=20, blank=True)
    members = models.JSONField(default=list)
    child_groups = models.JSONField(default=list)
    auto_update = models.JSONField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Group {self.name or self.group_id}"
