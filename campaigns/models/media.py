"""Files that slides are made of. What a URL serves never changes."""

from django.conf import settings
from django.db import models

from campaigns.rules.media import MediaKind
from campaigns.rules.statuses import FitStatus


class MediaTag(models.Model):
    """A word by which files are found again."""

    name = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "tag"

    def __str__(self) -> str:
        return self.name


class MediaFile(models.Model):
    file = models.FileField(upload_to="media/%Y/%m/", max_length=200)
    name = models.CharField(max_length=255, help_text="What you call it.")
    kind = models.CharField(max_length=10, choices=MediaKind)
    mime = models.CharField("type", max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    seconds = models.FloatField(null=True, editable=False)
    #: The last part of the public address: cannot be guessed, ends in a true extension.
    public_name = models.CharField(max_length=80, unique=True, editable=False)
    #: A small JPEG that stands for a picture or a film in galleries; made by a task.
    poster = models.FileField(
        upload_to="posters/%Y/%m/", max_length=200, blank=True, editable=False
    )
    #: The file that this one was made from to fit.
    original = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="fitted"
    )
    #: The file that took its place in the library.
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="replaces"
    )
    tags = models.ManyToManyField(MediaTag, blank=True, related_name="files")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Fitting(models.Model):
    """A file being made to fit: smaller, or in a form that phones play. The original stays."""

    media_file = models.ForeignKey(MediaFile, models.CASCADE, related_name="fittings")
    target_bytes = models.PositiveBigIntegerField()
    status = models.CharField(max_length=10, choices=FitStatus, default=FitStatus.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    reason = models.TextField(blank=True)  # why it cannot be made to fit
    result = models.ForeignKey(MediaFile, models.SET_NULL, null=True, related_name="+")
    #: When a worker took it; one at a time does.
    started_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["media_file", "target_bytes"], name="fitted_once_per_target"
            )
        ]

    def __str__(self) -> str:
        return f"{self.media_file} to {self.target_bytes:,} bytes"
