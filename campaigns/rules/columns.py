"""What the columns of a table mean: guessed from their names and cells."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from campaigns.rules.cells import take_plain
from campaigns.rules.customfields import FieldKind
from campaigns.rules.phones import normalise
from campaigns.rules.problems import RuleBroken
from campaigns.rules.regions import parse_postal_code, parse_state, parse_time_zone

#: What a column may be; "attribute" keeps its cells under the column's own name, and
#: "attribute:number" says of which type a new extra field is.
FIELDS = {
    "phone": "Phone number",
    "first_name": "First name",
    "last_name": "Last name",
    "full_name": "Full name",
    "email": "E-mail",
    "state": "State or province",
    "postal_code": "Postal code",
    "time_zone": "Time zone",
    "attribute": "Keep as extra field",
    "": "Do not import",
}
#: The column our file of rejected rows adds; corrected and imported again, it says nothing.
REASON_COLUMN = "Reason not imported"
#: Of a column, and so of the extra field it becomes.
LONGEST_NAME = 60
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
    "state": "state province stateprovince stateorprovince stateregion region statecode usstate"
    " provincecode mailingstate billingstate shippingstate homestate estado provincia departamento"
    " bundesland staat etat 州 省",
    "postal_code": "zip zipcode zippostalcode postal postalcode postcode zippostcode mailingzip"
    " mailingzipcode billingzip shippingzip homezip plz postleitzahl codigopostal codepostal"
    " cp cap cep postnummer postinumero kodpocztowy 郵便番号 邮编",
    "time_zone": "timezone tz ianatimezone zeitzone zonahoraria husohorario fusohorario"
    " fuseauhoraire fuseau fusoorario tijdzone 时区 タイムゾーン",
}
_WORDS = {word: name for name, words in _NAMES.items() for word in words.split()}
_WORDS["reasonnotimported"] = ""
#: Words for these are also used for other things, so the cells must agree.
_CELLS: dict[str, Callable[[str], str]] = {
    "state": parse_state,
    "time_zone": parse_time_zone,
    "postal_code": parse_postal_code,
}


def is_header(cells: Sequence[str]) -> bool:
    """Whether the first row names columns: words, and nothing as long as a phone number."""
    has_words = any(any(map(str.isalpha, cell)) for cell in cells)
    return has_words and not any(sum(map(str.isdigit, cell)) >= 7 for cell in cells)


def name_columns(cells: Sequence[str], *, has_header: bool) -> list[str]:
    """Every column's own name: its header, or its place; no two are the same."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        plain = take_plain(cell.replace("\0", ""))
        name = " ".join(plain.split())[:LONGEST_NAME] if has_header else ""
        name = name or f"Column {place}"
        mark = f" ({place})" if name in names else ""
        names.append(name[: LONGEST_NAME - len(mark)] + mark)
    return names


def guess_mapping(
    columns: Sequence[str], samples: Sequence[Sequence[str]], country: str
) -> dict[int, str]:
    """Column → key of FIELDS, by its name and by what is in it. Nothing is left out silently."""
    mapping: dict[int, str] = {}
    phone = _find_phone_column(columns, samples, country)
    for place, column in enumerate(columns):
        guess = _WORDS.get(_fold(column), "attribute")
        if guess in _CELLS and not _agree(place, samples, _CELLS[guess]):
            guess = "attribute"
        taken = guess not in ("", "attribute") and guess in mapping.values()
        mapping[place] = "phone" if place == phone else "attribute" if taken else guess
    return mapping


def _agree(place: int, samples: Sequence[Sequence[str]], parse: Callable[[str], str]) -> bool:
    """Whether most cells that are not blank can be read so."""
    filled = [cells[place] for cells in samples if place < len(cells) and cells[place].strip()]
    return 2 * sum(_can(parse, cell) for cell in filled) >= len(filled)


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
    return _can(lambda text: normalise(text, country), cell)


def _can(parse: Callable[[str], str], cell: str) -> bool:
    try:
        return bool(parse(cell))
    except RuleBroken:
        return False


def _fold(column: str) -> str:
    text = unicodedata.normalize("NFKD", column.casefold())
    return "".join(filter(str.isalnum, text))


def kind_of(name: str) -> str:
    """The key of FIELDS that a column was given: "attribute:number" is an attribute."""
    return name.partition(":")[0]


def said_type(name: str) -> str:
    """The type an extra field was given with the column, "" when it is to be guessed."""
    return name.partition(":")[2]


def find_mapping_problems(mapping: Mapping[int, str]) -> list[str]:
    """Exactly one phone column; the other fields at most once."""
    counts = Counter(map(kind_of, mapping.values()))
    problems = []
    if not counts["phone"]:
        problems.append("Say which column holds the phone number.")
    for name, words in FIELDS.items():
        if name not in ("", "attribute") and counts[name] > 1:
            problems.append(f"“{words}” is chosen for {counts[name]} columns: choose one.")
    if any(said_type(name) not in ("", *FieldKind) for name in mapping.values()):
        problems.append("An extra field has a type that there is not: choose another.")
    return problems
