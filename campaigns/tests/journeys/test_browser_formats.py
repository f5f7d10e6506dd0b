"""Cards, questions and places, written in a browser and read on its phone."""

import re

import pytest
from composing import expect_saved, open_new
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.browser]


def choose(composer: Page, format: str) -> None:
    composer.get_by_role("button", name=format, exact=True).click()
    expect(composer.get_by_role("button", name=format, exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def add_choice(composer: Page, number: int, words: str) -> None:
    """A new one is written at once: the keyboard is there."""
    composer.get_by_role("button", name="Add a choice").first.click()
    expect(composer.locator(f"#slide-1-choice-{number}-title")).to_be_focused()
    composer.keyboard.type(words)


def write_card(composer: Page) -> None:
    composer.locator("#subject").fill("Spring sale")
    composer.locator("#slide-1-text").fill("20 % off")
    choose(composer, "Card")
    expect(composer.locator("#slide-1-title")).to_have_value("Spring sale")
    add_choice(composer, 1, "Yes, please")
    add_choice(composer, 2, "Our shop")
    composer.locator("#slide-1-choice-2-kind").select_option("url")
    composer.locator("#slide-1-choice-2-target").fill("https://example.net/")


def expect_card(composer: Page) -> None:
    for place, value in {
        "#slide-1-title": "Spring sale",
        "#slide-1-text": "20 % off",
        "#slide-1-choice-1-title": "Yes, please",
        "#slide-1-choice-2-kind": "url",
        "#slide-1-choice-2-target": "https://example.net/",
    }.items():
        expect(composer.locator(place)).to_have_value(value)
    phone = composer.locator(".phone__thread--mms")
    expect(phone.locator(".phone__subject")).to_contain_text("Spring sale")
    for line in ("20 % off", "> YES, PLEASE", "> Our shop: https://example.net/"):
        expect(phone.locator(".phone-bubble").first).to_contain_text(line)


def test_a_card_with_two_choices_is_kept_and_shown(portal, tab):
    composer = open_new(tab, portal.address)
    write_card(composer)
    expect_card(composer)
    expect_saved(composer)
    composer.reload()
    expect_card(composer)
    expect(composer.locator("#subject")).to_be_hidden()


def test_changing_the_format_is_undone_with_all_that_it_left_out(portal, tab):
    composer = open_new(tab, portal.address)
    write_card(composer)
    choose(composer, "File")
    expect(composer.locator("#composer-note")).to_contain_text("Undo brings it back")
    note = composer.locator("#format-left-out")
    expect(note).to_be_visible()
    expect(note).to_contain_text("Left out: 2 texts, 2 choices.")
    note.get_by_role("button", name="Undo").press("Enter")
    expect_card(composer)
    expect(note).to_have_count(0)
    expect(composer.get_by_role("button", name="Card", exact=True)).to_be_focused()


def test_what_was_left_out_is_told_until_the_next_step(portal, tab):
    composer = open_new(tab, portal.address)
    write_card(composer)
    choose(composer, "Text")
    expect(composer.locator("#format-left-out")).to_be_visible()
    choose(composer, "Slides")
    expect(composer.locator("#format-left-out")).to_have_count(0)


def test_a_choice_that_goes_leaves_the_keyboard_with_its_neighbour(portal, tab):
    composer = open_new(tab, portal.address)
    write_card(composer)
    composer.locator("#slide-1-choice-1-drop").press("Enter")
    expect(composer.locator("#slide-1-choice-1-title")).to_have_value("Our shop")
    expect(composer.locator("#slide-1-choice-1-drop")).to_be_focused()


def test_a_place_may_be_pasted_as_the_address_of_a_map(portal, tab):
    composer = open_new(tab, portal.address)
    choose(composer, "Place")
    composer.locator("#place-title").fill("Our garden")
    composer.locator("#place-coordinates").fill("https://www.google.com/maps/@52.5,13.4,17z")
    expect(composer.locator(".phone__thread--mms")).to_contain_text("api=1&query=52.5,13.4")
    expect_saved(composer)
    composer.reload()
    expect(composer.locator("#place-title")).to_have_value("Our garden")


def test_a_channel_offers_what_it_carries_and_says_why_not(portal, tab):
    composer = open_new(tab, portal.address)
    composer.locator("#channel").select_option(label="Sandbox")
    expect(composer.get_by_role("button", name="Card", exact=True)).to_be_disabled()
    expect(composer.locator("#format")).to_contain_text("“Sandbox” does not carry")
    composer.locator("#channel").select_option("")
    expect(composer.get_by_role("button", name="Card", exact=True)).to_be_enabled()


def test_the_channel_it_is_checked_for_stays_chosen(portal, tab):
    composer = open_new(tab, portal.address)
    composer.locator("#channel").select_option(label="Sandbox")
    composer.locator("#slide-1-text").fill("Hello")
    expect(composer.locator("#save-state")).to_contain_text("Saved", timeout=10_000)
    expect(composer).to_have_url(re.compile(r"/change/\?channel=\d+$"))
    composer.reload()
    expect(composer.locator("#channel option:checked")).to_have_text("Sandbox")
    composer.locator("#channel").select_option("")
    composer.reload()
    expect(composer.locator("#channel option:checked")).to_have_text("any channel")


def test_a_phone_shows_that_more_lies_below_and_hides_nothing_at_its_end(portal, tab):
    composer = open_new(tab, portal.address)
    composer.locator("#slide-1-text").fill("Hello\n" * 60 + "Goodbye")
    thread = composer.locator(".phone__thread--mms")
    expect(thread).to_contain_text("Goodbye")
    below = """it => {
        it.scrollTop = it.scrollHeight;
        const fade = parseFloat(getComputedStyle(it, "::after").height);
        const last = it.querySelector(".phone__slide").getBoundingClientRect().bottom;
        return it.getBoundingClientRect().bottom - last - fade;
    }"""
    assert thread.evaluate(below) >= 0
    assert thread.evaluate("it => getComputedStyle(it, '::after').position") == "sticky"


def test_a_place_stands_alone_in_the_strip(portal, tab):
    composer = open_new(tab, portal.address)
    choose(composer, "Place")
    composer.locator("#place-title").fill("Our garden")
    place = composer.locator(".strip__place")
    expect(place).to_contain_text("Our garden")
    expect(place).to_contain_text("Nowhere yet")
    expect(composer.locator("#strip")).to_be_hidden()
