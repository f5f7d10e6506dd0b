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
MAX_PDF_OBJECTS = 50_000

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PICTURES = ("photo", "logo", "sound")
#: Any address, of whatever kind, that is not the thing itself.
_POINTS_AWAY = re.compile(r"\s*(?!data:)([a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_UNREADABLE_TEXT = (vobject.base.VObjectError, ValueError, AttributeError, IndexError)
_UNREADABLE_PDF = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


def probe_pdf(file: BinaryIO, size: int) -> Probed:
    _check_document(size)
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted:
            raise RuleBroken("The PDF is protected by a password: save it without one.")
        if not reader.pages:
            raise RuleBroken("The PDF has no pages.")
        acts = any(_acts(item) for item in _pdf_objects(reader))
    except _UNREADABLE_PDF:
        raise RuleBroken("The PDF is damaged: save it again and upload that.") from None
    if acts:
        raise RuleBroken(
            "The PDF contains a program (JavaScript): print it to a new PDF and upload that."
        )
    return Probed("application/pdf")


def _acts(item: Any) -> bool:
    return isinstance(item, dict) and (
        "/JS" in item or item.get("/S") in {"/JavaScript", "/Launch"}
    )


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
        _check_document(size)
        try:
            text = file.read().decode("utf-8-sig")
            found = list(vobject.readComponents(text, allowQP=True))
            for one in found:
                one.validate(raiseException=True)
        except UnicodeDecodeError:
            raise RuleBroken(f"The {noun} is not written in UTF-8: export it again.") from None
        except _UNREADABLE_TEXT as error:
            raise RuleBroken(f"The {noun} cannot be read: {error}. Export it again.") from None
        if not found or {one.name for one in found} != {component}:
            raise RuleBroken(f"The {noun} cannot be read. Export it again.")
        _check_pictures(found)
        return Probed(mime)

    return probe


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
    except (zipfile.BadZipFile, ValueError, struct.error, OSError):
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


def _check_document(size: int) -> None:
    if size > MAX_DOCUMENT:
        raise RuleBroken("The file is far too large for an MMS: stay below 2 MB.")
