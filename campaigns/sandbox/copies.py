"""Copies of files on disk, named by their content: what phones show and replies carry."""

import hashlib
import os
import threading
from pathlib import Path

from django.conf import settings

EXTENSION_OF = {
    "image/jpeg": "jpg", "image/jpg": "jpg", "image/png": "png", "image/gif": "gif",
    "image/webp": "webp", "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/wav": "wav",
    "audio/x-wav": "wav", "video/mp4": "mp4", "video/3gpp": "3gp", "video/mpeg": "mpg",
    "video/x-msvideo": "avi", "video/x-ms-wmv": "wmv", "text/vcard": "vcf",
    "text/x-vcard": "vcf", "text/calendar": "ics", "application/pdf": "pdf",
    "application/vnd.ms-excel": "xls", "text/plain": "txt", "video/quicktime": "mov",
}  # fmt: skip


def keep(content: bytes, mime: str) -> str:
    """Write it unless it is there already; the name is `<sha256>.<extension>`."""
    name = f"{hashlib.sha256(content).hexdigest()}.{EXTENSION_OF.get(mime, 'xlsx')}"
    path = path_of(name)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        draft.write_bytes(content)
        draft.replace(path)
    return name


def path_of(name: str) -> Path:
    return Path(settings.DATA_DIR) / "sandbox-files" / name
