"""How the file of an import is read, in words."""

import codecs

from campaigns.models import ContactImport
from campaigns.rules.phones import COUNTRIES
from campaigns.rules.rows import ENCODINGS

_PARTED_BY = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def tell_reading(contact_import: ContactImport) -> str:
    """“UTF-8 with a byte order mark, columns parted by semicolons, the first line names them.”"""
    header = "the first line names the columns"
    parts = [
        *(_tell_sheet(contact_import) if contact_import.sheet else _tell_text(contact_import)),
        header if contact_import.has_header else "no line names the columns",
    ]
    country = COUNTRIES.get(contact_import.country, contact_import.country)
    told = f"Numbers without a country code count as numbers of this country: {country}."
    return f"{', '.join(parts)}. {told}"


def _tell_sheet(contact_import: ContactImport) -> list[str]:
    return [f"Workbook, sheet “{contact_import.sheet}”"]


def _tell_text(contact_import: ContactImport) -> list[str]:
    encoding, delimiter = contact_import.encoding, contact_import.delimiter
    mark = " with a byte order mark" if _has_mark(contact_import.file.path) else ""
    parted = _PARTED_BY.get(delimiter, f"“{delimiter}”")
    is_one = len(contact_import.columns) == 1
    return [
        f"{ENCODINGS.get(encoding, encoding)}{mark}",
        "one column" if is_one else f"columns parted by {parted}",
    ]


def _has_mark(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(3).startswith(_MARKS)
