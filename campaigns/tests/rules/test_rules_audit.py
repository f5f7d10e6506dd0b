"""The audit trail in words: everything that is recorded has some."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns import services
from campaigns.models import ContactImport
from campaigns.rules.audit import TOPICS, VERBS, find_verbs, tell_verb
from campaigns.services.quiethours import PRESETS

VERB = re.compile(r"[a-z_]+\.[a-z_]+")
NAMESPACES = {verb.partition(".")[0] for verb in VERBS}
ENDED = (ContactImport.Status.DONE, ContactImport.Status.FAILED)
#: Verbs that are put together: module → what comes of it.
EXPANDED = {
    "customfields": ["field.changed", "field.created"],
    "import_rows": [f"import.{status}" for status in ENDED],
    "quiethours": [f"quiethours.{preset}" for preset in PRESETS],
}
#: Texts that only look like verbs: a file, and the tasks that are rung for.
OTHERS = {"contact.json", "media.fit", "media.make_poster"}


def _modules() -> Iterator[tuple[str, list[ast.AST]]]:
    for path in sorted(Path(services.__path__[0]).glob("*.py")):
        yield path.stem, list(ast.walk(ast.parse(path.read_text())))


def _is_recording(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record"


def _texts(nodes: list[ast.AST]) -> set[str]:
    """Everything in a module that could be a verb; records and what hands a verb on alike."""
    found = {node.value for node in nodes if isinstance(node, ast.Constant)}
    verbs = {text for text in found if isinstance(text, str) and VERB.fullmatch(text)}
    return {text for text in verbs - OTHERS if text.partition(".")[0] in NAMESPACES}


def _said_at_once(nodes: list[ast.AST]) -> set[str]:
    """What stands in the calls of `record` themselves, whatever its namespace."""
    calls = [node.args[0] for node in nodes if _is_recording(node)]
    inside = [part for call in calls for part in ast.walk(call)]
    texts = {part.value for part in inside if isinstance(part, ast.Constant)}
    return {text for text in texts if VERB.fullmatch(str(text))}


def _recorded() -> set[str]:
    modules = list(_modules())
    at_once = set().union(*(_texts(nodes) | _said_at_once(nodes) for _, nodes in modules))
    return at_once.union(*EXPANDED.values())


def test_every_verb_that_is_recorded_has_words():
    assert _recorded() - VERBS.keys() == set()


def test_words_are_kept_only_for_what_is_recorded():
    assert VERBS.keys() - _recorded() == set()


def test_verbs_that_are_put_together_are_expanded_by_hand():
    put_together = {
        name
        for name, nodes in _modules()
        for node in nodes
        if _is_recording(node) and isinstance(node.args[0], ast.JoinedStr)
    }
    assert put_together == EXPANDED.keys()


def test_no_two_verbs_read_the_same_and_none_shows_its_sign():
    assert len(set(VERBS.values())) == len(VERBS)
    assert not [words for words in VERBS.values() if re.search(r"[._]", words)]
    assert len(set(TOPICS.values())) == len(TOPICS)


def test_a_verb_of_a_former_release_is_still_read():
    assert tell_verb("robot.went_home") == "Robot: went home"


@pytest.mark.parametrize("said", ["launched", "Launched a", "campaign.launched"])
def test_a_verb_is_found_by_its_words_and_by_its_sign(said):
    assert find_verbs(said) == ["campaign.launched"]


def test_nothing_said_finds_no_verb():
    assert find_verbs("  ") == []
