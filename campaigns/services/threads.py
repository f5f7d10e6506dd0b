"""Threads: all that one person and one of our numbers wrote to each other."""

from datetime import datetime

from django.db.models import F

from campaigns.models import Contact, Thread


def find_or_begin(phone: str, number: str, now: datetime) -> Thread:
    """The thread of a person (digits with country code) and our number."""
    thread, _ = Thread.objects.get_or_create(
        phone=phone,
        number=number,
        defaults={"contact": Contact.objects.filter(phone=phone).first(), "last_at": now},
    )
    return thread


def note_inbound(thread: Thread, now: datetime) -> None:
    """They wrote: it is unread, and the newest."""
    Thread.objects.filter(pk=thread.pk).update(unread_count=F("unread_count") + 1, last_at=now)
