"""A file of contacts and what was wrong with its lines."""

from django.conf import settings
from django.db import models

from campaigns.models.audience import Contact, ContactList
from campaigns.rules.consent import ConsentMethod


class ContactImport(models.Model):
    class Status(models.TextChoices):
        PREVIEW = "preview", "To be confirmed"
        RUNNING = "running", "Importing"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    class Winner(models.TextChoices):
        LAST = "last", "The last line"
        FIRST = "first", "The first line"

    class Unusable(models.TextChoices):
        REFUSE = "refuse", "Do not import its row"
        LEAVE_OUT = "leave_out", "Leave it out, import the person"

    file = models.FileField(upload_to="imports/")  # private: never served
    file_name = models.CharField("file", max_length=255)
    #: The list everybody in the file is put on; before the first row it may be only a name.
    contact_list = models.ForeignKey(
        ContactList, models.SET_NULL, null=True, related_name="imports", verbose_name="list"
    )
    list_name = models.CharField("list", max_length=120)
    # How the file is read: guessed, shown, corrected by a person.
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=2)
    has_header = models.BooleanField(default=True)
    columns = models.JSONField(default=list)  # the names of the columns, no two the same
    mapping = models.JSONField(default=dict)  # column number (as text) → contact field
    country = models.CharField(max_length=2, default="US")
    sheet = models.CharField(max_length=120, blank=True)  # of a workbook
    #: Of several lines with one number.
    winner = models.CharField("of duplicates", max_length=5, choices=Winner, default=Winner.LAST)
    #: Of a cell that cannot be used; a number that is none always costs its row.
    unusable = models.CharField(
        "of an unusable cell", max_length=9, choices=Unusable, default=Unusable.REFUSE
    )

    # Where the consent of these people comes from; the ledger refers to it. Without a method they
    # did not agree: the ledger gets nothing, `Contact.consented_at` stays, nobody is written to.
    consent_method = models.CharField(max_length=12, choices=ConsentMethod, blank=True)
    consent_wording = models.TextField(blank=True)
    consent_source = models.CharField(max_length=300, blank=True)
    consented_at = models.DateTimeField(null=True, blank=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.PREVIEW)
    reason = models.TextField(blank=True)
    row_count = models.PositiveIntegerField("rows", default=0)  # of the whole file
    # How far it is. These are written with the rows they count, so a kill costs nothing, and
    # new + updated + duplicates + problems is what was read at any moment.
    done_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField("new", default=0)
    updated_count = models.PositiveIntegerField("updated", default=0)
    duplicate_count = models.PositiveIntegerField("duplicates", default=0)
    problem_count = models.PositiveIntegerField("not imported", default=0)
    causes = models.JSONField(default=dict)  # sentence → how many rows
    left_out = models.JSONField(default=dict)  # sentence → how many cells of rows that count above
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    progress_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    #: How far its undo is, and how many of each it undid: written with the rows they count.
    undo = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name = "import"
        constraints = [
            models.CheckConstraint(
                name="import_counts_add_up",
                condition=models.Q(
                    done_count=models.F("new_count")
                    + models.F("updated_count")
                    + models.F("duplicate_count")
                    + models.F("problem_count")
                ),
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def imported_count(self) -> int:
        return self.new_count + self.updated_count

    @property
    def left_out_count(self) -> int:
        """Cells, not rows: one person may lack two."""
        return sum(self.left_out.values())


class ImportProblem(models.Model):
    """A row that was not imported, or not whole. They go after a day; the counts stay."""

    contact_import = models.ForeignKey(ContactImport, models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    reason = models.TextField()
    #: The person was imported, without the cells that the reason names.
    is_imported = models.BooleanField(default=False)
    row = models.JSONField(default=list)

    class Meta:
        ordering = ["contact_import", "line"]
        verbose_name = "import problem"

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"


class ImportChange(models.Model):
    """A contact that an import changed, as it was before: what an undo brings back.

    With an import without consent also every known contact that it met, `before` then being {}.
    """

    contact_import = models.ForeignKey(ContactImport, models.CASCADE, related_name="changes")
    contact = models.ForeignKey(Contact, models.CASCADE, db_index=False, related_name="+")
    before = models.JSONField()

    class Meta:
        ordering = ["contact_import", "id"]
        constraints = [
            models.UniqueConstraint(
                # The contact first: whoever deletes contacts looks for theirs.
                fields=["contact", "contact_import"],
                name="changed_by_an_import_once",
            )
        ]

    def __str__(self) -> str:
        return f"Change of {self.contact_id} by {self.contact_import_id}"
