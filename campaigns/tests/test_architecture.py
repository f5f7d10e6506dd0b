"""The house: imports go down only, without circles, and each outside thing has one door."""

import ast
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parent.parent
ROOT = APP.parent

#: floor → what it may import of ours.
FLOORS: dict[str, set[str]] = {
    "rules": {"rules"},
    "models": {"models", "rules"},
    "gateways": {"gateways", "rules"},
    "services": {"services", "models", "gateways", "rules"},
    "forms": {"forms", "services", "models", "rules"},
    "views": {"views", "forms", "services", "models", "rules"},
    "tasks": {"tasks", "services", "models", "rules"},
    "admin": {"admin", "forms", "templatetags", "services", "models", "rules"},
    "templatetags": {"templatetags", "services", "models", "rules"},
    "management": {"management", "tasks", "services", "models", "rules"},
    "sandbox": {"sandbox"},
}
#: A benchmark measures our parts against bare ones, so it may touch every floor.
EXEMPT = {"campaigns.management.benchmarks", "campaigns.migrations", "campaigns.tests"}
RULES_MAY_IMPORT = {"phonenumbers", "holidays", "django.db.models"}
ONE_DOOR = {
    "requests": {"campaigns.gateways.http.connections", "campaigns.sandbox.fetch"},
    "ssl": {"campaigns.gateways.http.connections"},
    "django_q": {"campaigns.services.queue"},
    "prometheus_client": {"campaigns.services.metrics"},
}


def modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(APP.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if "tests" in name.split(".") or "migrations" in name.split("."):
            continue
        found[name] = ast.parse(path.read_text(), str(path))
    return found


def imports(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


MODULES = modules()
IMPORTS = {name: imports(tree) for name, tree in MODULES.items()}


def floor_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def is_exempt(name: str) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in EXEMPT)


def resolve(target: str) -> str | None:
    """The module of ours that an imported name lives in."""
    while target.startswith("campaigns"):
        if target in MODULES:
            return target
        target = target.rpartition(".")[0]
    return None


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_go_down_only(name):
    allowed = FLOORS.get(floor_of(name))
    if allowed is None or is_exempt(name):
        return
    for target in IMPORTS[name]:
        if target.startswith("campaigns."):
            assert floor_of(target) in allowed, f"{name} imports {target}"


@pytest.mark.parametrize("name", sorted(m for m in MODULES if floor_of(m) == "rules"))
def test_rules_import_only_the_standard_library_phonenumbers_and_enums(name):
    import sys

    for target in IMPORTS[name]:
        top = target.split(".")[0]
        ours = target.startswith("campaigns.rules")
        known = any(target == ok or target.startswith(f"{ok}.") for ok in RULES_MAY_IMPORT)
        assert ours or known or top in sys.stdlib_module_names, f"{name} imports {target}"


@pytest.mark.parametrize("library", sorted(ONE_DOOR))
def test_each_outside_thing_has_one_door(library):
    doors = {
        name
        for name, targets in IMPORTS.items()
        if any(target.split(".")[0] == library for target in targets) and not is_exempt(name)
    }
    assert doors <= ONE_DOOR[library]


def test_no_circles():
    graph = {
        name: {
            found
            for target in targets
            if (found := resolve(target)) and found != name and not name.startswith(f"{found}.")
        }
        for name, targets in IMPORTS.items()
    }
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join([*trail[trail.index(name) :], name])
        if name in done:
            return
        for target in graph[name]:
            walk(target, (*trail, name))
        done.add(name)

    for name in graph:
        walk(name, ())


@pytest.mark.parametrize("name", sorted(MODULES))
def test_sinch_is_said_only_in_gateways_and_sandbox(name):
    """Names in code; the words people read may say it."""
    if floor_of(name) in {"gateways", "sandbox"} or is_exempt(name):
        return
    for node in ast.walk(MODULES[name]):
        for attribute in ("id", "attr", "name", "arg"):
            word = getattr(node, attribute, None)
            if isinstance(word, str) and not isinstance(node, ast.alias):
                assert "sinch" not in word.lower(), f"{name}: {word}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_file_says_what_lives_in_it(name):
    tree = MODULES[name]
    if tree.body:
        assert ast.get_docstring(tree), name
