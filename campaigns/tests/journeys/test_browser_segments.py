"""A segment is written by mouse and by keyboard; it says itself and counts while one writes."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.browser]

#: Answers to steps come this much later, so that somebody can type meanwhile.
SLOW = 700


@pytest.fixture
def editor(tab: Page, portal) -> Page:
    tab.goto(f"{portal.address}/admin/campaigns/segment/add/")
    return tab


def choose(page: Page, place: str, word: str) -> None:
    page.locator(f"#at-{place}-about").select_option(label=word)
    expect(page.locator(f"#at-{place}-how")).to_be_visible()


def says(page: Page, sentence: str) -> None:
    expect(page.locator(".segment-sentence")).to_have_text(sentence)


def test_a_segment_is_written_by_mouse(editor: Page):
    choose(editor, "0", "First name")
    editor.locator("#at-0-how").select_option(label="is known")
    says(editor, "first name is known")
    expect(editor.locator(".segment-count")).to_contain_text("people")
    editor.get_by_role("button", name="Add a group").click()
    expect(editor.locator("#at-1-0-about")).to_be_focused()
    editor.locator("#at-1-node").select_option(label="none of these")
    choose(editor, "1-0", "State or province")
    editor.locator("#at-1-0-value").fill("ZZ")
    says(editor, "first name is known and not (state is “ZZ”)")
    editor.get_by_role("button", name="Move group 2 up").click()
    says(editor, "not (state is “ZZ”) and first name is known")
    editor.get_by_label("Name", exact=True).fill("Written by mouse")
    editor.get_by_role("button", name="Save").click()
    editor.wait_for_url(re.compile("/change/"))
    expect(editor.locator(".messagelist")).to_contain_text("is saved")
    expect(editor.locator("#segment-unsaved")).to_be_hidden()


def test_a_segment_is_written_by_keyboard(editor: Page):
    keys = editor.keyboard
    editor.locator("#segment-name").focus()
    for key in ("Tab", "Tab"):
        keys.press(key)
    keys.type("First n")
    keys.press("Tab")
    expect(editor.locator("#at-0-how")).to_be_focused()
    keys.press("Tab")
    keys.type("An")
    says(editor, "first name is “An”")
    keys.press("Alt+d")
    expect(editor.locator("#at-1-about")).to_be_focused()
    says(editor, "first name is “An” and first name is “An”")
    keys.press("Alt+Delete")
    expect(editor.locator("#at-0-remove")).to_be_focused()
    keys.press("Alt+Enter")
    expect(editor.locator("#at-1-about")).to_be_focused()
    keys.press("Alt+ArrowUp")
    expect(editor.locator("#at-0-down")).to_be_focused()
    says(editor, "… and first name is “An”")


def test_what_is_typed_while_a_step_is_on_its_way_stays(editor: Page):
    choose(editor, "0", "E-mail")
    editor.locator("#at-0-value").fill("a")

    def wait(route):
        editor.wait_for_timeout(SLOW)
        route.continue_()

    editor.route("**/segment/rows/", wait, times=1)
    editor.locator("#at-0-how").select_option(label="contains")
    editor.locator("#at-0-value").press_sequentially("nn@example", delay=20)
    says(editor, "e-mail contains “ann@example”")
    expect(editor.locator("#at-0-value")).to_have_value("ann@example")


def test_leaving_with_unsaved_changes_is_asked_about(editor: Page, portal):
    asked = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    choose(editor, "0", "State or province")
    editor.locator("#at-0-value").fill("NY")
    editor.goto(f"{portal.address}/admin/campaigns/segment/")
    assert asked == ["beforeunload"]
