"""The running portal, somebody who uses its pages, and a browser that notices every mistake."""

import secrets
import shutil

import pytest
from playwright.sync_api import Playwright, sync_playwright
from running import Portal, wait_for
from tab import FLAGS, Watch
from visitor import Visitor

#: The journeys' own channel, so that the campaign of the demo is not in their way.
CHANNEL, SENDER, RATE = "Journeys", "12065550199", 40


def pytest_collection_modifyitems(items):
    """What is quick comes first; nothing else runs while the portal does."""
    items.sort(key=lambda item: bool(item.get_closest_marker("journey")))


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    portal = Portal(tmp_path_factory.mktemp("portal"))
    portal.start()
    yield portal
    portal.stop()
    wait_for("every process to end", lambda: not portal.processes(), 10)


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
    key = secrets.token_hex(16)
    return visitor.add_channel(CHANNEL, key=key, sender=SENDER, rate=RATE)


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
def tab(chromium, portal: Portal, visitor: Visitor):
    """A tab of a browser that is signed in; whatever a page does wrong fails the test."""
    context = chromium.new_context(storage_state=visitor.web.storage_state())
    tab = context.new_page()
    watch = Watch(context, {portal.address, portal.sandbox})
    yield tab
    context.close()
    assert watch.complaints == []


@pytest.fixture
def signed_out_tab(chromium, portal: Portal):
    context = chromium.new_context()
    tab = context.new_page()
    watch = Watch(context, {portal.address, portal.sandbox})
    yield tab
    context.close()
    assert watch.complaints == []
