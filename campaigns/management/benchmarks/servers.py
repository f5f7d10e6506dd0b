"""Servers a benchmark needs: started on loopback, stopped by their process id."""

import datetime
import ipaddress
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from campaigns.management.ports import find_port

START_SECONDS = 60


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key; once for a folder, since what was
    read of the file may be remembered."""
    files = folder / "stub.pem", folder / "stub.key"
    if files[0].exists():
        return files
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark stub")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen]:
    """A process that ends with the block."""
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, text=True, env=environment or None
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def stub(folder: Path, latency_ms: float = 0, kind: str = "sinch_mms") -> Iterator[tuple[str, str]]:
    """The address of a running stub, and the file of its certificate."""
    certificate, key = make_certificate(folder)
    script = str(Path(__file__).with_name("stub.py"))
    options = (str(certificate), str(key), str(latency_ms), kind)
    with running(sys.executable, script, *options) as process:
        port = process.stdout.readline().strip()
        yield f"https://127.0.0.1:{port}/", str(certificate)


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The address of a Redis of our own that keeps nothing."""
    program, port = shutil.which("redis-server") or "redis-server", find_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "")
    with running(program, *options, "--loglevel", "warning") as process:
        wait_until(lambda: is_open(port), process)
        yield f"redis://127.0.0.1:{port}/0"


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(is_ready: Callable[[], bool], process: subprocess.Popen) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > ends_at:
            raise RuntimeError(f"{process.args} does not start.")
        time.sleep(0.05)
