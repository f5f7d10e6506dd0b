"""How many SMS a text needs, and in which encoding (§10.1)."""

import re

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "^{}[]~\\|€"
NOT_GSM = re.compile(f"[^{re.escape(BASIC + EXTENDED)}]")
TWICE = re.compile(f"[{re.escape(EXTENDED)}]")
GSM, UCS2 = (160, 153), (70, 67)


def is_unicode(text: str) -> bool:
    return NOT_GSM.search(text) is not None


def count_parts(text: str) -> int:
    if is_unicode(text):
        units, (alone, each) = len(text.encode("utf-16-le")) // 2, UCS2
    else:
        units, (alone, each) = len(text) + len(TWICE.findall(text)), GSM
    return 1 if units <= alone else -(-units // each)


def cut_to_one(text: str) -> str:
    """As much of it as fits one part (`truncate_concat`)."""
    lengths = range(min(len(text), GSM[0]), -1, -1)
    return next(text[:length] for length in lengths if count_parts(text[:length]) == 1)
