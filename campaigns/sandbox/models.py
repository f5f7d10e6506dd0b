"""What the pretend Sinch keeps: accounts, calls, templates, callbacks due, and what phones hold."""

from datetime import datetime

from django.db import models

from campaigns.sandbox.conversation.models import (  # noqa: F401 Django finds tables here
    ConversationApp,
    ConversationContact,
    ConversationMessage,
    ConversationProject,
    ConversationWebhook,
    OptedOut,
)
from campaigns.sandbox.sms.models import (  # noqa: F401 Django finds tables here
    SmsBatch,
    SmsGroup,
    SmsInbound,
    SmsMessage,
    SmsPlan,
)


class Api(models.TextChoices):
    """The interfaces of the pretend Sinch; each has its own way with callbacks and answers."""

    MMS = "mms", "MMS JSON API"
    CONVERSATION = "conversation", "Conversation API"
    SMS = "sms", "SMS REST API"


class SandboxAccount(models.Model):
    """One customer of the pretend Sinch, with the switches an account manager would set."""

    key = models.CharField("x-api-key", max_length=128, unique=True)
    service_id = models.CharField(max_length=64, blank=True)  # blank: not demanded
    senders = models.JSONField(default=list)
    rate = models.FloatField("requests per second and action", default=10)
    postback_url = models.CharField(max_length=500, blank=True)  # blank: none is sent
    blacklist = models.JSONField(default=list, blank=True)
    blocked = models.BooleanField(default=False)
    has_api_access = models.BooleanField(default=True)
    allowed_ips = models.JSONField(default=list, blank=True)  # empty: from anywhere
    transcodes = models.BooleanField(default=False)
    limits = models.JSONField(default=dict, blank=True)  # kind → KB, instead of §7.1
    cache_seconds = models.FloatField(default=0)  # 0: media is fetched for every request

    def __str__(self) -> str:
        return f"Account of {', '.join(self.senders) or 'no sender'}"


class Call(models.Model):
    """One request to the API and what it was told."""

    account = models.ForeignKey(SandboxAccount, models.CASCADE, null=True, related_name="calls")
    at = models.DateTimeField()
    action = models.CharField(max_length=20, blank=True)
    to = models.CharField(max_length=20, blank=True, db_index=True)
    code = models.CharField(max_length=40, blank=True)  # blank: success
    info = models.CharField(max_length=300, blank=True)
    tracking_id = models.CharField(max_length=64, blank=True)
    ignored = models.CharField("unknown fields", max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.action} {self.code or 'success'}"


class SavedTemplate(models.Model):
    """What savemms stored; usable from `ready_at` on unless its encoding failed."""

    account = models.ForeignKey(SandboxAccount, models.CASCADE, related_name="templates")
    mms_id = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=255)
    subject = models.CharField(max_length=80, blank=True)
    fallback_text = models.TextField(blank=True)
    without_fallback = models.BooleanField(default=False)
    without_link = models.BooleanField(default=False)
    slides = models.JSONField()
    ready_at = models.DateTimeField()
    failed_code = models.CharField(max_length=10, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.mms_id})"

    def is_encoding(self, now: datetime) -> bool:
        return now < self.ready_at


class PostbackState(models.TextChoices):
    PENDING = "pending", "Pending"
    RETRYING = "retrying", "Retrying"
    DELIVERED = "delivered", "Delivered"
    LOST = "lost", "Lost"


class Postback(models.Model):
    """One callback: when it is due, how often it was tried, what came back."""

    api = models.CharField(max_length=12, choices=Api.choices, default=Api.MMS)
    url = models.CharField(max_length=2048)
    secret = models.CharField(max_length=256, blank=True)  # blank: it is not signed
    body = models.JSONField()
    code = models.CharField(max_length=40)
    phone = models.CharField(max_length=20, blank=True, db_index=True)
    # Of the Conversation API: whose callbacks are counted, as long as the app is there.
    app = models.ForeignKey(ConversationApp, models.SET_NULL, null=True, db_index=False)
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=PostbackState.choices, default=PostbackState.PENDING
    )
    tries = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=100, blank=True)  # of the last try

    class Meta:
        indexes = [
            models.Index(
                fields=["app", "due_at"],
                condition=models.Q(state__in=[PostbackState.PENDING, PostbackState.RETRYING]),
                name="sandbox_postback_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.state}"

    @property
    def about(self) -> str:
        """What a list of callbacks says beside the code: a status, or channel and reason."""
        report = self.body.get("message_delivery_report") or {}
        channel = report.get("channel_identity", report).get("channel", "")
        reason = report.get("reason") or {}
        status = self.body.get("status", "")
        words = (channel, reason.get("code"), status)
        return " ".join(word for word in words if isinstance(word, str) and word)


class HandsetMessage(models.Model):
    """A message on a phone: received by it, or written on it."""

    api = models.CharField(max_length=12, choices=Api.choices, default=Api.MMS)
    provider_id = models.CharField(max_length=64, blank=True)  # of the new APIs
    token = models.CharField(max_length=32, unique=True)  # in public addresses of its files
    phone = models.CharField(max_length=20)
    other = models.CharField("our number", max_length=20)
    is_reply = models.BooleanField(default=False)
    is_sms = models.BooleanField(default=False)
    at = models.DateTimeField()  # may lie ahead: the phone shows it from then on
    subject = models.CharField(max_length=80, blank=True)
    group = models.CharField("others in the thread", max_length=500, blank=True)
    # [{"text": "…", "media": [{kind, name, type, size}], "choices": […], "place": {…}}]
    slides = models.JSONField(default=list)
    gone_at = models.DateTimeField(null=True)  # from then on its hosted files are deleted

    class Meta:
        indexes = [models.Index(fields=["phone", "at"], name="sandbox_handset_phone")]

    def __str__(self) -> str:
        return f"{'reply' if self.is_reply else 'message'} {self.token}"

    @property
    def text(self) -> str:
        """The words of it, as a list of messages shows them."""
        shown = self.slides[:1] if self.is_sms else self.slides
        texts = [slide.get("text", "") for slide in shown]
        return " ".join(filter(None, [self.subject, *texts]))
