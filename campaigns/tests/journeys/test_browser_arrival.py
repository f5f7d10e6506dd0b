"""The check of everything in a browser: from the button to the place where it is mended."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.browser]


@pytest.fixture
def composer(tab: Page, portal) -> Page:
    tab.goto(f"{portal.address}/admin/campaigns/mms/1/change/")
    return tab


def check(composer: Page) -> None:
    button = composer.get_by_role("button", name="Check that it arrives")
    button.focus()
    composer.keyboard.press("Enter")
    expect(composer.locator(".arrival__answer")).to_be_visible()


def test_the_files_are_really_fetched_and_the_keyboard_stays_at_the_button(composer: Page):
    check(composer)
    expect(composer.locator(".arrival__summary")).to_contain_text("All 3 files can be fetched")
    expect(composer.locator("#composer-note")).to_contain_text("All 3 files can be fetched")
    expect(composer.locator("#arrival-button")).to_be_focused()
    composer.get_by_text("How the files were fetched").click()
    expect(composer.locator(".trip").first).to_contain_text("ours, every byte")


def test_the_answer_stands_alone_until_something_changes(composer: Page):
    check(composer)
    expect(composer.locator("#composer-check")).to_be_hidden()
    composer.get_by_role("textbox", name="Subject").fill("Autumn sale")
    expect(composer.locator(".check--outdated")).to_contain_text("The answer below is for what")
    expect(composer.locator("#composer-check .finding").first).to_be_visible()
    composer.get_by_role("button", name="Check again").click()
    expect(composer.locator(".check--outdated")).to_have_count(0)
    expect(composer.locator("#composer-check")).to_be_hidden()


def test_what_was_found_leads_to_its_field(composer: Page):
    composer.get_by_role("textbox", name="Subject").fill("SPRING SALE")  # like spam
    check(composer)
    answer = composer.locator(".arrival__answer")
    answer.get_by_role("link", name="Last slide").click()
    expect(composer.locator("#slide-3-text")).to_be_focused()
    answer.get_by_role("link", name="Subject").first.click()
    expect(composer.locator("#subject")).to_be_focused()
