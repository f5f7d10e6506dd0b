"""Threads: all that one person and one of our numbers wrote to each other."""

from datetime import datetime

from django.db.models import F

from campaigns.models import Contact, Thread, ThreadWord
from campaigns.rules.replywords import fold_words


def find_or_begin(phone: str, number: str, channel_id: int, now: datetime) -> Thread:
    """The thread of a person (digits with country code) and our number; a new one is empty."""
    thread, _ = Thread.objects.get_or_create(
        phone=phone,
        number=number,
        defaults={
            "channel_id": channel_id,
            "contact": Contact.objects.filter(phone=phone).first(),
            "last_at": now,
        },
    )
    return thread


def note_inbound(thread: Thread, channel_id: int, now: datetime) -> None:
    """They wrote, by this channel: it is unread, and the newest; whatever was done with it."""
    Thread.objects.filter(pk=thread.pk).update(
        unread_count=F("unread_count") + 1,
        state=Thread.State.UNREAD,
        channel=channel_id,
        last_at=now,
    )


def note_words(thread_id: int, *texts: str) -> None:
    """From now on the thread is found by these words of theirs."""
    ThreadWord.objects.bulk_create(
        (ThreadWord(thread_id=thread_id, word=word) for word in fold_words(" ".join(texts))),
        ignore_conflicts=True,
    )
