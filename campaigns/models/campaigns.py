"""A message to many people."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models.audience import ContactList
from campaigns.models.channels import Channel, Sender
from campaigns.models.content import Mms, MmsRevision
from campaigns.rules.statuses import CampaignStatus


class CampaignQuerySet(models.QuerySet):
    def sending(self, now: datetime) -> "CampaignQuerySet":
        """Those whose rows may go out."""
        in_time = Q(not_after=None) | Q(not_after__gt=now)
        return self.filter(in_time, status=CampaignStatus.SENDING)


class Campaign(models.Model):
    name = models.CharField(max_length=120)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True)
    sender = models.ForeignKey(Sender, models.PROTECT, null=True, blank=True)
    mms = models.ForeignKey(Mms, models.PROTECT, null=True, blank=True, verbose_name="MMS")
    lists = models.ManyToManyField(ContactList, blank=True, related_name="campaigns")
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
    #: Frozen at launch.
    revision = models.ForeignKey(MmsRevision, models.PROTECT, null=True, editable=False)
    saved_id = models.CharField(max_length=64, blank=True, editable=False)
    #: Why the saved template was given up under way.
    saved_note = models.TextField(blank=True, editable=False)
    list_names = models.TextField(blank=True, editable=False)
    #: The first part of every reference of this campaign.
    key = models.CharField(max_length=16, unique=True, editable=False)
    recipient_count = models.PositiveIntegerField(default=0, editable=False)
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
