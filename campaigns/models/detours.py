"""Campaigns whose messages leave as SMS by another channel, while their own is out."""

from django.db import models
from django.db.models import Q

from campaigns.models.campaigns import Campaign
from campaigns.models.channels import Channel


class Detour(models.Model):
    """One campaign in one outage. A message that takes it belongs to another channel than its
    campaign does; no other message ever does."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="detours")
    #: By which they go instead.
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    sender = models.CharField(max_length=15)
    #: Since when nothing had gone through on the channel of the campaign.
    out_since = models.DateTimeField()
    began_at = models.DateTimeField()
    #: Nobody takes it any more, and who had not left was taken back.
    ended_at = models.DateTimeField(null=True)
    #: Messages that took it, without those that were taken back.
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(ended_at=None), name="one_detour_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} by {self.channel_id}"
