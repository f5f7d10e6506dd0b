"""How an answer leaves, or fails to: in time, late, broken, or not at all."""

import socket
import threading
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from campaigns.sandbox.stories import SHORTEST_SILENCE, SILENCE_SECONDS, Answer

#: A silent request holds a thread; beyond these the connection is closed at once.
MOST_SILENT = 6
_silent = threading.BoundedSemaphore(MOST_SILENT)
PAGE = "<!doctype html><title>500</title><h1>Internal Server Error</h1><p>nginx</p>"


def give_answer(request: HttpRequest, answer: dict, manner: Answer) -> HttpResponse:
    if manner is Answer.JSON:
        return JsonResponse(answer)
    if manner is Answer.HTML:
        return HttpResponse(PAGE, status=500)
    if manner is Answer.EMPTY:
        return HttpResponse(b"", content_type="application/json")
    if manner is Answer.SILENCE:
        _keep_silent()
    return _hang_up(request)


def silence_seconds(speed: float) -> float:
    return max(SHORTEST_SILENCE, SILENCE_SECONDS / speed)


def _keep_silent() -> None:
    if _silent.acquire(blocking=False):
        try:
            time.sleep(silence_seconds(settings.SANDBOX_SPEED))
        finally:
            _silent.release()


def _hang_up(request: HttpRequest) -> HttpResponse:
    """Close the connection under gunicorn's hands; elsewhere the nearest thing is a 502."""
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
        return HttpResponse()  # nobody hears it; as an error it would only fill the log
    return HttpResponse(status=502)
