"""Posts to one address over many connections:
`load.py HOST PORT PATH SECONDS CONNECTIONS [RATE [POSTS]]`; prints posts and the 99th percentile of
the answer time in ms.

With a RATE (a second, of all connections) each post has its time, and its answer counts from that
time on, so that a server that stops for a while does not hide it. It ends after POSTS, if given.
"""

import asyncio
import sys
import time

BODY = (
    b'{"origin":"MMS_MT","code":"N102","sent-as":"MMS","status":"Delivered","to":"12015550123",'
    b'"from":"12015550100","timestamp":"2026-04-24T18:34:00Z","tracking-id":"stub-1"}'
)


class Load:
    def __init__(
        self, host: str, port: int, path: str, seconds: float, rate: float, most: int
    ) -> None:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(BODY)}\r\n\r\n"
        )
        self.where, self.request = (host, port), head.encode() + BODY
        self.rate, self.most = rate, most
        self.times: list[float] = []
        self.taken = 0
        self.started = time.perf_counter()
        self.ends_at = self.started + seconds

    def has_more(self) -> bool:
        return time.perf_counter() < self.ends_at and not (self.most and self.taken >= self.most)

    async def post(self) -> None:
        """One after the other, on one connection."""
        reader, writer = await asyncio.open_connection(*self.where)
        while self.has_more():
            number, self.taken = self.taken, self.taken + 1
            started = time.perf_counter()
            if self.rate:
                started = self.started + number / self.rate
                await asyncio.sleep(max(0.0, started - time.perf_counter()))
            writer.write(self.request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            self.times.append(time.perf_counter() - started)
            if b"connection: close" in head.lower():
                writer.close()
                reader, writer = await asyncio.open_connection(*self.where)
        writer.close()


async def main(host: str, port: str, path: str, seconds: str, connections: str, *more: str) -> None:
    rate, most = (*more, *("0", "0")[len(more) :])
    load = Load(host, int(port), path, float(seconds), float(rate), int(most))
    await asyncio.gather(*(load.post() for _ in range(int(connections))))
    times = sorted(load.times)
    print(len(times), round(times[int(len(times) * 0.99)] * 1000, 1))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
