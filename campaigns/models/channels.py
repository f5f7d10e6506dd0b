"""Channels to a provider and the numbers they send from."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models

from campaigns.models.fields import EncryptedJSONField
from campaigns.rules.looks import write_number


def validate_rate(value: float) -> None:
    """Said at the field; the table has a constraint besides."""
    if value <= 0:
        raise ValidationError("Write a rate above 0: 10, or 0.5 for one request in two seconds.")


class Channel(models.Model):
    """One account at a provider. `kind` names its gateway."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=30, default="sinch_mms")
    base_url = models.CharField(
        "base URL", max_length=300, validators=[URLValidator(schemes=["https", "http"])]
    )
    settings = models.JSONField(default=dict, blank=True)
    secrets = EncryptedJSONField(default=dict, editable=False)
    requests_per_second = models.FloatField(
        default=10,
        validators=[validate_rate],
        help_text="What your contract allows. Every request counts.",
    )
    connections = models.PositiveSmallIntegerField(
        default=5,
        validators=[
            MinValueValidator(1, "Write at least 1: without a connection nothing is sent."),
            MaxValueValidator(256, "Write at most 256: more gains nothing."),
        ],
        help_text="Requests open at the same time, 1 to 256.",
    )
    size_limit = models.PositiveIntegerField(
        "size limit of one MMS",
        default=1_000_000,
        validators=[MinValueValidator(1, "Write a size above 0 bytes.")],
        help_text="In bytes, all slides together: 1000000 is 1 MB.",
    )
    transcodes = models.BooleanField(
        "transcodes media",
        default=False,
        help_text="Switch this on if your provider makes pictures and films smaller to fit each "
        "phone: larger files may then be sent.",
    )
    polls = models.BooleanField(
        "fetch reports and replies, too",
        default=False,
        help_text="For providers that can be asked: once a minute, beside their callbacks.",
    )
    #: Of another channel: while nothing goes through here, messages leave from it as SMS. Without
    #: one they are held.
    outage_sender = models.ForeignKey(
        "Sender",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stands_in_for",
        verbose_name="in an outage",
    )
    #: Everything up to here was fetched.
    polled_until = models.DateTimeField(null=True, editable=False)
    poll_problem = models.TextField(blank=True, editable=False)
    hook_hash = models.CharField(max_length=64, unique=True, editable=False)
    old_hook_hash = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    old_hook_until = models.DateTimeField(null=True, editable=False)
    last_hook_at = models.DateTimeField(null=True, editable=False)
    tested_at = models.DateTimeField(null=True, editable=False)
    test_problem = models.TextField(blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_reason = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    #: How `test_problem` begins where MMS go out all the same.
    IN_PART = "Works in part: "

    class Meta:
        ordering = ["name"]
        permissions = [
            ("test_channel", "Can test a channel's connection"),
            ("pause_channel", "Can pause and resume a channel"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(requests_per_second__gt=0), name="channel_rate_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(connections__gte=1, connections__lte=256),
                name="channel_connections_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def works_in_part(self) -> bool:
        return self.test_problem.startswith(self.IN_PART)


class AccessToken(models.Model):
    """The token a provider gave for a channel's key; all processes share it."""

    channel = models.OneToOneField(
        Channel, models.CASCADE, primary_key=True, related_name="access_token"
    )
    #: {"token": …}, encrypted.
    secret = EncryptedJSONField(default=dict)
    #: Of the key it was got with: another key does not use it.
    key_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Token of {self.channel_id}"


class Sender(models.Model):
    """A number a channel may send from."""

    class Kind(models.TextChoices):
        SHORT_CODE = "short_code", "Short code"
        TOLL_FREE = "toll_free", "Toll-free"
        TEN_DLC = "10dlc", "10DLC"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="senders")
    number = models.CharField(
        max_length=15, help_text="Digits with country code; a short code as it is."
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEN_DLC)
    replies_reach_us = models.BooleanField(
        "plain-text replies reach us",
        default=False,
        help_text="A reply without media is an SMS. This API carries none: switch this on only "
        "if they arrive here by another route.",
    )
    network_confirms = models.BooleanField(
        "the network confirms opt-outs itself",
        default=False,
        help_text="So it is with toll-free numbers: then we send no second confirmation.",
    )
    per_minute = models.PositiveIntegerField(
        "messages a minute at most",
        null=True,
        blank=True,
        validators=[MinValueValidator(1, "Write at least 1, or leave it empty for no limit.")],
        help_text="What the carriers allow this number; leave empty for no limit of its own.",
    )
    per_day = models.PositiveIntegerField(
        "messages a day at most",
        null=True,
        blank=True,
        validators=[MinValueValidator(1, "Write at least 1, or leave it empty for no limit.")],
        help_text="Counted from midnight to midnight, Pacific time, as the carriers count.",
    )
    countries = models.CharField(
        "countries it reaches",
        max_length=100,
        default="US,PR,VI,GU,AS,MP,CA",
        help_text="Two letters each, with commas; empty for all.",
    )

    class Meta:
        ordering = ["channel", "number"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "number"], name="sender_once_per_channel")
        ]

    def __str__(self) -> str:
        return f"{write_number(self.number)} ({self.channel})"


class SenderPace(models.Model):
    """How much of a sender's limits is used; whoever holds the lane of its channel writes it."""

    sender = models.OneToOneField(Sender, models.CASCADE, primary_key=True, related_name="pace")
    next_slot_at = models.FloatField(default=0)  # GCRA clock, seconds since the epoch
    day = models.DateField(null=True)  # the carriers' day that `count` is of
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"Pace of {self.sender_id}"
