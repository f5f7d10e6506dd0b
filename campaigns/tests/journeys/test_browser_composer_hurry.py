"""Somebody faster than the portal: what is under way when the next key is pressed is not lost."""

import base64
import re

import pytest
from composing import add_slide, drop, expect_saved, expect_texts, open_new
from playwright.sync_api import Page, expect

from campaigns.services.samples import sample_image, sample_vcard

pytestmark = [pytest.mark.journey, pytest.mark.browser]

#: Requests for such a step wait until somebody calls `letThemGo`.
_HOLD = """(word) => {
  const ask = window.fetch;
  const gate = new Promise((open) => { window.letThemGo = open; });
  window.fetch = async (address, options) => {
    if ((options?.body?.get?.("do") ?? "").startsWith(word)) await gate;
    return ask(address, options);
  };
}"""
_PASTE = """(target, [name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name, { type: "image/png" }));
  const options = { bubbles: true, cancelable: true, clipboardData: held };
  target.dispatchEvent(new ClipboardEvent("paste", options));
}"""


@pytest.fixture
def composer(tab: Page, portal, sender) -> Page:
    composer = open_new(tab, portal.address)
    add_slide(composer, 1, "One")
    expect_saved(composer)
    return composer


def hold(composer: Page, word: str) -> None:
    composer.evaluate(_HOLD, word)


def let_go(composer: Page) -> None:
    composer.evaluate("window.letThemGo()")


def press_save_while_working(composer: Page) -> None:
    expect(composer.locator("#composer")).to_have_class(re.compile("is-working"))
    composer.get_by_role("button", name="Save", exact=True).click()
    let_go(composer)
    expect(composer.locator(".messagelist")).to_contain_text("is saved")


def test_a_file_on_its_way_to_a_slide_is_saved_with_it(composer: Page):
    hold(composer, "attach")
    drop(composer, 1, sample_vcard())
    press_save_while_working(composer)
    expect(composer.locator("#slide-1 .medium")).to_have_count(1)


def test_a_slide_just_doubled_is_saved_too(composer: Page):
    hold(composer, "duplicate")
    composer.locator("#slide-1-text").press("Control+d")
    press_save_while_working(composer)
    expect_texts(composer, "One", "One")


def test_nothing_is_saved_over_a_step_that_failed(composer: Page):
    hold(composer, "duplicate")
    composer.locator("#slide-1-text").press("Control+d")
    expect(composer.locator("#composer")).to_have_class(re.compile("is-working"))
    composer.get_by_role("button", name="Save", exact=True).click()
    composer.route("**/mms/**", lambda route: route.abort("aborted"), times=1)
    let_go(composer)
    expect(composer.locator("#composer-trouble")).to_contain_text("does not answer")
    composer.get_by_role("button", name="Save", exact=True).click()
    expect(composer.locator(".messagelist")).to_contain_text("is saved")
    expect_texts(composer, "One")


def test_words_typed_during_an_undo_stay(composer: Page):
    subject = composer.locator("#subject")
    subject.fill("abc")
    composer.get_by_role("button", name="Add a slide", exact=True).click()
    expect(composer.locator("#slide-2-text")).to_be_focused()
    hold(composer, "restore")
    composer.keyboard.press("Control+z")
    expect(composer.locator("#composer")).to_have_class(re.compile("is-working"))
    subject.press("End")
    composer.keyboard.type("XYZ")
    composer.get_by_label("Add a link to the MMS").uncheck()
    let_go(composer)
    expect_texts(composer, "One")
    expect(subject).to_have_value("abcXYZ")
    expect(composer.get_by_label("Add a link to the MMS")).not_to_be_checked()
    composer.locator("#undo").click()
    expect(subject).to_have_value("abc")


def test_words_typed_into_a_slide_that_an_undo_takes_away_come_back(composer: Page):
    composer.get_by_role("button", name="Add a slide", exact=True).click()
    expect(composer.locator("#slide-2-text")).to_be_focused()
    hold(composer, "restore")
    composer.keyboard.press("Control+z")
    expect(composer.locator("#composer")).to_have_class(re.compile("is-working"))
    composer.keyboard.type("Precious")
    let_go(composer)
    expect_texts(composer, "One")
    composer.locator("#redo").click()
    expect(composer.locator("#composer-slides textarea")).to_have_count(2)
    composer.locator("#redo").click()
    expect_texts(composer, "One", "Precious")


def test_what_is_typed_after_an_answer_was_lost_is_no_conflict(composer: Page):
    def lose(route):
        """It arrives and is done; nobody hears of it."""
        if 'name="do"\r\n\r\nautosave' not in (route.request.post_data or ""):
            return route.continue_()
        route.fetch()
        return route.abort("aborted")

    composer.route("**/mms/**", lose)
    composer.locator("#slide-1-text").fill("One, two")
    expect(composer.locator("#save-state")).to_contain_text("Not saved", timeout=10_000)
    composer.unroute("**/mms/**")
    composer.locator("#slide-1-text").fill("One, two, three")
    composer.get_by_role("button", name="Save", exact=True).click()
    expect(composer.locator(".messagelist")).to_contain_text("is saved")
    expect_texts(composer, "One, two, three")


def test_a_picture_is_pasted_into_a_slide(composer: Page):
    name, content = sample_image("Pasted", "")
    picture = [name, base64.b64encode(content).decode()]
    composer.locator("#slide-1-text").evaluate(_PASTE, picture)
    expect(composer.locator("#slide-1 .medium strong")).to_have_text(name)
    expect(composer.locator("#slide-1-text")).to_have_value("One")


def test_a_file_that_somebody_deletes_meanwhile_is_named(composer: Page, open_tab):
    name, content = sample_image("Short-lived", "")
    hold(composer, "autosave")
    drop(composer, 1, (name, content))
    number = composer.locator("#slide-1 [name=slide-0-media]").input_value()
    other = open_tab(signed_in=True)
    base = composer.url.partition("/mms/")[0]
    other.goto(f"{base}/mediafile/{number}/delete/")
    other.get_by_role("button", name="Yes").click()
    expect(other.locator(".messagelist")).to_contain_text("deleted")
    composer.locator("#slide-1-text").fill("One, and more")
    let_go(composer)
    told = composer.locator("#composer-slides .notice--bad")
    expect(told).to_contain_text(f"“{name}” was deleted meanwhile and is not on slide 1 any more.")
    expect(composer.locator("#slide-1 .medium")).to_have_count(0)
    expect(composer.locator("#slide-1-text")).to_have_value("One, and more")
