"""How a broken rule is told to people."""

from collections.abc import Iterable


class RuleBroken(Exception):
    """Something a person asked for cannot be done. Its text is shown as it is.

    `problems` holds one full sentence per problem: what is wrong and what to do.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


def check(problems: Iterable[str]) -> None:
    """Raise `RuleBroken` with all problems, if there are any."""
    found = tuple(problems)
    if found:
        raise RuleBroken(*found)
