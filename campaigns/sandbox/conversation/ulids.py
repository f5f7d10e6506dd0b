"""ULIDs: 26 characters that sort by time, in which the Conversation API names everything."""

import re
import secrets
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_ulid() -> str:
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def is_ulid(value: object) -> bool:
    return isinstance(value, str) and ULID.fullmatch(value) is not None
