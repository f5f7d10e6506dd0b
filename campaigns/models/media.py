"""Files that slides are made of. What a URL serves never changes."""

from django.conf import settings
from django.db import models

from campaigns.rules.media import MediaKind


class MediaFile(models.Model):
    file = models.FileField(upload_to="media/%Y/%m/", max_length=200)
    name = models.CharField(max_length=255, help_text="What you call it.")
    kind = models.CharField(max_length=10, choices=MediaKind)
    mime = models.CharField("type", max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    seconds = models.FloatField(null=True, editable=False)
    #: The last part of the public address: cannot be guessed, ends in a true extension.
    public_name = models.CharField(max_length=80, unique=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
