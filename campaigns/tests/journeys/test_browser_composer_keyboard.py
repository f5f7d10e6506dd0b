"""The same MMS of three slides, composed by the keyboard alone."""

import pytest
from composing import expect_saved, expect_texts, open_new
from playwright.sync_api import Page, expect

from campaigns.services.samples import sample_image, sample_video

pytestmark = [pytest.mark.journey, pytest.mark.browser]
MOST_STEPS = 60


@pytest.fixture
def composer(tab: Page, portal, sender) -> Page:
    return open_new(tab, portal.address)


def walk_to(composer: Page, id: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there, and is seen to be."""
    for _ in range(MOST_STEPS):
        composer.keyboard.press(key)
        if composer.evaluate("document.activeElement.id") == id:
            return
    raise AssertionError(f"#{id} is not reached by {MOST_STEPS} steps of {key}.")


def write(composer: Page, number: int, text: str) -> None:
    if composer.evaluate("document.activeElement.id") != f"slide-{number}-text":
        walk_to(composer, f"slide-{number}-text")
    composer.keyboard.type(text)


def choose_file(composer: Page, number: int, name: str, content: bytes) -> None:
    """Shift+Tab leads back from the text to the chooser; Space opens it, unless the page comes
    back from saving between its two halves."""
    expect_saved(composer)
    walk_to(composer, f"slide-{number}-files", "Shift+Tab")
    with composer.expect_file_chooser() as chooser:
        composer.keyboard.press("Space")
    chooser.value.set_files({"name": name, "mimeType": "application/x", "buffer": content})
    expect(composer.locator(f"#slide-{number} .medium")).to_have_count(1)


def test_three_slides_without_a_mouse(composer: Page):
    walk_to(composer, "name")
    composer.keyboard.type("By hand")
    walk_to(composer, "subject")
    composer.keyboard.type("You are invited")
    write(composer, 1, "Come to our garden.")
    choose_file(composer, 1, *sample_image("By hand", "Sunday at three"))
    walk_to(composer, "slide-add")
    composer.keyboard.press("Enter")
    expect(composer.locator("#slide-2-text")).to_be_focused()
    write(composer, 2, "Bring your friends.")
    walk_to(composer, "slide-add")
    composer.keyboard.press("Enter")
    expect(composer.locator("#slide-3-text")).to_be_focused()
    write(composer, 3, "See you there!")
    choose_file(composer, 3, *sample_video())
    expect_texts(composer, "Come to our garden.", "Bring your friends.", "See you there!")
    composer.keyboard.press("Control+s")
    expect_saved(composer)
    expect(composer.locator("h1")).to_have_text("By hand")


def test_slides_are_moved_doubled_and_removed_in_the_strip(composer: Page):
    write(composer, 1, "One")
    for number, text in ((2, "Two"), (3, "Three")):
        walk_to(composer, "slide-add")
        composer.keyboard.press("Enter")
        expect(composer.locator(f"#slide-{number}-text")).to_be_focused()
        composer.keyboard.type(text)
    expect_texts(composer, "One", "Two", "Three")
    note = composer.locator("#composer-note")
    chosen = composer.locator("#strip [aria-selected=true]")
    composer.keyboard.press("Escape")
    expect(chosen).to_be_focused()
    expect(chosen).to_contain_text("Three")

    composer.keyboard.press("Alt+ArrowUp")
    expect_texts(composer, "One", "Three", "Two")
    expect(note).to_have_text("Slide 3 is now slide 2.")
    expect(chosen).to_contain_text("Three")
    expect(chosen).to_be_focused()

    composer.keyboard.press("Control+d")
    expect_texts(composer, "One", "Three", "Three", "Two")
    expect(chosen).to_be_focused()
    composer.keyboard.press("Delete")
    expect_texts(composer, "One", "Three", "Two")
    composer.keyboard.press("Home")
    expect(chosen).to_contain_text("One")
    composer.keyboard.press("ArrowDown")
    composer.keyboard.press("Enter")
    expect(composer.locator("#slide-2-text")).to_be_focused()


def test_ctrl_z_undoes_typing_by_pauses_and_steps_alike(composer: Page):
    write(composer, 1, "Hello")
    expect(composer.locator("#undo")).to_be_enabled()
    composer.locator("#slide-1-text").dispatch_event("change")  # a pause ends a step
    composer.locator("#slide-1-text").fill("Hello world")
    composer.keyboard.press("Control+z")
    expect(composer.locator("#slide-1-text")).to_have_value("Hello")
    expect(composer.locator("#slide-1-text")).to_be_focused()
    composer.keyboard.press("Control+Shift+z")
    expect(composer.locator("#slide-1-text")).to_have_value("Hello world")
    composer.keyboard.press("Control+d")
    expect_texts(composer, "Hello world", "Hello world")
    composer.keyboard.press("Control+z")
    expect_texts(composer, "Hello world")
    expect(composer.locator("#composer-note")).to_have_text("Undone.")
