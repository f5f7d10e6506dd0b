"""What else is known of contacts: attributes that have a name, a type and an order."""

from django.db import models

from campaigns.rules.customfields import FieldKind


class CustomField(models.Model):
    """The type of one attribute; its values stand in `Contact.attributes` under `name`."""

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=8, choices=FieldKind, default=FieldKind.TEXT)
    choices = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    #: While values are moved to a new name or type: the name they had, and the contact reached.
    former_name = models.CharField(max_length=60, blank=True, editable=False)
    moved_to = models.PositiveBigIntegerField(default=0, editable=False)
    #: The import that made it, until a person changes it: it is theirs then.
    made_by_import = models.PositiveBigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name
