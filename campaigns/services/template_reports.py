"""What providers report of saved templates: ready, or failed, and on which slide."""

import re
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from campaigns.gateways.events import SavedEvent
from campaigns.models import SavedMms, SlideMedium
from campaigns.rules.statuses import SavedStatus

#: What is so stays so, whatever comes after.
FINAL = (SavedStatus.READY, SavedStatus.FAILED)
#: How reasons, ours and the provider's, name a slide.
_SLIDE = re.compile(r"\bslide (\d{1,2})\b", re.IGNORECASE)


@transaction.atomic
def apply_saved_event(channel_ids: Collection[int], event: SavedEvent) -> bool:
    """Note that a template is ready or failed; False while no row matches. What is ready or
    failed stays so."""
    is_it = Q(mms_id=event.saved_id) if event.saved_id else Q(pk=None)
    if event.reference:
        is_it |= Q(reference=event.reference)
    row = SavedMms.objects.filter(is_it, channel__in=channel_ids).first()
    if row is None:
        return False
    SavedMms.objects.filter(pk=row.pk).exclude(status__in=FINAL).update(
        status=SavedStatus.READY if event.ready else SavedStatus.FAILED,
        mms_id=event.saved_id or row.mms_id,
        code=event.code,
        reason="" if event.ready else _why(row, event),
        updated_at=timezone.now(),
    )
    return True


def _why(row: SavedMms, event: SavedEvent) -> str:
    """The reason in words, with the slide it is about where the provider names the file; else
    with the slides that hold a file of the kind it blames."""
    words = event.text or f"The provider reported {event.code}."
    named = name_slide(row, words, event.url)
    if named != words or not event.kind:
        return named
    uses = SlideMedium.objects.filter(slide__revision=row.revision_id)
    places = uses.filter(media_file__kind=event.kind).order_by("slide__position")
    numbers = [str(number) for number in places.values_list("slide__position", flat=True)]
    return f"Slide {' or '.join(numbers)}: {words}" if numbers else words


def name_slide(row: SavedMms, words: str, url: str = "") -> str:
    """These words with the slide and file before them that they, or the address, tell of."""
    uses = SlideMedium.objects.filter(slide__revision=row.revision_id)
    for use in uses.select_related("slide", "media_file").order_by("slide__position", "pk"):
        if use.media_file.public_name in f"{url} {words}":
            return f"Slide {use.slide.position}, “{use.media_file}”: {words}"
    said = _SLIDE.search(words)
    return f"Slide {said[1]}: {words}" if said else words


def slide_of(row: SavedMms | None) -> int | None:
    """The slide to mend, of what failed, where it is known."""
    said = _SLIDE.match(row.reason) if row and row.status == SavedStatus.FAILED else None
    return int(said[1]) if said else None
