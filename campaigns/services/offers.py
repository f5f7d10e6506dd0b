"""What a reply may show: files of the library, and MMS of ours."""

from typing import Any

from campaigns.models import MediaFile, Mms
from campaigns.services.library import search_files

#: So many at a time; others are searched for.
OFFERED = 12


def find_offers(words: str = "", *, is_file: bool) -> dict[str, Any]:
    """Those that hold these words in their name, the newest first: `files` or `templates`."""
    if is_file:
        files = MediaFile.objects.filter(replaced_by=None).order_by("-id")
        return {"files": search_files(files, words)[:OFFERED]}
    templates = Mms.objects.filter(name__icontains=words) if words else Mms.objects.all()
    return {"templates": templates[:OFFERED]}
