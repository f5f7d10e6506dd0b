"""Replies: kept, opted out where they say so, their files copied before they are deleted."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.base import ContentFile

from campaigns.gateways.events import InboundEvent
from campaigns.gateways.http import FetchRefused, fetch
from campaigns.models import Contact, InboundMedia, InboundMessage, Message, WebhookPost
from campaigns.rules.formats import as_stored
from campaigns.services.accounts import find_twin
from campaigns.services.answered import find_named
from campaigns.services.audit import record
from campaigns.services.choices import name_choice
from campaigns.services.heeding import heed_reply
from campaigns.services.inbound_parts import find_whole, keep_part
from campaigns.services.queue import ring
from campaigns.services.suppression import restore_optouts
from campaigns.services.threads import find_or_begin, note_inbound, note_words

MOST_BYTES = 10 * 1024 * 1024
#: Tried again after 2, 4, 8 … minutes, about three days in all: a STOP may be in it.
MOST_ATTEMPTS = 11
Copy = InboundMedia.Status


def record_inbound(post: WebhookPost, event: InboundEvent, now: datetime) -> InboundMessage:
    """Keep a reply; a repeat of it changes nothing, whichever channel of the account brings it."""
    provider_id = event.provider_id or event.key
    if twin := find_twin(post.channel, provider_id):
        return twin
    known = find_whole(post.channel_id, event, provider_id, now)
    message, is_new = (known, False) if known else _begin(post, event, provider_id, now)
    if is_new or (known and keep_part(known, post.channel_id, provider_id)):
        InboundMedia.objects.bulk_create(
            InboundMedia(message=message, url=url) for url in event.media_urls
        )
        ring("inbox.copy_media", message.pk)
    if is_new:
        if post.channel.settings.get("feedback"):
            ring("inbox.tell_received", message.pk)
        restore_optouts([message.phone])  # before START is heeded, which lifts it
        for said in (message.subject, message.text):
            heed_reply(message, said, now)
    return message


def _begin(
    post: WebhookPost, event: InboundEvent, provider_id: str, now: datetime
) -> tuple[InboundMessage, bool]:
    """The message, and whether it is new."""
    answered = find_named(post.channel_id, event)
    message, is_new = InboundMessage.objects.get_or_create(
        channel_id=post.channel_id,
        provider_id=provider_id,
        defaults={
            "thread": find_or_begin(event.sender, event.to, post.channel_id, now),
            "contact": Contact.objects.filter(phone=event.sender).first(),
            "phone": event.sender,
            "to": event.to,
            "via": event.via,
            "subject": event.subject,
            "text": event.text or name_choice(answered, event.postback),
            "keyword": event.keyword,
            "operator": event.operator,
            "postback": event.postback,
            "answers": answered,
            "place": as_stored(event.place) if event.place else {},
            "copied_to": list(event.copied_to),
            "sent_at": event.at,
            "received_at": now,
            "post": post,
        },
    )
    if is_new:
        note_inbound(message.thread, message.channel_id, now)
        note_words(message.thread_id, message.subject, message.text)
    return message, is_new


def copy_media(message_id: int, now: datetime) -> None:
    """Copy the files of a reply here. The text of an MMS is one of them (§6: no body field)."""
    message = InboundMessage.objects.get(pk=message_id)
    for medium in message.media.to_copy(now):
        _copy(medium, now)
        if text := _text_of(medium):
            message.text = f"{message.text}\n{text}".strip()
            message.save(update_fields=["text"])
            note_words(message.thread_id, text)
            heed_reply(message, text, now)


def _copy(medium: InboundMedia, now: datetime) -> None:
    medium.attempts += 1
    medium.try_after = now + timedelta(minutes=2**medium.attempts)
    try:
        fetched = fetch(
            medium.url,
            allowed_networks=settings.FETCH_ALLOWED_NETWORKS,
            max_bytes=MOST_BYTES,
        )
    except FetchRefused as problem:
        medium.reason = str(problem)
    else:
        _keep(medium, fetched.status, fetched.content_type, fetched.body)
    if medium.status == Copy.WAITING and medium.attempts >= MOST_ATTEMPTS:
        medium.status = Copy.LOST
    medium.save()


def _keep(medium: InboundMedia, status: int, mime: str, body: bytes) -> None:
    if status != 200:
        medium.reason = f"The provider answered {status} instead of the file."
        return
    medium.mime, medium.size = mime.partition(";")[0].strip().lower()[:100], len(body)
    medium.status, medium.reason = Copy.COPIED, ""
    # The provider's file name is a stranger's text: ours is made of our own number.
    medium.file.save(f"{medium.pk}.bin", ContentFile(body), save=False)


def _text_of(medium: InboundMedia) -> str:
    is_text = medium.status == Copy.COPIED and medium.mime == "text/plain"
    if not is_text or medium.size > 64 * 1024:
        return ""
    with medium.file.open("rb") as file:
        return file.read().decode("utf-8", errors="replace").replace("\0", "").strip()


def ring_for_copies(now: datetime) -> None:
    """Files whose copy failed before: try again."""
    waiting = InboundMedia.objects.to_copy(now)
    for message_id in waiting.order_by().values_list("message_id", flat=True).distinct()[:100]:
        ring("inbox.copy_media", message_id)


def find_answered(reply: InboundMessage) -> Message | None:
    """The message that the reply names, or else what this person got last from the number they
    wrote to."""
    if reply.answers and reply.answers.accepted_at:
        return reply.answers
    earlier = Message.objects.filter(
        channel_id=reply.channel_id,
        phone=reply.phone,
        sender=reply.to,
        accepted_at__lte=reply.received_at,
    )
    return earlier.select_related("campaign", "revision__mms").first()


def copy_again(medium: InboundMedia, *, by: AbstractBaseUser) -> None:
    """Somebody wants a file that could not be copied to be fetched once more, at once."""
    rows = InboundMedia.objects.filter(pk=medium.pk)
    lost = rows.filter(status=Copy.LOST)
    is_again = lost.update(status=Copy.WAITING, try_after=None, attempts=MOST_ATTEMPTS - 1)
    if not is_again and not rows.filter(status=Copy.WAITING).update(try_after=None):
        return
    record("reply.copied_again", medium.message, by=by)
    ring("inbox.copy_media", medium.message_id)
