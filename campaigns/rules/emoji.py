"""Messages of nothing but emoji, which phones write large."""

import re

#: One picture, with its skin, its family, its flag or its key; the marks between them are unseen.
_ONE = (
    r"(?:[\U0001F1E6-\U0001F1FF]{2}"
    r"|[0-9#*]\uFE0F?\u20E3"
    r"|(?:[\u203C\u2049\u2139\u2194-\u21AA\u231A-\u23FA\u25AA-\u25FE\u2600-\u27BF\u2934\u2935"
    r"\u2B05-\u2B55\u3030\u303D\u3297\u3299\U0001F004-\U0001F0CF\U0001F170-\U0001F251"
    r"\U0001F300-\U0001FAFF])[\uFE0F\U0001F3FB-\U0001F3FF\U000E0020-\U000E007F]*)"
)
_PICTURE = re.compile(rf"{_ONE}(?:\u200D{_ONE})*")
_LARGE = 3


def is_large(text: str) -> bool:
    """Whether a phone shows this text large and without a bubble: one to three emoji, no words."""
    packed = re.sub(r"\s+", "", text)
    return 0 < len(_PICTURE.findall(packed)) <= _LARGE and not _PICTURE.sub("", packed)
