"""A provider that answers as a test wants it."""

import threading
from collections import Counter

from campaigns.gateways.base import Outcome


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
