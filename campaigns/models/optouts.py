"""Who must not be written to, whose words a person has to judge, and what we answer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.models.campaigns import Campaign
from campaigns.models.channels import Channel
from campaigns.models.inbox import InboundMessage


class OptOutQuerySet(models.QuerySet):
    def on(self, *channels: int | models.OuterRef | None) -> "OptOutQuerySet":
        """Those that hold on one of these channels: their own, and those for all channels."""
        holds = Q(channel=None)
        for channel in channels:
            holds |= Q() if channel is None else Q(channel=channel)
        return self.filter(holds)

    def of_row(self) -> "OptOutQuerySet":
        """Within `Exists`, of an outbox row: those of its person that hold on its channel, or on
        that of its campaign: a detour is no way around them."""
        of_row = Campaign.objects.filter(pk=models.OuterRef(models.OuterRef("campaign")))
        holds = Q(channel=None) | Q(channel=models.OuterRef("channel"))
        holds |= Q(channel__in=of_row.order_by().values("channel"))
        return self.filter(holds, phone=models.OuterRef("phone"))


class OptOut(models.Model):
    """One number asked to be left alone: on one channel, or (without one) on all.

    It holds as long as the row exists; who asks to be written to again takes it away. What was
    said, and when, stays in the ledger. After an erasure `phone` is the number's keyed hash.
    """

    class Source(models.TextChoices):
        REPLY = "reply", "Their reply"
        STAFF = "staff", "Entered by staff"
        PROVIDER = "provider", "The provider's block list"
        FILE = "file", "A file of opt-outs"
        REVIEW = "review", "A reply that waits to be judged"

    phone = models.CharField(max_length=40)
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    evidence = models.TextField(
        blank=True, help_text="What they said, where and how: the words of the reply, a note."
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False
    )
    asked_at = models.DateTimeField("asked", default=timezone.now)  # when they said so
    #: When they last said so: what they wrote before that moment takes nothing back.
    last_asked_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)  # since when it holds here

    objects = OptOutQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "opt-out"
        constraints = [
            models.UniqueConstraint(
                fields=["phone"], condition=Q(channel=None), name="opted_out_of_all_once"
            ),
            models.UniqueConstraint(
                fields=["phone", "channel"],
                condition=Q(channel__isnull=False),
                name="opted_out_of_a_channel_once",
            ),
        ]
        indexes = [models.Index(fields=["phone"], name="optout_by_phone")]

    def __str__(self) -> str:
        return f"Opt-out {self.pk}"


class OptOutReview(models.Model):
    """A reply that may be an opt-out: a person judges it before the day it is due."""

    class Decision(models.TextChoices):
        OPEN = "open", "To be judged"
        OPTED_OUT = "opted_out", "An opt-out"
        NOT_ONE = "not_one", "Not an opt-out"

    reply = models.OneToOneField(InboundMessage, models.CASCADE, related_name="review")
    phone = models.CharField(max_length=40, db_index=True)
    said = models.TextField()
    words = models.CharField(max_length=100)  # what made it doubtful
    due_on = models.DateField()
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = "opt-out to judge"
        verbose_name_plural = "opt-outs to judge"
        indexes = [
            models.Index(fields=["due_on"], name="review_open", condition=Q(decision="open"))
        ]

    def __str__(self) -> str:
        return f"Review {self.pk}"


class Keyword(models.Model):
    """Words of the portal's own people, besides those that the law and the carriers name."""

    class Kind(models.TextChoices):
        STOP = "stop", "Opts out"
        HELP = "help", "Asks for help"
        START = "start", "Wants messages again"

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        SPANISH = "es", "Spanish"
        FRENCH = "fr", "French"

    kind = models.CharField(max_length=5, choices=Kind)
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    words = models.CharField(
        max_length=60, help_text="The whole message, in any case and spelling."
    )
    folded = models.CharField(max_length=60, unique=True, editable=False)

    class Meta:
        ordering = ["kind", "words"]

    def __str__(self) -> str:
        return self.words


class KeywordReply(models.Model):
    """What is answered to a keyword; a channel's own words go before those for all channels."""

    kind = models.CharField(max_length=5, choices=Keyword.Kind)
    language = models.CharField(
        max_length=2, choices=Keyword.Language, default=Keyword.Language.ENGLISH
    )
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, blank=True)
    text = models.TextField(max_length=320)

    class Meta:
        ordering = ["kind", "language", "channel"]
        verbose_name = "keyword reply"
        verbose_name_plural = "keyword replies"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language"],
                condition=Q(channel=None),
                name="one_reply_for_all_channels",
            ),
            models.UniqueConstraint(
                fields=["kind", "language", "channel"],
                condition=Q(channel__isnull=False),
                name="one_reply_per_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_language_display()}"
