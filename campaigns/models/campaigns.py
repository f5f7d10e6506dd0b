"""A message to many people."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models.audience import Contact, ContactList
from campaigns.models.channels import Channel, Sender
from campaigns.models.content import Mms, MmsRevision
from campaigns.models.segments import Segment
from campaigns.rules.ladder import Rung
from campaigns.rules.statuses import CampaignStatus


class CampaignQuerySet(models.QuerySet):
    def sending(self, now: datetime) -> "CampaignQuerySet":
        """Those whose rows may go out."""
        in_time = Q(not_after=None) | Q(not_after__gt=now)
        return self.filter(in_time, status=CampaignStatus.SENDING)


class Campaign(models.Model):
    class Start(models.TextChoices):
        NOW = "now", "Now"
        AT = "at", "At a time"
        LOCAL = "local", "At their local time"

    class Late(models.TextChoices):
        TOMORROW = "tomorrow", "Send to them tomorrow"
        SKIP = "skip", "Leave them out"

    name = models.CharField(max_length=120)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True)
    sender = models.ForeignKey(Sender, models.PROTECT, null=True, blank=True)
    mms = models.ForeignKey(Mms, models.PROTECT, null=True, blank=True, verbose_name="MMS")
    lists = models.ManyToManyField(ContactList, blank=True, related_name="campaigns")
    segments = models.ManyToManyField(Segment, blank=True, related_name="campaigns")
    excluded_lists = models.ManyToManyField(ContactList, blank=True, related_name="kept_out_of")
    excluded_segments = models.ManyToManyField(Segment, blank=True, related_name="kept_out_of")
    start = models.CharField(max_length=5, choices=Start, default=Start.NOW)
    starts_at = models.DateTimeField(null=True, blank=True)  # with Start.AT
    #: With Start.LOCAL: the date and time of day at each person's place.
    local_date = models.DateField(null=True, blank=True)
    local_time = models.TimeField(null=True, blank=True)
    #: With Start.LOCAL: what becomes of people whose time has passed at the launch.
    late = models.CharField(max_length=8, choices=Late, default=Late.TOMORROW)
    not_after = models.DateTimeField(
        null=True, blank=True, help_text="Nothing is sent, or delivered, after this moment."
    )
    as_group = models.BooleanField(
        "as group messages",
        default=False,
        help_text="Everybody on a list sees the numbers of the others on it.",
    )
    status = models.CharField(
        max_length=10, choices=CampaignStatus, default=CampaignStatus.DRAFT, editable=False
    )
    status_reason = models.TextField(blank=True, editable=False)
    #: Nobody pressed Pause: something went wrong, and a person must look.
    paused_itself = models.BooleanField(default=False, editable=False)
    #: What the safety brake does not count any more, since a person let it go on: counts and the
    #: moment (services/brake_base.py).
    brake_base = models.JSONField(default=dict, editable=False)
    #: Frozen at launch.
    revision = models.ForeignKey(MmsRevision, models.PROTECT, null=True, editable=False)
    saved_id = models.CharField(max_length=64, blank=True, editable=False)
    #: Why the saved template was given up under way.
    saved_note = models.TextField(blank=True, editable=False)
    list_names = models.TextField(blank=True, editable=False)
    #: The first part of every reference of this campaign.
    key = models.CharField(max_length=16, unique=True, editable=False)
    recipient_count = models.PositiveIntegerField(default=0, editable=False)
    #: The ladder as it was when the audience was frozen: rung → people, as JSON.
    ladder = models.JSONField(default=dict, editable=False)
    frozen_at = models.DateTimeField(null=True, editable=False)
    #: When the start was moved last: turns are planned anew from then on.
    planned_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    launched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    launched_at = models.DateTimeField(null=True, editable=False)
    filled_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "channel"], name="campaign_by_status")]
        permissions = [
            ("launch_campaign", "Can launch campaigns"),
            ("control_campaign", "Can pause, resume and stop campaigns"),
            ("send_test", "Can send a test message"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_paused_itself(self) -> bool:
        """It is paused, and nobody pressed the button."""
        return self.paused_itself and self.status == CampaignStatus.PAUSED


class Recipient(models.Model):
    """Somebody of the frozen audience who has no row in the outbox: filling moves them there. Those
    whom the campaign leaves out by choice stay here, also without the contact once that is deleted:
    the ladder still counts them."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, db_index=False, related_name="+")
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    rung = models.PositiveSmallIntegerField(choices=Rung)

    class Meta:
        ordering = ["campaign", "contact"]
        indexes = [models.Index(fields=["campaign", "rung", "contact"], name="recipient_by_rung")]

    def __str__(self) -> str:
        return f"{self.contact_id} of {self.campaign_id}"


#: A start this late is not made up for by itself: a person is asked.
MISSED_AFTER = timedelta(minutes=15)


class WaveQuerySet(models.QuerySet):
    def due(self, now: datetime) -> "WaveQuerySet":
        """Those whose moment has come and that nobody has started."""
        return self.filter(started_at=None, starts_at__lte=now)

    def missed(self, now: datetime) -> "WaveQuerySet":
        """Those that nobody started in time, though their rows were ready."""
        limit = now - MISSED_AFTER
        return self.due(limit).filter(campaign__filled_at__lte=limit)


class Wave(models.Model):
    """A start of a part of a campaign: all of it, or the people of some time zones."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="waves")
    starts_at = models.DateTimeField()
    label = models.CharField(max_length=60)  # "ET 10:00"
    people_count = models.PositiveIntegerField()
    started_at = models.DateTimeField(null=True)

    objects = WaveQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "starts_at"], name="one_wave_per_moment")
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="wave_to_start", condition=Q(started_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.label} of {self.campaign_id}"
