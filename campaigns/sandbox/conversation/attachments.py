"""Fetches the files of an MMS and judges them (§5.1); what is wrong becomes the reason of a report.

Without strict validation the platform makes large pictures smaller; how large they may be is not
documented, 3 MB is our assumption.
"""

from campaigns.sandbox import copies
from campaigns.sandbox.conversation.stories import Reason
from campaigns.sandbox.copying import Remembered
from campaigns.sandbox.fetch import Fetched, NotFetched, fetch
from campaigns.sandbox.media import OPEN_TYPES

KB = 1024
LARGEST = 3000 * KB
SECONDS = 8
KIND_OF = {
    "image/jpeg": "image", "image/jpg": "image", "image/png": "image", "image/gif": "image",
    "video/mp4": "video", "video/quicktime": "video",
    "text/vcard": "contact", "text/x-vcard": "contact", "application/pdf": "pdf",
}  # fmt: skip
#: What the best practices allow, by type and else by kind.
STRICT = {"image/gif": 600 * KB, "image": 740 * KB, "video": 740 * KB, "video/quicktime": 0}
STRICT_ELSE = 1000 * KB
remembered = Remembered()


class Unfit(Exception):
    """A file that no MMS carries."""

    def __init__(self, code: str, description: str, sub_code: str = "") -> None:
        super().__init__(description)
        more = {"sub_code": sub_code} if sub_code else {}
        self.reason = Reason(code, description, **more)


def fetch_file(url: str, *, is_strict: bool, cache_seconds: float) -> dict:
    """A file as the phone keeps it; raises `Unfit`."""
    key = (url, is_strict)
    if cache_seconds and (file := remembered.find(key, cache_seconds)):
        return file
    try:
        fetched = fetch(url, LARGEST, SECONDS)
    except NotFetched as error:
        raise Unfit("MEDIA_NOT_REACHABLE", f"{url}: {error}") from error
    kind = _judge(fetched, url, is_strict)
    name = copies.keep(fetched.content, fetched.type)
    file = {"kind": kind, "name": name, "type": fetched.type, "size": fetched.size}
    remembered.add(key, file)
    return file


def _judge(fetched: Fetched, url: str, is_strict: bool) -> str:
    if fetched.type in OPEN_TYPES:
        raise Unfit(
            "MEDIA_TYPE_UNSUPPORTED",
            f"{url}: the host does not tell the type of the file",
            "MEDIA_TYPE_UNDETERMINED",
        )
    kind = KIND_OF.get(fetched.type)
    if kind is None:
        raise Unfit("MEDIA_TYPE_UNSUPPORTED", f"{url}: an MMS carries no {fetched.type}")
    most = LARGEST
    if is_strict:
        most = STRICT.get(fetched.type, STRICT.get(kind, STRICT_ELSE))
    if fetched.size > most:
        raise Unfit("MEDIA_TOO_LARGE", f"{url}: {fetched.size // KB} KB, at most {most // KB}")
    return kind
