"""Small servers that misbehave on purpose, on 127.0.0.1."""

import re
import socket
import ssl
import threading
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Server:
    """Runs `story(connection, server)` for each connection; `hits` counts them."""

    def __init__(self, story, certificate=None):
        self._story, self._certificate = story, certificate
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = []
        self.port = self._listener.getsockname()[1]
        self.hits = 0
        self.requests = []
        self.stopping = threading.Event()
        self.told = threading.Event()

    def run(self):
        with suppress(OSError):
            while not self.stopping.is_set():
                connection, _ = self._listener.accept()
                if self.stopping.is_set():
                    connection.close()
                    return
                self.hits += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection):
        with closing(connection), suppress(OSError):
            connection.settimeout(10)
            if self._certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self._certificate)
                connection = context.wrap_socket(connection, server_side=True)
            with closing(connection):
                self._story(connection, self)

    def take(self, connection):
        """One request; b"" when the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part:
                return b""
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        announced = re.search(rb"(?i)content-length: (\d+)", head)
        length = int(announced[1]) if announced else 0
        while len(body) < length:
            body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]

    def stop(self):
        self.stopping.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        for thread in self._threads:
            thread.join(10)
        self._listener.close()


@contextmanager
def serving(story, certificate=None):
    """A running server; it is stopped and its threads have ended afterwards."""
    server = Server(story, certificate)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)


def answer(body=b"ok", status="200 OK", *headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def always(*packets):
    """A story: the same bytes to every request, over a kept connection."""

    def story(connection, server):
        while server.take(connection):
            for packet in packets:
                connection.sendall(packet)

    return story


def then_close(*packets):
    """A story: these bytes, and the connection ends."""

    def story(connection, server):
        server.take(connection)
        for packet in packets:
            connection.sendall(packet)

    return story


def drip(*packets):
    """A story: one byte every 20 ms, until the other side has had enough."""

    def story(connection, server):
        server.take(connection)
        for packet in packets:
            for number in range(len(packet)):
                if server.stopping.wait(0.02):
                    return
                connection.sendall(packet[number : number + 1])

    return story


def make_certificate(path, name):
    """A self-signed certificate for `name`, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return str(path)
