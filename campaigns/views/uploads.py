"""Takes files in: nothing beyond the limit is kept, however much is sent."""

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from campaigns.services.imports import MOST_BYTES


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Counts what is beyond the limit without writing it: the file then says how large it would
    have been, and whoever takes it refuses it."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= max(settings.MEDIA_MAX_BYTES, MOST_BYTES):
            super().receive_data_chunk(raw_data, start)
