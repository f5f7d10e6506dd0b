"""Which request a line of the log belongs to."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from secrets import token_hex

from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: Of what is answered right now.
request_id: ContextVar[str] = ContextVar("request_id", default="-")
#: An id that a trusted proxy may give.
_GIVEN = re.compile(r"[\w.-]{8,64}", re.ASCII)


class RequestId:
    """Gives every request an id: on each line of the log and in the header of the answer. A proxy
    that is trusted may have given it one before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = find_id(request)
        token = request_id.set(request.request_id)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = request.request_id
        return response


def find_id(request: HttpRequest) -> str:
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if settings.TRUSTED_PROXIES and _GIVEN.fullmatch(given) else token_hex(8)
