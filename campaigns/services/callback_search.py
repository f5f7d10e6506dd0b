"""Callbacks of a person or a message: found by what was read in them, and by their bodies."""

import re

from django.db.models import Q, QuerySet

from campaigns.models import InboundMessage, Message, MessageEvent, Thread, WebhookPost

#: So many of the newest are walked through: a body has no index.
MOST_WALKED = 20_000
#: So many that are known to tell of it are found besides.
MOST_KNOWN = 500
_FEWEST_DIGITS = 7
_NUMBER = re.compile(r"[+\d][\d\s().-]*")


def find_callbacks(posts: QuerySet[WebhookPost], words: str) -> QuerySet[WebhookPost]:
    """Those of `posts` that tell of this number, in any spelling, or of this reference: whatever
    was read as such, and those of the newest `MOST_WALKED` whose body has it."""
    words = words.replace("\0", "").strip()
    if not words:
        return posts
    digits = re.sub(r"\D", "", words).removeprefix("00")
    is_number = _NUMBER.fullmatch(words) is not None and len(digits) >= _FEWEST_DIGITS
    sought = digits if is_number else words
    newest = WebhookPost.objects.order_by("-id").values_list("pk", flat=True)
    oldest = newest[MOST_WALKED - 1 : MOST_WALKED].first() or 0
    holding = WebhookPost.objects.holding(sought).filter(pk__gte=oldest)
    known = _find_known(sought, is_number=is_number)
    return posts.filter(Q(pk__in=known) | Q(pk__in=holding.order_by().values("pk")))


def _find_known(sought: str, *, is_number: bool) -> list[int]:
    """The callbacks from which something was kept about it; every way walks an index."""
    if is_number:
        messages = Message.objects.filter(phone=sought)
        replies = InboundMessage.objects.filter(thread__phone=sought)
    else:
        messages = Message.objects.filter(Q(reference=sought) | Q(provider_id=sought))
        replies = InboundMessage.objects.filter(provider_id=sought)
    told = MessageEvent.objects.filter(message__in=messages.order_by().values("pk"))
    return [
        pk
        for rows in (told, replies)
        for pk in rows.exclude(post=None)
        .order_by("-pk")
        .values_list("post_id", flat=True)[:MOST_KNOWN]
    ]


def find_threads(post: WebhookPost) -> list[Thread]:
    """The conversations with whom this callback tells of."""
    found = {*Thread.objects.filter(inbound__post=post)[:MOST_KNOWN]}
    pairs = Message.objects.filter(events__post=post).values_list("phone", "sender").distinct()
    for phone, number in pairs[:MOST_KNOWN]:
        found.update(Thread.objects.filter(phone=phone, number=number))
    return sorted(found, key=lambda thread: thread.pk)
