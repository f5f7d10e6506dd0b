"""A file of contacts and what was wrong with its lines."""

from django.conf import settings
from django.db import models

from campaigns.models.audience import ContactList


class ContactImport(models.Model):
    class Status(models.TextChoices):
        PREVIEW = "preview", "To be confirmed"
        RUNNING = "running", "Importing"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(max_length=255)
    contact_list = models.ForeignKey(ContactList, models.PROTECT, related_name="imports")
    mapping = models.JSONField(default=dict)  # column number (as text) → contact field
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=2, blank=True)
    country = models.CharField(max_length=2, default="US")
    status = models.CharField(max_length=10, choices=Status, default=Status.PREVIEW)
    reason = models.TextField(blank=True)
    row_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    duplicate_count = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name


class ImportProblem(models.Model):
    contact_import = models.ForeignKey(ContactImport, models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    row = models.JSONField(default=list)

    class Meta:
        ordering = ["line", "id"]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"
