"""Contacts and the lists they are on."""

from django.db import models
from django.db.models.expressions import RawSQL

#: Beyond this, people read "a lot".
MANY = 10_000


class Contact(models.Model):
    """A person. The phone is stored as the provider wants it: digits with country code."""

    phone = models.CharField(max_length=15, unique=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["last_name", "first_name"], name="contact_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or f"Contact {self.pk}"


class ContactListQuerySet(models.QuerySet):
    def with_people(self) -> "ContactListQuerySet":
        """`people_count`: how many are on each list, counted no further than `MANY` + 1."""
        some = f"""(SELECT count(*) FROM (
            SELECT 1 FROM campaigns_membership m
            WHERE m.contact_list_id = campaigns_contactlist.id LIMIT {MANY + 1}) AS counted)"""  # noqa: S608
        count = RawSQL(some, [], output_field=models.IntegerField())  # noqa: S611 our own words
        return self.annotate(people_count=count)


class ContactList(models.Model):
    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=300, blank=True)
    contacts = models.ManyToManyField(Contact, through="Membership", related_name="lists")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ContactListQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = "list"

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    contact_list = models.ForeignKey(ContactList, models.CASCADE, related_name="memberships")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="memberships")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["contact_list", "contact"], name="on_a_list_once")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} on {self.contact_list_id}"
