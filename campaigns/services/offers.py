"""What a reply may show: files of the library, and MMS of ours."""

from dataclasses import dataclass
from typing import Any

from campaigns.models import MediaFile, Mms, Thread
from campaigns.services.drafts import MmsDraft, drafts_of
from campaigns.services.library import search_files
from campaigns.services.replies import find_obstacles
from campaigns.services.reply_routes import Route

#: So many at a time; others are searched for.
OFFERED = 12
EMPTY = "It has no content yet."


@dataclass(frozen=True, slots=True)
class Template:
    """An MMS to answer with; `obstacle`: why it cannot go to them on this channel."""

    mms: Mms
    obstacle: str = ""


def find_files(words: str = "") -> dict[str, Any]:
    """Those that hold these words in their name, the newest first."""
    files = MediaFile.objects.filter(replaced_by=None).order_by("-id")
    return {"files": search_files(files, words)[:OFFERED]}


def find_templates(thread: Thread, route: Route, words: str = "") -> dict[str, Any]:
    """The same of MMS; first those that can go."""
    found = Mms.objects.filter(name__icontains=words) if words else Mms.objects.all()
    rows = list(found[:OFFERED])
    drafts = drafts_of(rows)
    offered = [Template(mms, _tell_obstacle(drafts.get(mms.pk), thread, route)) for mms in rows]
    return {"templates": sorted(offered, key=lambda each: bool(each.obstacle))}


def _tell_obstacle(draft: MmsDraft | None, thread: Thread, route: Route) -> str:
    return next(iter(find_obstacles(draft, thread, route)), "") if draft else EMPTY
