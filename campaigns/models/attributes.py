"""An attribute of a contact, read inside a query."""

from typing import Any

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Cast, Coalesce

#: All that `str.strip` takes away; a database by itself takes only the space.
BLANKS = "".join(char for char in map(chr, range(0x3001)) if char.isspace())


class AttributeText(Func):
    """The value of one attribute as text; NULL where there is none, or a list, or an object.

    Django's own key lookup takes "2024" for a place in a list and stumbles over a quote, and so
    does SQLite's `->`; people call their columns anything.
    """

    output_field = TextField()

    def __init__(self, name: str, column: str = "attributes") -> None:
        super().__init__(F(column), Value(name, TextField()))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple]:
        (column, _), (name, parameters) = map(compiler.compile, self.source_expressions)
        sql = f"(SELECT CAST(atom AS text) FROM json_each({column}) WHERE key = {name})"  # noqa: S608
        return sql, tuple(parameters)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple]:
        (column, _), (name, parameters) = map(compiler.compile, self.source_expressions)
        plain = f"jsonb_typeof({column} -> {name}::text) IN ('string', 'number', 'boolean')"
        return f"CASE WHEN {plain} THEN {column} ->> {name}::text END", (*parameters, *parameters)


def stripped(text: Any) -> Func:
    """A text without what is blank around it; "" where there is none."""
    known = Coalesce(Cast(text, TextField()), Value("", TextField()))
    return Func(known, Value(BLANKS, TextField()), function="TRIM", output_field=TextField())
