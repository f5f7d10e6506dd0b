"""What went over the wire: posts as received, calls redacted."""

from datetime import datetime

from django.db import connection, models
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from campaigns.models.channels import Channel
from campaigns.models.rows import states_are


class WebhookPostQuerySet(models.QuerySet):
    def to_read(self, now: datetime) -> "WebhookPostQuerySet":
        """New posts, and those whose message may be known by now; oldest first."""
        kept = WebhookPost.Status
        waiting = Q(status=kept.WAITING, try_after__lte=now)
        open_ones = self.filter(states_are(kept.NEW.value, kept.WAITING.value))
        return open_ones.filter(Q(status=kept.NEW) | waiting).order_by("id")

    def holding(self, text: str) -> "WebhookPostQuerySet":
        """Posts with this in their body. It walks through the bodies of all of them."""
        is_postgres = connection.vendor == "postgresql"
        sql = "position(%s::bytea in body) > 0" if is_postgres else "instr(body, %s) > 0"
        found = RawSQL(sql, [text.encode()], output_field=BooleanField())  # noqa: S611 a parameter
        return self.filter(found)


class WebhookPost(models.Model):
    """One callback, byte for byte, kept before anybody looks inside."""

    class Status(models.TextChoices):
        NEW = "new", "To be read"
        DONE = "done", "Read"
        WAITING = "waiting", "Waiting for its message"
        UNREADABLE = "unreadable", "Unreadable"
        REFUSED = "refused", "Refused"  # its signature does not fit, or it is a replay
        UNMATCHED = "unmatched", "Matches nothing"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="posts")
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    try_after = models.DateTimeField(null=True)
    #: What it tells of, as the provider names it; known once it was read.
    kind = models.CharField(max_length=60, blank=True)
    #: We asked for it; nobody posted it, so nobody signed it.
    is_polled = models.BooleanField(default=False)

    objects = WebhookPostQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "callback"
        indexes = [
            models.Index(
                fields=["id"],
                name="post_to_read",
                condition=models.Q(status__in=["new", "waiting"]),
            ),
            models.Index(
                fields=["status"],
                name="post_in_trouble",
                condition=models.Q(status__in=["unreadable", "unmatched", "refused"]),
            ),
            models.Index(fields=["id"], name="post_fetched", condition=models.Q(is_polled=True)),
        ]

    def __str__(self) -> str:
        return f"Callback {self.pk}"


class SeenNonce(models.Model):
    """The nonce of a signed callback: the same one again is a replay."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="nonces")
    nonce = models.CharField(max_length=100)
    #: The callback it came with, which may be read more than once.
    post = models.ForeignKey(WebhookPost, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "nonce"], name="nonce_once_per_channel")
        ]

    def __str__(self) -> str:
        return f"Nonce {self.pk}"


class GatewayCall(models.Model):
    """One request to a provider and its answer, without secrets."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="calls")
    action = models.CharField(max_length=20)
    reference = models.CharField(max_length=70, blank=True, db_index=True)
    request = models.TextField(blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = "request"

    def __str__(self) -> str:
        return f"{self.action} {self.reference}"
