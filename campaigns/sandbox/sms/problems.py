"""How this API says no: an HTTP status, and for some a code with a text (§10)."""


class Problem(Exception):
    """A refusal; one without a code has an empty body."""

    def __init__(self, status: int, code: str = "", text: str = "") -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(f"{status} {code} {text}")

    @property
    def body(self) -> dict | None:
        return {"code": self.code, "text": self.text} if self.code else None


def bad_format(text: str) -> Problem:
    return Problem(400, "syntax_invalid_parameter_format", text)


def broken_rule(text: str) -> Problem:
    return Problem(400, "syntax_constraint_violation", text)


def not_found() -> Problem:
    return Problem(404)
