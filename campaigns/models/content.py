"""What is sent: an MMS, its revisions, their slides, and copies saved at the provider."""

from django.conf import settings
from django.db import models

from campaigns.models.channels import Channel
from campaigns.models.media import MediaFile
from campaigns.rules.formats import Format
from campaigns.rules.statuses import SavedStatus


class WrittenByPeople(models.Manager):
    """What people work on; the portal's own answers to keywords are not among it."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(is_answer=False)


class Mms(models.Model):
    """A message people work on. Its newest revision is the working copy."""

    name = models.CharField(max_length=120)
    #: The portal's own: each of its versions is the text of one answer.
    is_answer = models.BooleanField(default=False, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    #: Raised by every save: who saves tells which one they saw.
    edit_number = models.PositiveIntegerField(default=0, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    every = models.Manager()
    objects = WrittenByPeople()

    class Meta:
        default_manager_name = "objects"
        ordering = ["-updated_at"]
        verbose_name = "MMS"
        verbose_name_plural = "MMS"

    def __str__(self) -> str:
        return self.name

    @property
    def head(self) -> "MmsRevision | None":
        """The newest revision."""
        return self.revisions.order_by("-number").first()


class MmsEditor(models.Model):
    """An open composer: somebody has this MMS before them."""

    mms = models.ForeignKey(Mms, models.CASCADE, related_name="editors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    tab = models.CharField(max_length=32)
    seen_at = models.DateTimeField()
    #: The `edit_number` its last save was made from, and the one that save got.
    saved_from = models.PositiveIntegerField(null=True)
    saved_as = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["mms", "tab"], name="editor_once_per_tab")]

    def __str__(self) -> str:
        return f"{self.user} at {self.mms}"


class MmsRevision(models.Model):
    """One wording. Once `frozen_at` is set, nothing in it changes: campaigns and saved
    templates pin it."""

    mms = models.ForeignKey(Mms, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(default=1)
    format = models.CharField(max_length=10, choices=Format, default=Format.SLIDES)
    subject = models.CharField(max_length=200, blank=True)
    fallback = models.BooleanField("send an SMS where an MMS cannot arrive", default=True)
    fallback_text = models.TextField("text of that SMS", blank=True)
    fallback_link = models.BooleanField("add a link to the MMS", default=True)
    #: Of a question, and those below a carousel (`rules.formats.Choice`).
    choices = models.JSONField(default=list, blank=True)
    #: Of a location (`rules.formats.Place`).
    place = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False
    )
    #: The number of the older version that this one brought back.
    restored_from = models.PositiveIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    frozen_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["mms", "-number"]
        constraints = [models.UniqueConstraint(fields=["mms", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.mms} · version {self.number}"


class Slide(models.Model):
    revision = models.ForeignKey(MmsRevision, models.CASCADE, related_name="slides")
    position = models.PositiveSmallIntegerField()
    #: Of a card, with its choices (`rules.formats.Choice`).
    title = models.CharField(max_length=200, blank=True)
    choices = models.JSONField(default=list, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["revision", "position"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="slide_position_once")
        ]

    def __str__(self) -> str:
        return f"Slide {self.position}"


class SlideMedium(models.Model):
    slide = models.ForeignKey(Slide, models.CASCADE, related_name="media")
    media_file = models.ForeignKey(MediaFile, models.PROTECT, related_name="uses")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["slide", "media_file"], name="medium_once_per_slide")
        ]

    def __str__(self) -> str:
        return f"{self.media_file_id} on {self.slide_id}"


class SavedMms(models.Model):
    """This revision, saved as a template on that channel."""

    revision = models.ForeignKey(MmsRevision, models.PROTECT, related_name="saved")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="saved_mms")
    mms_id = models.CharField(max_length=64, blank=True, db_index=True)
    provider_id = models.CharField(max_length=128, blank=True)
    reference = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=12, choices=SavedStatus, default=SavedStatus.SAVING)
    code = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    #: When a worker took it; one at a time does.
    started_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "saved template"
        constraints = [
            models.UniqueConstraint(fields=["revision", "channel"], name="saved_once_per_channel")
        ]

    def __str__(self) -> str:
        return f"{self.revision} on {self.channel}"
