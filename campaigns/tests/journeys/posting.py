"""Posts callbacks at a steady rate from many threads, and remembers what each was answered."""

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

PATIENCE = 10.0


class Poster:
    """`answers` of a body: its statuses (0: none) and how long each took, in seconds."""

    def __init__(self, address, rate, make_body):
        self.parts = urlsplit(address)
        self.rate = rate
        self.make_body = make_body
        self.answers = {}
        self.is_over = threading.Event()
        self.pool = ThreadPoolExecutor(40)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()
        self.pool.shutdown(cancel_futures=True)

    @property
    def answered_200(self):
        now = dict(self.answers)  # others go on writing
        return [body for body, (status, _) in now.items() if status == 200]

    @property
    def slowest(self):
        """Of all but the slowest hundredth."""
        seconds = sorted(seconds for _, seconds in self.answers.values())
        return seconds[int(len(seconds) * 0.99) - 1]

    def _run(self):
        started_at = time.monotonic()
        number = 0
        while not self.is_over.is_set():
            self.pool.submit(self._post, self.make_body(number))
            number += 1
            self.is_over.wait(max(0.0, started_at + number / self.rate - time.monotonic()))

    def _post(self, body):
        started_at = time.monotonic()
        status = 0
        wire = http.client.HTTPConnection(self.parts.netloc, timeout=PATIENCE)
        try:
            wire.request("POST", self.parts.path, body, {"Content-Type": "application/json"})
            status = wire.getresponse().status
        except (OSError, http.client.HTTPException):
            pass
        finally:
            wire.close()
        self.answers[body] = status, time.monotonic() - started_at
