"""Threads: all that one person and one of our numbers wrote to each other, and how people sort
them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models.audience import Contact, FoldedField
from campaigns.models.channels import Channel


class ThreadLabel(models.Model):
    """A word people sort threads by."""

    name = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "label"

    def __str__(self) -> str:
        return self.name


class Thread(models.Model):
    """All that one person and one of our numbers wrote to each other, over all channels."""

    class State(models.IntegerChoices):
        """In this order they stand in the inbox."""

        UNREAD = 0, "Unread"
        OPEN = 1, "Read"
        DONE = 2, "Done"

    phone = models.CharField("from", max_length=20)
    number = models.CharField("our number", max_length=20)
    #: By which their newest message came.
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="threads", db_index=False)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="threads")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="threads",
        db_index=False,
    )
    labels = models.ManyToManyField(ThreadLabel, related_name="threads", blank=True)
    state = models.PositiveSmallIntegerField(choices=State, default=State.OPEN)
    unread_count = models.PositiveIntegerField(default=0)
    #: The newest message from them, or reply from us; campaigns do not count.
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["state", "-last_at", "-id"]
        permissions = [
            ("reply_thread", "Can reply in the inbox"),
            ("hurry_thread", "Can send a reply in quiet hours"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["phone", "number"], name="thread_once"),
            models.CheckConstraint(
                condition=Q(state=0, unread_count__gt=0) | Q(state__in=(1, 2), unread_count=0),
                name="thread_unread_has_some",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-last_at", "-id"], name="thread_in_order"),
            models.Index(
                fields=["assigned_to", "state", "-last_at", "-id"], name="thread_of_somebody"
            ),
            models.Index(fields=["channel", "state", "-last_at", "-id"], name="thread_of_channel"),
        ]

    def __str__(self) -> str:
        return f"Thread {self.pk}"


class ThreadWord(models.Model):
    """A word of theirs, folded: by these a thread is found."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="words", db_index=False)
    word = FoldedField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "word"], name="thread_word_once")]

    def __str__(self) -> str:
        return f"A word of thread {self.thread_id}"
