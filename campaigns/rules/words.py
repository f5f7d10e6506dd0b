"""Two texts compared word by word, in any script."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

#: A merge field is one word.
_FIELD = re.compile(r"(\{\{[^{}]*\}\})")
#: First and last characters of scripts that write no spaces between words: each stands alone.
_NO_SPACES = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3040", "\u30ff"),  # Hiragana, Katakana
    ("\u3400", "\u9fff"),  # Chinese characters
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)
_JOINER = "\u200d"
_SKIN = ("\U0001f3fb", "\U0001f3ff")
_FLAG = ("\U0001f1e6", "\U0001f1ff")


class Change(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that follow one another and share one fate."""

    change: Change
    text: str

    @property
    def shown(self) -> str:
        """The text; a line break that came or went is seen as a sign, too."""
        return self.text if self.change == Change.SAME else self.text.replace("\n", "↵\n")


def compare_words(before: str, after: str) -> tuple[Piece, ...]:
    """What stays, goes and comes, in the order in which both can be read."""
    old, new = split_words(before), split_words(after)
    pieces = []
    for verb, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        if verb == "equal":
            pieces.append(Piece(Change.SAME, "".join(old[i:j])))
            continue
        pieces.append(Piece(Change.GONE, "".join(old[i:j])))
        pieces.append(Piece(Change.NEW, "".join(new[k:m])))
    return tuple(_join(_bridge(piece for piece in pieces if piece.text)))


def split_words(text: str) -> list[str]:
    """Words, spaces and signs; put together they are the text again."""
    words: list[str] = []
    for part in _FIELD.split(text):
        if _FIELD.fullmatch(part):
            words.append(part)
            continue
        kind_before = ""
        for letter in _letters(part):
            kind = _kind(letter)
            if words and kind == kind_before and kind != "alone":
                words[-1] += letter
            else:
                words.append(letter)
            kind_before = kind
    return words


def _letters(text: str) -> Iterator[str]:
    """Characters as readers see them: with their marks, emoji with what is joined to them."""
    letter = ""
    for char in text:
        if letter and _belongs(letter, char):
            letter += char
            continue
        if letter:
            yield letter
        letter = char
    if letter:
        yield letter


def _belongs(letter: str, char: str) -> bool:
    is_mark = unicodedata.category(char)[0] == "M" or char in (_JOINER, "\u200c")
    is_skin = _SKIN[0] <= char <= _SKIN[1]
    ends_flag = len(letter) == 1 and _is_flag(letter) and _is_flag(char)
    return is_mark or is_skin or ends_flag or letter[-1] == _JOINER


def _is_flag(char: str) -> bool:
    return _FLAG[0] <= char <= _FLAG[1]


def _kind(letter: str) -> str:
    first = letter[0]
    if first.isspace():
        return "space"
    if not first.isalnum() or any(low <= first <= high for low, high in _NO_SPACES):
        return "alone"
    return "word"


def _bridge(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """A space between two changed words reads as changed with them."""
    known = list(pieces)
    for number, piece in enumerate(known):
        is_between = 0 < number < len(known) - 1 and piece.text.isspace()
        if piece.change == Change.SAME and is_between and "\n" not in piece.text:
            yield Piece(Change.GONE, piece.text)
            yield Piece(Change.NEW, piece.text)
        else:
            yield piece


def _join(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one fate in one piece: what goes stands before what comes."""
    gone = new = ""
    for piece in pieces:
        if piece.change == Change.GONE:
            gone += piece.text
        elif piece.change == Change.NEW:
            new += piece.text
        else:
            yield from _said(gone, new)
            gone = new = ""
            yield piece
    yield from _said(gone, new)


def _said(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece(Change.GONE, gone)
    if new:
        yield Piece(Change.NEW, new)
