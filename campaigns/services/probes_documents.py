"""What PDFs, workbooks, contact cards and calendar entries are, and what they must not do."""

import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

import pypdf
import vobject
from pypdf.errors import PyPdfError

from campaigns.rules.media import Probed
from campaigns.rules.problems import RuleBroken

#: Cards, calendars, PDFs and workbooks cannot be made smaller, and no channel takes 2 MB of them.
MAX_DOCUMENT = 10 * 1024 * 1024
MAX_TEXT = 2 * 1024 * 1024
MAX_PDF_OBJECTS = 50_000

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REACHES_OUT = "reaches for other files or sends something"
#: Kind of an action → what the PDF does by it.
_DANGERS = {
    "/JavaScript": "contains a program (JavaScript)",
    "/Launch": "starts a program",
    **dict.fromkeys(("/SubmitForm", "/ImportData", "/GoToR", "/GoToE"), _REACHES_OUT),
}
_PICTURES = ("photo", "logo", "sound")
#: Any address, of whatever kind, that is not the thing itself.
_POINTS_AWAY = re.compile(r"\s*(?!data:)([a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_UNREADABLE_TEXT = (
    vobject.base.VObjectError,
    ValueError,
    AttributeError,
    LookupError,
    TypeError,
    OverflowError,
)
_UNREADABLE_PDF = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


def probe_pdf(file: BinaryIO, size: int) -> Probed:
    _check_document(size)
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted:
            raise RuleBroken("The PDF is protected by a password: save it without one.")
        if not reader.pages:
            raise RuleBroken("The PDF has no pages.")
        danger = next(filter(None, map(_find_danger, _pdf_objects(reader))), "")
    except _UNREADABLE_PDF:
        raise RuleBroken("The PDF is damaged: save it again and upload that.") from None
    if danger:
        raise RuleBroken(f"The PDF {danger}: print it to a new PDF and upload that.")
    return Probed("application/pdf")


def _find_danger(item: Any) -> str:
    """What a PDF would do with this object, beyond being read; "" if nothing."""
    if not isinstance(item, dict):
        return ""
    if "/EF" in item or "/EmbeddedFiles" in item:
        return "carries other files inside"
    if "/JS" in item:
        return _DANGERS["/JavaScript"]
    if any(_kind_of(action) == "/URI" for action in _unasked(item)):
        return "opens a web page by itself"
    return _DANGERS.get(_kind_of(item), "")


def _kind_of(item: Any) -> str:
    """What kind of action it is, wherever the PDF keeps the word."""
    kind = _get(item, "/S")
    return kind if isinstance(kind, str) else ""


def _unasked(item: dict[str, Any]) -> Iterator[Any]:
    """What is done when a page opens or another thing was done: a link waits for a tap."""
    yield _get(item, "/OpenAction")
    following = _get(item, "/Next")
    for action in following if isinstance(following, list) else [following]:
        yield action.get_object() if action is not None else None
    occasions = _get(item, "/AA")
    if isinstance(occasions, dict):
        yield from (_get(occasions, name) for name in occasions)


def _get(item: Any, key: str) -> Any:
    value = item.get(key) if isinstance(item, dict) else None
    return value.get_object() if isinstance(value, pypdf.generic.PdfObject) else value


def _pdf_objects(reader: pypdf.PdfReader) -> Iterator[Any]:
    """Everything reachable from the trailer, once."""
    seen: set[int] = set()
    waiting: list[Any] = [reader.trailer]
    count = 0
    while waiting:
        item = waiting.pop()
        if isinstance(item, pypdf.generic.IndirectObject):
            if item.idnum in seen:
                continue
            seen.add(item.idnum)
            item = item.get_object()
        count += 1
        if count > MAX_PDF_OBJECTS:
            raise RuleBroken("The PDF is too intricate: print it to a new PDF and upload that.")
        yield item
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def probe_text(mime: str, component: str, noun: str) -> Callable[[BinaryIO, int], Probed]:
    def probe(file: BinaryIO, size: int) -> Probed:
        _check_document(size, MAX_TEXT)
        try:
            found = _parse(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise RuleBroken(f"The {noun} is not written in UTF-8: export it again.") from None
        except RecursionError:
            raise RuleBroken(f"The {noun} is nested too deeply: export it again.") from None
        except _UNREADABLE_TEXT as error:
            raise RuleBroken(f"The {noun} cannot be read: {error}. Export it again.") from None
        if not found or {one.name for one in found} != {component}:
            raise RuleBroken(f"The {noun} cannot be read. Export it again.")
        _check_pictures(found)
        return Probed(mime)

    return probe


def _parse(text: str) -> list[vobject.base.Component]:
    """Time zones stay unread: the library would keep them for every file that comes after."""
    found = list(vobject.readComponents(_unfold(text), transform=False, allowQP=True))
    for one in found:
        one.validate(raiseException=True)
        _drop_zones(one)
        one.transformChildrenToNative()
    return found


def _drop_zones(component: vobject.base.Component) -> None:
    component.contents.pop("vtimezone", None)
    for child in component.components():
        _drop_zones(child)


def _unfold(text: str) -> str:
    """Each line whole; the library itself copies a line again for each of its parts."""
    lines: list[list[str]] = []
    is_quoted = goes_on = False
    for line in text.split("\n"):
        line = line.rstrip("\r")
        if goes_on and line.strip():
            lines[-1][-1] = lines[-1][-1][:-1]
            lines[-1].append(line)
        elif lines and line.strip() and line[0] in " \t":
            lines[-1].append(line[1:])
        else:
            lines.append([line])
            is_quoted = False
        is_quoted = is_quoted or "quoted-printable" in line.lower()
        goes_on = is_quoted and line.endswith("=")
    return "\n".join(map("".join, lines))


def _check_pictures(cards: Iterable[vobject.base.Component]) -> None:
    """A phone that opens the card would fetch what is elsewhere, and tell that it was opened."""
    for card in cards:
        for name in _PICTURES:
            for line in card.contents.get(name, ()):
                if isinstance(line.value, str) and _POINTS_AWAY.match(line.value):
                    raise RuleBroken(
                        "The contact card points to a picture or a sound on the web: put it into "
                        "the card, or remove it."
                    )


def probe_zip(file: BinaryIO, size: int) -> Probed:
    _check_document(size)
    try:
        names = set(zipfile.ZipFile(file).namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError):
        raise RuleBroken("The file is a damaged archive.") from None
    _check_macros(any(name.endswith("vbaProject.bin") for name in names))
    if {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        return Probed(_XLSX)
    raise RuleBroken("Archives and documents cannot be sent, except Excel workbooks and PDFs.")


def probe_ole(file: BinaryIO, size: int) -> Probed:
    _check_document(size)
    content = file.read()
    _check_macros("_VBA_PROJECT".encode("utf-16-le") in content)
    if any(name.encode("utf-16-le") + b"\0\0" in content for name in ("Workbook", "Book")):
        return Probed("application/vnd.ms-excel")
    raise RuleBroken("Of the old Office documents only Excel workbooks can be sent.")


def _check_macros(found: bool) -> None:
    if found:
        raise RuleBroken("The workbook contains macros: save it without them.")


def _check_document(size: int, most: int = MAX_DOCUMENT) -> None:
    if size > most:
        raise RuleBroken("The file is far too large for an MMS: stay below 2 MB.")
