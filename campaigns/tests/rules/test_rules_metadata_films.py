"""What a camera wrote into a film is gone, and every other byte stays where it was."""

import io
import struct

import pytest

from campaigns.rules.metadata import blank_film

PLACE = b"+12.3456+056.7890/"
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def box(name, content=b"", *, large=False):
    if large:
        return struct.pack(">I4sQ", 1, name, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), name) + content


def blanked(content):
    file = io.BytesIO(content)
    blank_film(file, len(content))
    return file.getvalue()


NOTES = [
    box(b"moov", box(b"mvhd", b"h") + box(b"udta", box(b"\xa9xyz", PLACE))),
    box(b"moov", box(b"trak", box(b"tkhd") + box(b"udta", box(b"loci", PLACE)))),
    box(b"moov", box(b"meta", box(b"keys") + box(b"ilst", PLACE)), large=True),
    box(b"moov", box(b"udta", PLACE, large=True)),
    box(b"meta", PLACE),
    box(b"uuid", XMP + PLACE),
    struct.pack(">I4s", 0, b"udta") + PLACE,  # up to the end of the film
]


@pytest.mark.parametrize("notes", NOTES)
def test_places_are_blanked_and_nothing_moves(notes):
    film = box(b"ftyp", b"isom") + box(b"mdat", PLACE) + notes
    result = blanked(film)
    assert result.count(PLACE) == 1  # what lies in the picture itself is no note
    assert len(result) == len(film)
    assert result.startswith(box(b"ftyp", b"isom") + box(b"mdat", PLACE))
    assert result.count(b"free") == 1


@pytest.mark.parametrize(
    "film",
    [
        box(b"ftyp", b"isom") + box(b"moov", box(b"trak", box(b"mdia", box(b"meta", b"x")))),
        box(b"uuid", b"another sort of a box"),
        box(b"moov", struct.pack(">I4s", 99, b"udta") + b"longer than its box"),
        box(b"moov", struct.pack(">I4s", 4, b"udta") + b"shorter than its head"),
        b"",
    ],
)
def test_what_is_no_note_or_is_damaged_stays_as_it_is(film):
    assert blanked(film) == film
