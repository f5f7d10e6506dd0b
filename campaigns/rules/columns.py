"""What the columns of a table mean, and a row as a contact."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken

#: What a column may be; "attribute" keeps its cells under the column's own name.
FIELDS = {
    "phone": "Phone number",
    "first_name": "First name",
    "last_name": "Last name",
    "full_name": "Full name",
    "email": "E-mail",
    "attribute": "Keep as extra field",
    "": "Do not import",
}
#: The column our file of rejected rows adds; corrected and imported again, it says nothing.
REASON_COLUMN = "Reason not imported"
EXTRA = "This line has more cells than there are columns: put quotes around texts with a delimiter."
BAD_EMAIL = "The e-mail address is not one: correct it or leave it empty."
LONG_NAME = "A name has more than 100 characters: shorten it."
LONG_CELL = "A cell has more than 1,000 characters: shorten it."

_MOBILE = ("mobile", "mobil", "cell", "msisdn", "handy", "movil", "celular", "portable", "sms")
_PHONE = (
    "phone",
    "telefon",
    "telephone",
    "telefono",
    "puhelin",
    "telefoon",
    "电话",
    "電話",
    "手机",
)
_NUMBER = ("tel", "number", "numero", "nummer", "to", "recipient", "nr", "whatsapp", "contact")
_NAMES = {
    "first_name": "firstname fname givenname forename first vorname prenom nombre nome 名",
    "last_name": "lastname lname surname familyname last nachname nom apellido cognome 姓",
    "full_name": "name fullname contactname customername customer displayname 姓名 名前",
    "email": "email emailaddress mail correo courriel",
}
_WORDS = {word: name for name, words in _NAMES.items() for word in words.split()}
_WORDS["reasonnotimported"] = ""
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
#: A spreadsheet would take what begins like this for a formula.
_FORMULA = re.compile(r"[\s\"']*[=+\-@\t\r\n\0＝＋－＠]")


def is_header(cells: Sequence[str]) -> bool:
    """Whether the first row names columns: words, and nothing as long as a phone number."""
    has_words = any(any(map(str.isalpha, cell)) for cell in cells)
    return has_words and not any(sum(map(str.isdigit, cell)) >= 7 for cell in cells)


def name_columns(cells: Sequence[str], *, has_header: bool) -> list[str]:
    """Every column's own name: its header, or its place; no two are the same."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.replace("\0", "").split())[:60] if has_header else ""
        name = name or f"Column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return names


def guess_mapping(
    columns: Sequence[str], samples: Sequence[Sequence[str]], country: str
) -> dict[int, str]:
    """Column → key of FIELDS, by its name and by what is in it. Nothing is left out silently."""
    mapping: dict[int, str] = {}
    phone = _find_phone_column(columns, samples, country)
    for place, column in enumerate(columns):
        guess = _WORDS.get(_fold(column), "attribute")
        taken = guess not in ("", "attribute") and guess in mapping.values()
        mapping[place] = "phone" if place == phone else "attribute" if taken else guess
    return mapping


def _find_phone_column(
    columns: Sequence[str], samples: Sequence[Sequence[str]], country: str
) -> int | None:
    valid = Counter(
        place
        for cells in samples
        for place, cell in enumerate(cells[: len(columns)])
        if _is_phone(cell, country)
    )
    ranks = {place: _phone_rank(_fold(column)) for place, column in enumerate(columns)}
    best = max(ranks, key=lambda place: (valid[place] > 0, ranks[place], valid[place], -place))
    return best if valid[best] or ranks[best] else None


def _phone_rank(word: str) -> int:
    if any(stem in word for stem in _MOBILE):
        return 3
    if any(stem in word for stem in _PHONE):
        return 2
    return 1 if word in _NUMBER or word.startswith("tel") else 0


def _is_phone(cell: str, country: str) -> bool:
    try:
        return bool(normalise(cell, country))
    except RuleBroken:
        return False


def _fold(column: str) -> str:
    text = unicodedata.normalize("NFKD", column.casefold())
    return "".join(filter(str.isalnum, text))


def find_mapping_problems(mapping: Mapping[int, str]) -> list[str]:
    """Exactly one phone column; the other fields at most once."""
    counts = Counter(mapping.values())
    problems = []
    if not counts["phone"]:
        problems.append("Say which column holds the phone number.")
    for name in ("phone", "first_name", "last_name", "full_name", "email"):
        if counts[name] > 1:
            problems.append(f"“{FIELDS[name]}” is chosen for {counts[name]} columns: choose one.")
    return problems


@dataclass(slots=True)
class ContactRow:
    """What one row says about a person. Blank means: says nothing."""

    phone: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    def over(self, older: "ContactRow") -> "ContactRow":
        """This row where it says something, else the older one: blanks never erase."""
        return ContactRow(
            self.phone,
            self.first_name or older.first_name,
            self.last_name or older.last_name,
            self.email or older.email,
            {**older.attributes, **self.attributes},
        )


def make_contact(
    cells: Sequence[str], columns: Sequence[str], mapping: Mapping[int, str], country: str
) -> ContactRow:
    """The row as a contact; `RuleBroken` with the one sentence that says why it cannot be."""
    if len(cells) > len(columns) and any(map(str.strip, cells[len(columns) :])):
        raise RuleBroken(EXTRA)
    found: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for place, cell in enumerate(cells[: len(columns)]):
        name, cell = mapping.get(place, ""), take_plain(cell)
        if not name or not cell:
            continue
        if name == "attribute":
            attributes[columns[place]] = cell
        else:
            found[name] = cell
    phone = normalise(found.pop("phone", ""), country)
    _split_name(found)
    _check_lengths(found, attributes)
    return ContactRow(phone, **found, attributes=attributes)


def _split_name(found: dict[str, str]) -> None:
    """“Ann Lee” and “Lee, Ann” into first and last name, where those are not given."""
    full = found.pop("full_name", "")
    if not full:
        return
    if "," in full:
        last, _, first = full.partition(",")
    else:
        first, _, last = full.partition(" ")
    found["first_name"] = found.get("first_name") or first.strip()
    found["last_name"] = found.get("last_name") or last.strip()


def _check_lengths(found: Mapping[str, str], attributes: Mapping[str, str]) -> None:
    email = found.get("email", "")
    if email and (len(email) > 254 or not _EMAIL.fullmatch(email)):
        raise RuleBroken(BAD_EMAIL)
    if len(found.get("first_name", "")) > 100 or len(found.get("last_name", "")) > 100:
        raise RuleBroken(LONG_NAME)
    if any(len(value) > 1000 for value in attributes.values()):
        raise RuleBroken(LONG_CELL)


def neutralise(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula; `take_plain` undoes it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def take_plain(cell: str) -> str:
    """The cell without spaces around it and without the apostrophe of `neutralise`."""
    if cell[:1] == "'" and _FORMULA.match(cell[1:]):
        cell = cell[1:]
    return cell.strip()
