"""A provider that answers as a test wants it, and workers that are there."""

import threading
from collections import Counter
from datetime import timedelta

from campaigns.gateways.outcomes import Outcome
from campaigns.models import Lease
from campaigns.services import lifesigns


class FakeGateway:
    """Answers by a function of the message; counts what it was asked to send."""

    def __init__(self, answer=None):
        self.answer = answer or (lambda mms: None)
        self.sent = Counter()
        self.messages = []
        self.lock = threading.Lock()

    def send(self, batch):
        return [self._send(mms) for mms in batch]

    def _send(self, mms):
        with self.lock:
            self.sent[mms.to] += 1
            self.messages.append(mms)
        error = self.answer(mms)
        provider_id = "" if error else f"id-{mms.reference}"
        return Outcome(mms.reference, provider_id=provider_id, error=error)


def sign_of_life(now, *, cluster="c1", process=4711, work=""):
    """What a worker says of itself when it begins a task, or has ended one."""
    until = now + timedelta(seconds=lifesigns.TASK_SECONDS if work else 0)
    name = f"{lifesigns.PREFIX}{cluster}:{process}"
    Lease.objects.update_or_create(name=name, defaults={"owner": work, "until": until})
