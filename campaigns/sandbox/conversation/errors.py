"""Refusals in the shape of the Conversation API (§13)."""

from django.http import JsonResponse

STATUS_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "UNAUTHORIZED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class ApiProblem(Exception):
    """The API says no; `field` is the part of the body that it dislikes."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        field: str = "",
        status: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.code = code
        self.status = status or STATUS_WORDS[code]
        self.message = message
        self.field = field
        self.headers = headers or {}
        super().__init__(f"{code} {self.status}: {message}")

    def response(self) -> JsonResponse:
        details = []
        if self.field:
            violation = {"field": self.field, "description": self.message}
            kind = "type.googleapis.com/google.rpc.BadRequest"
            details = [{"@type": kind, "field_violations": [violation]}]
        message = "Request has invalid argument" if self.field else self.message
        error = {"code": self.code, "message": message, "status": self.status, "details": details}
        return JsonResponse({"error": error}, status=self.code, headers=self.headers)


def invalid(field: str, description: str) -> ApiProblem:
    return ApiProblem(400, description, field=field)


def not_found(what: str) -> ApiProblem:
    return ApiProblem(404, f"{what} was not found. Is it in this project and this region?")
