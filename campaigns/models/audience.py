"""Contacts and the lists they are on."""

from dataclasses import fields
from typing import Any

from django.db import models
from django.db.models.expressions import RawSQL

from campaigns.rules.lines import UNREACHABLE_LINES, LineKind
from campaigns.rules.people import FOLDED_LENGTH, derive
from campaigns.rules.places import NOWHERE

#: Beyond this, people read "a lot": what they look at is counted to one above it, no further.
MANY = 10_000


class BeginsWith(models.Lookup):
    """`name__begins="ann"`: a prefix, by the index on both databases. For folded columns."""

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list]:
        column, given = self.process_lhs(compiler, connection)
        prefix = str(self.rhs)
        if connection.vendor == "postgresql":
            return f"{column} LIKE %s", [*given, connection.ops.prep_for_like_query(prefix) + "%"]
        return f"({column} >= %s AND {column} < %s)", [
            *given,
            prefix,
            *given,
            f"{prefix}\U0010ffff",
        ]


class FoldedField(models.CharField):
    """Text as it is looked for, with an index that finds what begins alike."""

    def __init__(self, **kwargs: Any) -> None:
        fixed = {"max_length": FOLDED_LENGTH, "blank": True, "editable": False, "db_index": True}
        super().__init__(**{**kwargs, **fixed})


FoldedField.register_lookup(BeginsWith)


class FoldedEmail(models.Func):
    """An e-mail address as it is looked for: in small letters, in an order that ranges can use."""

    function = "LOWER"
    arity = 1

    def __init__(self, column: Any = "email", **extra: Any) -> None:
        super().__init__(column, output_field=FoldedField(), **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list]:
        return self.as_sql(compiler, connection, template='(LOWER(%(expressions)s) COLLATE "C")')


class Contact(models.Model):
    """A person. The phone is stored as the provider wants it: digits with country code.

    The last columns are derived from the others by `rules/people.py`; who writes rows in bulk
    sets them with `derive`.
    """

    phone = models.CharField(max_length=15, unique=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField("e-mail", blank=True)
    time_zone = models.CharField(max_length=40, blank=True)  # IANA: America/New_York
    state = models.CharField("state or province", max_length=3, blank=True)  # NY, ON
    postal_code = models.CharField(max_length=12, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    #: Since when they agree to be written to, by the ledger; None: no consent is known.
    consented_at = models.DateTimeField(null=True, editable=False)
    #: The import that made them; no constraint, since nothing else depends on it.
    made_by_import = models.PositiveBigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    country = models.CharField(max_length=2, blank=True, editable=False)
    line = models.PositiveSmallIntegerField(choices=LineKind, default=LineKind.ANY, editable=False)
    place = models.CharField(max_length=120, default=NOWHERE, editable=False)
    first_folded = FoldedField()
    last_folded = FoldedField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(FoldedEmail(), name="contact_by_email"),
            # Few among very many: filters of the list, newest first.
            models.Index(
                fields=["id"], condition=models.Q(consented_at=None), name="contact_not_agreeing"
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(line__in=UNREACHABLE_LINES),
                name="contact_out_of_reach",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or f"Contact {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        names = self.derive()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, *names}
        super().save(*args, **kwargs)

    def derive(self) -> list[str]:
        """Set the derived columns; their names."""
        derived = derive(
            self.phone,
            first_name=self.first_name,
            last_name=self.last_name,
            state=self.state,
            postal_code=self.postal_code,
            time_zone=self.time_zone,
        )
        names = [field.name for field in fields(derived)]
        for name in names:
            setattr(self, name, getattr(derived, name))
        return names


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
    made_by_import = models.PositiveBigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["contact_list", "contact"], name="on_a_list_once")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} on {self.contact_list_id}"
