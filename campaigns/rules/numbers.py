"""Numbers in what a browser sends: of rows, of slides, of versions."""

#: So many digits fit into a column of every database.
MOST_DIGITS = 18


def read_number(text: str | None) -> int | None:
    """The whole number that these digits are; None where anything else stands."""
    if text and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return int(text)
    return None


def is_number(text: str | None) -> bool:
    return read_number(text) is not None
