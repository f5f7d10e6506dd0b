"""The words of a reply by which it is found again."""

import re
import unicodedata

#: As long as the column is; longer ones are found by their beginning.
LONGEST = 40
#: Of one text; what comes after them is not found.
MOST = 300
_WORD = re.compile(r"\w{2,}")


def fold_words(text: str) -> list[str]:
    """Each word once, in order, without case and accents. A script without spaces between words
    makes one long word of a sentence, which is found by its beginning."""
    plain = unicodedata.normalize("NFKD", text[:20_000].casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    # An invisible sign within a word would hide it.
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    found = dict.fromkeys(word[:LONGEST] for word in _WORD.findall(plain))
    return list(found)[:MOST]
