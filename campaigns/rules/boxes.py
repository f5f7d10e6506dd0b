"""The boxes that MP4, 3GP and QuickTime films are made of, and what they point to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

#: Where a film names the files that its pictures lie in: box → the one inside it on the way.
_TO_REFERENCES = {
    b"": b"moov",
    b"moov": b"trak",
    b"trak": b"mdia",
    b"mdia": b"minf",
    b"minf": b"dinf",
}
_IN_THIS_FILE = 1
#: A long film in fragments has some thousands.
MAX_BOXES = 10_000


@dataclass(frozen=True, slots=True)
class Box:
    name: bytes
    start: int
    inside: int  # where its content begins
    end: int


def walk_boxes(
    file: BinaryIO, stop: int, route: Mapping[bytes, bytes], *, at: int = 0, parent: bytes = b""
) -> Iterator[Box]:
    """Every box on the route (box → the one inside it that is walked, too), and all beside it.

    The film itself has no name. A box that is longer than what holds it ends the walk.
    Raises ValueError after far too many.
    """
    yield from _few(_walk(file, stop, route, at, parent))


def _few(found: Iterator[Box]) -> Iterator[Box]:
    for count, one in enumerate(found):
        if count >= MAX_BOXES:
            raise ValueError("the film is made of too many boxes")
        yield one


def _walk(
    file: BinaryIO, stop: int, route: Mapping[bytes, bytes], at: int, parent: bytes
) -> Iterator[Box]:
    while at + 8 <= stop:
        file.seek(at)
        head = file.read(16)
        length, name, inside = int.from_bytes(head[:4], "big"), head[4:8], at + 8
        if length == 1:  # it is told in the next eight bytes
            length, inside = int.from_bytes(head[8:16], "big"), at + 16
        end = at + length if length else stop
        if end < inside or end > stop:
            return
        yield Box(name, at, inside, end)
        if name == route.get(parent):
            yield from _walk(file, end, route, inside, name)
        at = end


def points_elsewhere(file: BinaryIO, size: int) -> bool:
    """Whether pictures or sounds of this film are said to lie in another file.

    Raises ValueError when it is made of far too many boxes.
    """
    return any(_is_away(file, entry) for entry in _few(_references(file, size)))


def _references(file: BinaryIO, size: int) -> Iterator[Box]:
    for box in walk_boxes(file, size, _TO_REFERENCES):
        if box.name == b"dref":
            yield from _walk(file, box.end, {}, box.inside + 8, box.name)  # after version and count


def _is_away(file: BinaryIO, entry: Box) -> bool:
    file.seek(entry.inside + 3)
    flags = file.read(1)
    return not flags or not flags[0] & _IN_THIS_FILE
