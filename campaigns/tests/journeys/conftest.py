"""The running portal, somebody who uses its pages, and a browser that notices every mistake."""

import secrets
import shutil
from pathlib import Path
from typing import Any

import pytest
from engine import Machine
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from running import Portal
from tab import FLAGS, Watch
from visitor import Visitor
from xdist.scheduler import LoadScopeScheduling

from campaigns.tests.own_postgres import OwnPostgres

#: The journeys' own channel, so that the campaign of the demo is not in their way.
CHANNEL, SENDER, RATE = "Journeys", "12065550199", 40
#: Files, so that no process is left with one of them when the others have ended.
LONGEST = (
    "test_browser_axe",
    "test_journey_bench",
    "test_journey_chaos",
    "test_journey_postgres",
    "test_journey_deploy",
    "test_journey_clocks",
    "test_journey_database_away",
    "test_journey_web_killed",
    "test_journey_outcomes",
    "test_journey_stopping",
)
#: Each of their journeys has everything of its own.
WITHOUT_PORTAL = {
    "test_journey_bench",
    "test_journey_chaos",
    "test_journey_clocks",
    "test_journey_database_away",
    "test_journey_deploy",
    "test_journey_exhausted",
    "test_journey_postgres",
    "test_journey_stopping",
    "test_journey_web_killed",
}


def pytest_collection_modifyitems(items):
    items.sort(key=place_of)


def place_of(item: pytest.Item) -> tuple[bool, int]:
    """What is quick comes first; of the journeys, the longest."""
    file = item.path.stem
    place = LONGEST.index(file) if file in LONGEST else len(LONGEST)
    return bool(item.get_closest_marker("journey")), place


def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)


class Scheduling(LoadScopeScheduling):
    """Several journeys go on at a time (`-n`), each process with a portal of its own, on which
    those of a file follow each other."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if Path(file).stem in WITHOUT_PORTAL else file


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    portal = Portal(tmp_path_factory.mktemp("portal"))
    try:
        portal.start()
        yield portal
    finally:
        left = portal.stop()
    assert left == [], portal.log.read_text(errors="replace")


@pytest.fixture
def postgres():
    """A server of the test's own: it may be restarted."""
    server = OwnPostgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A file to copy: the tables are made once."""
    machine = Machine(tmp_path_factory.mktemp("empty") / "machine")
    machine.manage("migrate", "-v0")
    return machine.folder / "portal.sqlite3"


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def visitor(portal: Portal, playwright: Playwright):
    web = playwright.request.new_context()
    visitor = Visitor(portal, web)
    visitor.sign_in()
    yield visitor
    web.dispose()


@pytest.fixture(scope="session")
def hook(visitor: Visitor) -> str:
    """The callback address of the journeys' channel."""
    key, base_url = secrets.token_hex(16), f"{visitor.portal.sandbox}/ep/v2/"
    page = visitor.add_channel(CHANNEL, base_url=base_url, key=key, sender=SENDER, rate=RATE)
    return visitor.connect(page, key=key, sender=SENDER)


@pytest.fixture(scope="session")
def sender(hook: str) -> str:
    """The number that journeys send from."""
    return SENDER


@pytest.fixture(scope="session")
def chromium(playwright: Playwright):
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("There is no Chromium: apt-get install chromium")
    browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def open_tab(chromium: Browser, portal: Portal, visitor: Visitor):
    """Opens a tab of a fresh browser; whatever its pages do wrong fails the test."""
    watches = []

    def open_tab(*, signed_in: bool, **options: Any) -> Page:
        state = visitor.web.storage_state() if signed_in else None
        context = chromium.new_context(storage_state=state, **options)
        watches.append(Watch(context, {portal.address, portal.sandbox}))
        return context.new_page()

    yield open_tab
    for context in chromium.contexts:
        context.close()
    assert [watch.complaints for watch in watches if watch.complaints] == []


@pytest.fixture
def tab(open_tab) -> Page:
    """Signed in."""
    return open_tab(signed_in=True)
