"""A provider that accepts everything at once, over TLS: the measure for senders.

Run as a script: `python stub.py CERTIFICATE KEY LATENCY_MS KIND`; prints its port.
"""

import asyncio
import re
import ssl
import sys

#: kind → (status, body) of what an accepted request is answered.
ANSWERS: dict[str, tuple[int, bytes]] = {
    "sinch_mms": (
        200,
        b'{"status":"success","to":"12015550123","tracking-id":"stub-%d",'
        b'"status-details":"MMS request accepted and queued for processing and delivery."}',
    ),
    "sinch_conversation": (
        200,
        b'{"message_id":"01STUB%020d","accepted_time":"2026-04-24T18:34:00.123456Z"}',
    ),
    "sinch_sms": (
        201,
        b'{"id":"01STUB%020d","type":"mt_text","canceled":false}',
    ),
}
_TOKEN = b'{"access_token":"stub-%d","expires_in":3600,"token_type":"bearer"}'
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Stub(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, just enough; answers that every message was accepted."""

    latency = 0.0
    count = 0
    status, body = ANSWERS["sinch_mms"]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self.buffer, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self.buffer) < whole:
                return
            asks_for_token = self.buffer.startswith(b"POST /oauth2/token")
            said = (200, _TOKEN) if asks_for_token else (Stub.status, Stub.body)
            self.buffer = self.buffer[whole:]
            if self.latency:
                asyncio.get_running_loop().call_later(self.latency, self.answer, *said)
            else:
                self.answer(*said)

    def answer(self, status: int, body: bytes) -> None:
        Stub.count += 1
        body %= Stub.count
        head = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self.transport.write(head % (status, len(body)) + body)


async def serve(certificate: str, key: str, latency: float, kind: str) -> None:
    Stub.latency = latency
    Stub.status, Stub.body = ANSWERS[kind]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stub, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], float(sys.argv[3]) / 1000, sys.argv[4]))
