"""Posts to one address over many connections: `load.py HOST PORT PATH SECONDS CONNECTIONS`;
prints posts and the 99th percentile of the answer time in ms."""

import asyncio
import sys
import time

BODY = (
    b'{"origin":"MMS_MT","code":"N102","sent-as":"MMS","status":"Delivered","to":"12015550123",'
    b'"from":"12015550100","timestamp":"2026-04-24T18:34:00Z","tracking-id":"stub-1"}'
)


async def post_until(host: str, port: int, request: bytes, ends_at: float, times: list) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while time.perf_counter() < ends_at:
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - started)
        if b"connection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection(host, port)
    writer.close()


async def main(host: str, port: int, path: str, seconds: float, connections: int) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    times: list[float] = []
    ends_at = time.perf_counter() + seconds
    request = head.encode() + BODY
    posters = [post_until(host, port, request, ends_at, times) for _ in range(connections)]
    await asyncio.gather(*posters)
    times.sort()
    print(len(times), round(times[int(len(times) * 0.99)] * 1000, 1))


if __name__ == "__main__":
    host, port, path, seconds, connections = sys.argv[1:]
    asyncio.run(main(host, int(port), path, float(seconds), int(connections)))
