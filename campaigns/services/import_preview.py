"""What an import would do, before it does anything: its rows checked, counted and explained."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, islice

from campaigns.models import Contact, ContactImport, CustomField, OptOut
from campaigns.rules.contactrows import EXTRA, Layout, make_contact
from campaigns.rules.customfields import FieldKind
from campaigns.rules.problems import RuleBroken
from campaigns.services.chunks import in_chunks
from campaigns.services.import_fields import layout_of
from campaigns.services.import_files import read_file
from campaigns.services.import_rows import CheckedRow, check_cells, check_rows

#: The page checks these many rows before it answers; the import itself checks all.
CHECKED_ROWS = 20_000
SAMPLE_ROWS = 50
EXAMPLES = 3
#: So many numbers are looked up at once.
CHUNK = 5_000
_SOUND_PHONE = "+12025550123"


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One of the first rows; `culprit` is the place of the cell that is wrong, if it is one."""

    line: int
    cells: list[str]
    phone: str
    problem: str
    culprit: int | None
    left_out: dict[int, str]  # place of a cell without which the person is imported → why


@dataclass(slots=True)
class Cause:
    """Why rows are not imported, or cells are left out: the sentence, how many, and the first of
    them (line, text)."""

    sentence: str
    count: int = 0
    is_of_cell: bool = False  # which can be left out; the number cannot
    examples: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewField:
    name: str
    kind: str  # the words for it
    misfit_count: int = 0  # rows with a cell that is not of this type


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows, and what was found in all rows that were checked."""

    rows: list[ShownRow]
    checked_count: int
    new_count: int
    known_count: int
    duplicate_count: int
    opted_out_count: int
    causes: list[Cause]  # why rows are refused; commonest first
    left_out: list[Cause]  # why cells are left out; commonest first
    new_fields: list[NewField]
    kinds: dict[int, str]  # place of an extra field → the words for its type
    is_complete: bool

    @property
    def good_count(self) -> int:
        return self.new_count + self.known_count

    @property
    def problem_count(self) -> int:
        return sum(cause.count for cause in self.causes)

    @property
    def left_out_count(self) -> int:
        return sum(cause.count for cause in self.left_out)

    @property
    def may_leave_out(self) -> bool:
        """Whether it matters what becomes of a row with an unusable cell."""
        is_asked = any(cause.is_of_cell for cause in self.causes) or bool(self.left_out)
        return is_asked or not self.is_complete


def preview(contact_import: ContactImport, rows: int = SAMPLE_ROWS) -> Preview:
    """What an import would do; of a large file only the first rows are checked."""
    layout = layout_of(contact_import)
    checked = check_rows(contact_import, islice(read_file(contact_import), CHECKED_ROWS), layout)
    first = list(islice(checked, rows))
    tally = _Tally(layout)
    for row in chain(first, checked):
        tally.add(row)
    known, opted_out = _look_up(tally.phones)
    return Preview(
        rows=[_show(row, layout) for row in first],
        checked_count=tally.count,
        new_count=len(tally.phones) - known,
        known_count=known,
        duplicate_count=tally.duplicates,
        opted_out_count=opted_out,
        causes=_commonest_first(tally.causes),
        left_out=_commonest_first(tally.left_out),
        new_fields=_new_fields(layout, [*tally.causes.values(), *tally.left_out.values()]),
        kinds={place: FieldKind(extra.kind).label for place, extra in layout.extra},
        is_complete=tally.count < CHECKED_ROWS or tally.count == contact_import.row_count,
    )


def _commonest_first(causes: dict[str, Cause]) -> list[Cause]:
    return sorted(causes.values(), key=lambda cause: -cause.count)


class _Tally:
    """Counts the rows that go by."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.phones: set[str] = set()
        self.causes: dict[str, Cause] = {}
        self.left_out: dict[str, Cause] = {}
        self.count = self.duplicates = 0

    def add(self, checked: CheckedRow) -> None:
        self.count += 1
        for place, why in checked.left_out:
            _note(self.left_out, why, checked, lambda row, place=place: row.row.cells[place])
        if checked.contact is None:
            cause = _note(self.causes, checked.problem, checked, self._find_text)
            if cause.count == 1:
                cause.is_of_cell = check_cells(checked.row, self.layout) is not None
        elif checked.contact.phone in self.phones:
            self.duplicates += 1
        else:
            self.phones.add(checked.contact.phone)

    def _find_text(self, checked: CheckedRow) -> str:
        """The cell that is wrong, or the whole row."""
        cells, culprit = checked.row.cells, _find_culprit(checked, self.layout)
        return " · ".join(filter(str.strip, cells)) if culprit is None else cells[culprit]


def _note(
    causes: dict[str, Cause],
    sentence: str,
    checked: CheckedRow,
    find_text: Callable[[CheckedRow], str],
) -> Cause:
    """One more of them; of the first few it is told where."""
    cause = causes.setdefault(sentence, Cause(sentence))
    cause.count += 1
    if len(cause.examples) < EXAMPLES:
        cause.examples.append((checked.row.line, find_text(checked).strip()))
    return cause


def _look_up(phones: Iterable[str]) -> tuple[int, int]:
    """How many of these numbers are contacts already, and how many opted out."""
    known = opted_out = 0
    everywhere = OptOut.objects.filter(channel=None)
    for chunk in in_chunks(sorted(phones), CHUNK):
        known += Contact.objects.filter(phone__in=chunk).count()
        opted_out += everywhere.filter(phone__in=chunk).count()
    return known, opted_out


def _new_fields(layout: Layout, causes: Iterable[Cause]) -> list[NewField]:
    there = set(CustomField.objects.values_list("name", flat=True))
    return [
        NewField(extra.name, FieldKind(extra.kind).label, _count_misfits(extra.name, causes))
        for _, extra in layout.extra
        if extra.name not in there
    ]


def _count_misfits(name: str, causes: Iterable[Cause]) -> int:
    return sum(cause.count for cause in causes if cause.sentence.startswith(f"{name}: "))


# --- Which cell is wrong ----------------------------------------------------------------


def _show(checked: CheckedRow, layout: Layout) -> ShownRow:
    row, contact = checked.row, checked.contact
    width = max(len(layout.columns), len(row.cells))
    return ShownRow(
        line=row.line,
        cells=[*row.cells, *[""] * (width - len(row.cells))],
        phone=contact.phone if contact else "",
        problem=checked.problem,
        culprit=None if contact else _find_culprit(checked, layout),
        left_out=dict(checked.left_out),
    )


def _find_culprit(checked: CheckedRow, layout: Layout) -> int | None:
    """The place of the cell without which there would not be this problem."""
    cells, width = checked.row.cells, len(layout.columns)
    phone = next((p for p, name in layout.mapping.items() if name == "phone"), None)
    if checked.row.problem or phone is None:
        return None
    if checked.problem == EXTRA:
        return next((p for p, cell in enumerate(cells) if p >= width and cell.strip()), None)
    for place in range(width):
        alone = [""] * width
        alone[phone] = _SOUND_PHONE
        alone[place] = cells[place] if place < len(cells) else ""
        if _problem_of(alone, layout) == checked.problem:
            return place if place < len(cells) else None
    return None


def _problem_of(cells: list[str], layout: Layout) -> str:
    try:
        make_contact(cells, layout)
    except RuleBroken as problem:
        return str(problem)
    return ""
