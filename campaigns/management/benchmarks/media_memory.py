"""An upload through the whole portal, then its fitting, in a process of its own: prints the MB
it held at most after each.

Run as a module: `python -m campaigns.management.benchmarks.media_memory FILE`.
"""

import io
import sys
from pathlib import Path
from typing import Any, BinaryIO

import django

EDGE = "magpie-bench-edge"


class Body(io.RawIOBase):
    """A multipart body that is read from the file as it is sent, as a server hands it on."""

    def __init__(self, file: BinaryIO, head: bytes, tail: bytes) -> None:
        self._parts: list[BinaryIO] = [io.BytesIO(head), file, io.BytesIO(tail)]

    def read(self, size: int = -1) -> bytes:
        while self._parts:
            if content := self._parts[0].read(size):
                return content
            self._parts.pop(0)
        return b""


def upload(path: Path) -> int:
    """Post the file as a browser does; returns the id of the kept one."""
    from django.contrib.auth.models import User
    from django.core.wsgi import get_wsgi_application
    from django.test import Client, RequestFactory
    from django.urls import reverse

    client = Client(headers={"host": "127.0.0.1"})
    backend = "django.contrib.auth.backends.ModelBackend"
    client.force_login(User.objects.create_superuser("memory", password="x" * 20), backend)
    token = "t" * 32
    cookies = {**{name: one.value for name, one in client.cookies.items()}, "csrftoken": token}
    head = (
        f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    ).encode()
    tail = f"\r\n--{EDGE}--\r\n".encode()
    answer: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        answer.update(headers, status=status)

    with path.open("rb") as file:
        environ = RequestFactory(headers={"host": "127.0.0.1"})._base_environ(
            REQUEST_METHOD="POST",
            PATH_INFO=reverse("admin:campaigns_mediafile_upload"),
            CONTENT_TYPE=f"multipart/form-data; boundary={EDGE}",
            CONTENT_LENGTH=str(len(head) + path.stat().st_size + len(tail)),
            HTTP_COOKIE="; ".join(f"{name}={value}" for name, value in cookies.items()),
            HTTP_X_CSRFTOKEN=token,
            **{"wsgi.input": Body(file, head, tail)},
        )
        body = b"".join(get_wsgi_application()(environ, start_response))
    if "X-Media-Id" not in answer:
        raise RuntimeError(f"{answer}: {body[:300]!r}")
    return int(answer["X-Media-Id"])


if __name__ == "__main__":
    django.setup()

    from django.utils import timezone

    from campaigns.management.benchmarks.worker_memory import peak_memory
    from campaigns.models import Fitting, MediaFile
    from campaigns.services.fitting import run_fitting, start_fitting
    from campaigns.services.posters import make_poster

    media = MediaFile.objects.get(pk=upload(Path(sys.argv[1])))
    uploaded = peak_memory()
    make_poster(media.pk)
    row: Fitting = start_fitting(media, None, by=media.uploaded_by)
    run_fitting(row.pk, timezone.now())
    row.refresh_from_db()
    if row.result is None:
        raise RuntimeError(row.reason)
    print(uploaded, peak_memory())
