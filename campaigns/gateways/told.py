"""The code in an answer that was kept, whichever provider gave it."""

import re

#: The MMS JSON API says “error-code”, the others “code”.
_CODE = re.compile(r'"(?:error-?)?code"\s*:\s*"?([A-Za-z0-9_.-]{1,40})')


def code_of(answer: str, status: int | None) -> str:
    """“E113”, “429”; “ok” for what was accepted, “no answer” where none came."""
    if found := _CODE.search(answer):
        return found[1]
    if status is None:
        return "no answer"
    return "ok" if 200 <= status < 300 else str(status)
