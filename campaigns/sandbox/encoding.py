"""How long a template is encoded, and whether that fails (§3.3)."""

from datetime import datetime, timedelta

from campaigns.sandbox.postbacks import pick_moment
from campaigns.sandbox.stories import Span

#: A template with audio or video is encoded that long; one without is ready at once.
ENCODING: Span = (5, 10)
SHORTEST = timedelta(seconds=0.5)
#: A template whose name, or the address of whose media, holds this word cannot be encoded.
FAILS = "fails"
#: Kind → the code of its failure, in the order in which they would fail.
FAILURES = {"audio": "E002", "video": "E003", "image": "E004"}


def ready_at(files: list[dict], now: datetime) -> datetime:
    if not any(file["kind"] in {"audio", "video"} for file in files):
        return now
    return max(now + SHORTEST, pick_moment(now, ENCODING))


def failing_file(name: str, files: list[dict]) -> dict | None:
    """The file at which the encoding of this template stops."""
    encoded = [file for kind in FAILURES for file in files if file["kind"] == kind]
    addresses = [file["url"] for file in files]
    is_doomed = any(FAILS in text.lower() for text in [name, *addresses])
    return encoded[0] if is_doomed and encoded else None
