"""The queue of each plan, first in, first out: a thread takes out what is due (§10)."""

import logging
import threading
from datetime import datetime, timedelta

from django.db import OperationalError
from django.utils import timezone

from campaigns.sandbox.models import HandsetMessage, Postback
from campaigns.sandbox.sms.answers import save_answers
from campaigns.sandbox.sms.media import BadMedia, copy_medium
from campaigns.sandbox.sms.models import SmsBatch, SmsMessage, SmsPlan
from campaigns.sandbox.sms.sending import Sending, plan_sending
from campaigns.sandbox.writing import writing

PAUSE_SECONDS = 0.2
MOST_AT_ONCE = 20
AGAIN_AFTER = timedelta(minutes=1)
logger = logging.getLogger(__name__)
_bell = threading.Event()
#: Places in a queue are given to one batch after the other.
_one_by_one = threading.Lock()


def ring() -> None:
    """Something was put into a queue."""
    _bell.set()


def send_due(now: datetime) -> int:
    """Take out what is due; answers how many batches."""
    waiting = SmsBatch.objects.filter(dispatched_at=None, canceled=False, due_at__lte=now)
    due = list(waiting.order_by("due_at", "pk")[:MOST_AT_ONCE])
    for batch in due:
        _try_to_send(batch, now)
    return len(due)


def _try_to_send(batch: SmsBatch, now: datetime) -> None:
    """A batch that cannot be sent waits and does not hold up the others."""
    try:
        send_batch(batch, now)
    except OperationalError:  # a locked table passes; the batches stay due
        raise
    except Exception:  # whatever is wrong with it, it is kept
        logger.exception("Batch %s could not be sent: again in a minute.", batch.batch_id)
        SmsBatch.objects.filter(pk=batch.pk).update(due_at=now + AGAIN_AFTER)


def send_batch(batch: SmsBatch, now: datetime) -> None:
    """Unless it was changed or cancelled while its medium was fetched."""
    medium = _copy(batch)
    unchanged = SmsBatch.objects.filter(
        pk=batch.pk, dispatched_at=None, canceled=False, modified_at=batch.modified_at
    )
    with _one_by_one:
        batch.plan.refresh_from_db()
        batch.dispatched_at = now
        sending = plan_sending(batch, medium, now)
        with writing():
            if unchanged.update(dispatched_at=now):
                _save(batch, sending)


def start() -> None:
    """Called once, by the WSGI entry."""
    never = threading.Event()
    threading.Thread(target=run, args=[never], name="sms-queue", daemon=True).start()


def run(stopped: threading.Event) -> None:
    while not stopped.is_set():
        _bell.clear()
        try:
            is_busy = bool(send_due(timezone.now()))
        except Exception:  # nothing ends this thread: the batches stay due
            logger.exception("The queues could not be read or written.")
            is_busy = False
        if not is_busy:
            _bell.wait(PAUSE_SECONDS)


def _copy(batch: SmsBatch) -> dict | None:
    if not batch.is_mms:
        return None
    try:
        return copy_medium(batch.fields["body"]["url"])
    except BadMedia:
        return None


def _save(batch: SmsBatch, sending: Sending) -> None:
    SmsMessage.objects.bulk_create(sending.messages)
    Postback.objects.bulk_create(sending.postbacks)
    HandsetMessage.objects.bulk_create(sending.on_phones)
    save_answers(sending.answers)
    SmsPlan.objects.filter(pk=batch.plan.pk).update(free_at=sending.free_at)
