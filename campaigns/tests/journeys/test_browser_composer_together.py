"""Two people at one MMS, and a portal that is away for a moment: nothing is lost, nothing is
overwritten silently."""

import pytest
from composing import add_slide, expect_saved, expect_texts, open_new
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.browser]


@pytest.fixture
def composer(tab: Page, portal, sender) -> Page:
    return open_new(tab, portal.address)


@pytest.fixture
def second(composer: Page, open_tab) -> Page:
    """The same MMS in another browser."""
    add_slide(composer, 1, "First")
    expect_saved(composer)
    other = open_tab(signed_in=True)
    other.goto(composer.url)
    return other


def test_who_saves_last_is_asked_and_may_keep_a_copy(composer: Page, second: Page):
    second.locator("#slide-1-text").fill("Theirs")
    expect(second.locator("#save-state")).to_have_text("Saving…")
    expect(second.locator("#save-state")).to_contain_text("Saved", timeout=10_000)
    composer.locator("#slide-1-text").fill("Mine")
    conflict = composer.locator("#composer-conflict .conflict")
    expect(conflict).to_contain_text("Nothing was overwritten", timeout=10_000)
    expect(conflict).to_be_focused()
    expect_texts(composer, "Mine")
    address = composer.url
    composer.get_by_role("button", name="Keep mine as a copy").click()
    expect(composer.locator(".messagelist")).to_contain_text("What you wrote is kept as")
    expect_texts(composer, "Mine")
    composer.goto(address)
    expect_texts(composer, "Theirs")


def test_theirs_is_overwritten_only_when_asked_and_stays_a_version(composer: Page, second: Page):
    second.locator("#slide-1-text").fill("Theirs")
    second.keyboard.press("Control+s")
    expect(second.locator("#save-note")).to_have_text("Saved.")
    composer.locator("#slide-1-text").fill("Mine")
    composer.get_by_role("button", name="Overwrite the other").click()
    expect(composer.locator(".messagelist")).to_contain_text("stay in version 1")
    expect_texts(composer, "Mine")


def test_a_second_tab_is_told_of_the_first(composer: Page, second: Page):
    told = second.locator("#composer-presence")
    expect(told).to_contain_text("You have this open in another tab, too.", timeout=15_000)


def test_a_portal_that_is_away_is_told_and_tried_again(composer: Page, portal):
    away = ["yes"]
    composer.route(
        "**/mms/**",
        lambda route: (
            route.fulfill(status=200, body="", headers={"location": "x"})
            if not away
            else route.abort("aborted")
        ),
    )
    add_slide(composer, 1, "Typed while it was away")
    state = composer.locator("#save-state")
    expect(state).to_contain_text("Not saved: the portal does not answer", timeout=10_000)
    composer.unroute("**/mms/**")
    expect(state).to_contain_text("Saved", timeout=15_000)
    expect(composer.locator("#composer-look")).to_contain_text("Typed while it was away")
    composer.reload()
    expect_texts(composer, "Typed while it was away")


def test_whoever_is_signed_out_keeps_what_was_typed(composer: Page):
    composer.context.clear_cookies(name="magpie-session")
    add_slide(composer, 1, "Precious words")
    expect(composer.locator("#save-state")).to_contain_text("you are signed out", timeout=10_000)
    expect_texts_after_sign_out(composer)


def test_whoever_signed_in_anew_in_another_tab_goes_on(composer: Page):
    """The page holds the token of before, which the portal refuses."""
    composer.evaluate(
        """() => {
          const ask = window.fetch;
          window.fetch = async (address, options) => {
            const isOld = options?.body?.get("csrfmiddlewaretoken") === "old";
            return isOld ? new Response("", { status: 403 }) : ask(address, options);
          };
        }"""
    )
    token = composer.locator("#composer [name=csrfmiddlewaretoken]")
    for text in ("One", "Two"):
        token.evaluate("field => { field.value = 'old'; }")
        composer.locator("#slide-1-text").fill(text)
        composer.keyboard.press("Control+s")
        expect(composer.locator("#save-note")).to_have_text("Saved.")
    token.evaluate("field => { field.value = 'old'; }")
    composer.get_by_role("button", name="Add a slide", exact=True).click()
    expect_texts(composer, "Two", "")


def expect_texts_after_sign_out(composer: Page) -> None:
    expect(composer.locator("#slide-1-text")).to_have_value("Precious words")
    expect(composer.locator("#composer-trouble")).to_contain_text("Sign in again")
