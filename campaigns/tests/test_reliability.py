"""What `docs/reliability.md` names is there: every fault, every test, every twin."""

import ast
import re
from pathlib import Path

import pytest

from campaigns.management.chaos.twins import SETTINGS
from campaigns.management.chaos.verdict import LONGEST_STALL, LONGEST_WITHOUT

TESTS = Path(__file__).resolve().parent
PAGE = (TESTS.parents[1] / "docs/reliability.md").read_text()
TOLD = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
NUMBERS = [*range(1, 19), 24, 25, 27, *range(30, 37), *range(43, 47)]
FAULTS = [f"F{number:02d}" for number in NUMBERS]


@pytest.mark.parametrize(("file", "name"), TOLD, ids=[f"{file}::{name}" for file, name in TOLD])
def test_every_test_it_names_exists(file, name):
    tree = ast.parse((TESTS / file).read_text())
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_fault_has_its_line():
    assert re.findall(r"^\| (F\d\d) \|", PAGE, re.MULTILINE) == FAULTS


@pytest.mark.parametrize("fault", FAULTS)
def test_every_line_names_what_shows_it(fault):
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {fault} "))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert len(cells) == 6
    assert all(cells)
    assert "::" in cells[4]


def test_every_twin_is_told_of():
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == set(SETTINGS)


def test_its_limits_are_those_of_the_verdict():
    assert f"more than {LONGEST_STALL:.0f} s, or {LONGEST_WITHOUT:.0f} s after" in PAGE
