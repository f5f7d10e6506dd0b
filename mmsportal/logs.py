"""Logs as lines for people or as JSON for machines: redacted, and safe to look at either way."""

import logging
import logging.config
import threading
from typing import Any

from django.conf import settings
from pythonjsonlogger.json import JsonFormatter

from mmsportal.redaction import redact, redact_all, remember_secrets, visible
from mmsportal.requestid import request_id

log = logging.getLogger(__name__)
#: A line that goes on begins like this: nothing that is logged can pass for a line of its own.
GOES_ON = "\n    | "
_OF_GUNICORN = ("gunicorn.access", "gunicorn.error")
#: Its messages hold tracebacks.
_OF_TASKS = "django-q"
#: Objects, not words.
_UNTOLD = ("request", "server_time")


class NoteRequest(logging.Filter):
    """Gives each line the id of the request it was written for."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or request_id.get()
        return True


class Redacted(logging.Filter):
    """For a logger whose handlers are another's."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = visible(redact(record.getMessage())), ()
        return True


class Lines(logging.Formatter):
    """One line; a traceback goes on in lines that cannot be taken for new ones."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        # Only the words: nine digits of an id in a row would be taken for a number.
        kept, record.message = record.message, redact(record.message)
        told = super().formatMessage(record)
        record.message = kept
        return told if record.name == _OF_TASKS else visible(told)

    def formatException(self, ei: Any) -> str:
        return redact(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:
        return redact(stack_info)

    def format(self, record: logging.LogRecord) -> str:
        # Another formatter may have left its own traceback there, as it stands.
        kept, record.exc_text = record.exc_text, None
        told = super().format(record)
        record.exc_text = kept
        return GOES_ON.join(visible(line) for line in told.split("\n"))


class Json(JsonFormatter):
    """One JSON object a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            ["levelname", "name", "message", "request_id", "process"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            **options,
        )
        self._skip_fields.update(_UNTOLD)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        ours = {"time": log_data.pop("time").isoformat(timespec="milliseconds")}
        ours["request_id"] = log_data.pop("request_id", None)
        return ours | redact_all(log_data)


def configure(config: dict[str, Any]) -> None:
    """`LOGGING_CONFIG`: as Django does it, and what breaks a thread is logged, not printed."""
    databases = settings.DATABASES.values()
    remember_secrets([settings.SECRET_KEY, settings.FIELD_KEYS, settings.MONITOR_TOKEN])
    remember_secrets([str(database.get("PASSWORD") or "") for database in databases])
    logging.config.dictConfig(config)
    for name in _OF_GUNICORN:
        logging.getLogger(name).addFilter(Redacted())
    threading.excepthook = log_broken_thread


def log_broken_thread(broken: threading.ExceptHookArgs) -> None:
    """Python's own hook prints the words of the error as they are."""
    if broken.exc_type is not SystemExit and broken.exc_value is not None:
        told = (broken.exc_type, broken.exc_value, broken.exc_traceback)
        log.error("A thread broke.", exc_info=told)
