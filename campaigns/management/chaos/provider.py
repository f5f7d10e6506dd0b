"""The provider of the kill test: takes messages, counts them, and is as unreliable as it gets.

Run as a module: `python -m campaigns.management.chaos.provider PORT HOOK_URL LEDGER SEED MESSAGES`.
`GET /` tells what it has seen, as JSON.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from campaigns.management.chaos import fates
from campaigns.management.chaos.fates import Fate, Report, fate_of
from campaigns.management.chaos.ledger import LedgerFile, hash_of

POSTERS = 8
TICK = 0.005
#: The real one waits five minutes; answers within ten seconds count.
POST_AGAIN_SECONDS, MOST_POSTS, PATIENCE = 3.0, 12, 10.0
#: An early report goes out this long before the answer.
HEAD_START = 0.3
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_WORDS = {"N101": "Message Sent", "N102": "Message Delivered"}
_BUSY = b'{"message":"Service Unavailable"}'
_TOO_FAST = (
    b'{"status":"failure","error-code":"E113","error-info":"Requests per second limit exceeded"}'
)


@dataclass(frozen=True, slots=True)
class Post:
    """A report on its way; `tries` counts how often it was posted."""

    reference: str
    code: str
    body: bytes
    tries: int = 0


class Provider:
    """What is shared by all connections."""

    def __init__(self, hook_url: str, ledger: LedgerFile, seed: int, messages: int) -> None:
        self.hook = urlsplit(hook_url)
        self.ledger = ledger
        self.seed, self.messages = seed, messages
        self.attempts: Counter[str] = Counter()
        self.seen = {"requests": 0, "deliveries": 0, "pending": 0, "posted": 0}
        self.due: asyncio.Queue[Post] = asyncio.Queue()
        self.tasks: set[asyncio.Task] = set()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """The loop holds its tasks weakly: so they are held here."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def take(self, said: dict[str, Any]) -> Fate:
        """What becomes of this message; written down before anybody is answered."""
        self.ledger.write("A", f"{time.monotonic():.4f}")
        reference, phone = said["client-reference"], said["to"]
        self.attempts[reference] += 1
        fate = fate_of(self.seed, self.messages, reference, self.attempts[reference])
        self.seen["requests"] += 1
        if fate.name != fates.ANSWERED:
            self.ledger.write("X", reference, fate.name)
        if fate.takes:
            self.ledger.write("D", reference, phone)
            self.seen["deliveries"] += 1
            for report in fate.reports:
                self._plan(report, reference, phone)
        return fate

    async def look_at_the_clock(self) -> None:
        """For ever: a busy machine does not always give us our turn."""
        while True:
            began_at = time.monotonic()
            await asyncio.sleep(TICK)
            now = time.monotonic()
            if (late := now - began_at - TICK) > TICK:
                self.ledger.write("L", f"{now:.4f}", f"{late:.4f}")

    def name_of(self, reference: str) -> str:
        """Its own id of a message."""
        return f"chaos-{reference}-{self.attempts[reference]}"

    # --- Reports --------------------------------------------------------------------------------

    def _plan(self, report: Report, reference: str, phone: str) -> None:
        body = {
            "origin": "MMS_MT",
            "code": report.code,
            "tracking-id": self.name_of(reference),
            "client-reference": reference,
            "to": phone,
            "status": _WORDS.get(report.code, "Message Failed"),
            "timestamp": datetime.now(UTC).isoformat(),
        }
        self.seen["pending"] += 1
        self._later(report.after, Post(reference, report.code, json.dumps(body).encode()))

    def _later(self, seconds: float, post: Post) -> None:
        asyncio.get_running_loop().call_later(seconds, self.due.put_nowait, post)

    async def post_for_ever(self) -> None:
        while True:
            await self._post(await self.due.get())

    async def _post(self, post: Post) -> None:
        try:
            status = await asyncio.wait_for(self._ask(post.body), PATIENCE)
        except (OSError, TimeoutError, ValueError, IndexError):
            status = 0
        self.ledger.write("P", hash_of(post.body), status, post.code, post.reference)
        self.seen["posted"] += 1
        if status == 200:
            self.seen["pending"] -= 1
        elif post.tries + 1 < MOST_POSTS:
            again = Post(post.reference, post.code, post.body, post.tries + 1)
            self._later(POST_AGAIN_SECONDS, again)
        else:
            self.seen["pending"] -= 1
            self.ledger.write("G", post.reference)

    async def _ask(self, body: bytes) -> int:
        """The status of the answer to a postback."""
        reader, writer = await asyncio.open_connection(self.hook.hostname, self.hook.port)
        try:
            head = (
                f"POST {self.hook.path} HTTP/1.1\r\nHost: {self.hook.netloc}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                "Connection: close\r\n\r\n"
            )
            writer.write(head.encode() + body)
            return int((await reader.readline()).split()[1])
        finally:
            writer.close()


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, just enough."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self.buffer, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self.buffer) < whole:
                return
            request, self.buffer = self.buffer[:whole], self.buffer[whole:]
            if request.startswith(b"GET"):
                self._answer(200, json.dumps(self.provider.seen).encode())
            else:
                self._take(json.loads(request[end + 4 :]))

    def _take(self, said: dict[str, Any]) -> None:
        fate = self.provider.take(said)
        if fate.name == fates.DROPPED_UNREAD:
            self.transport.abort()
            return
        early = any(report.after == 0 for report in fate.reports)
        seconds = fate.seconds + (HEAD_START if early else 0)
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, self._end, fate, said["client-reference"], said["to"])

    def _end(self, fate: Fate, reference: str, phone: str) -> None:
        if fate.name == fates.DROPPED_TAKEN:
            self.transport.abort()
        elif fate.name in (fates.BUSY_TAKEN, fates.BUSY_UNTAKEN):
            self._answer(503, _BUSY)
        elif fate.name == fates.THROTTLED:
            self._answer(200, _TOO_FAST)
        else:
            name = self.provider.name_of(reference)
            said = {"status": "success", "to": phone, "tracking-id": name}
            self._answer(200, json.dumps(said).encode())

    def _answer(self, status: int, body: bytes) -> None:
        head = (
            f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)


async def serve(port: int, hook_url: str, ledger: Path, seed: int, messages: int) -> None:
    provider = Provider(hook_url, LedgerFile(ledger), seed, messages)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(provider), "127.0.0.1", port)
    provider.spawn(provider.look_at_the_clock())
    for _ in range(POSTERS):
        provider.spawn(provider.post_for_ever())
    await server.serve_forever()


if __name__ == "__main__":
    where, hook, file, drawn_from, count = sys.argv[1:]
    asyncio.run(serve(int(where), hook, Path(file), int(drawn_from), int(count)))
