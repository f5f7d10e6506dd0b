"""An MMS is composed with the mouse, checked, and tried on one phone."""

import pytest
from composing import add_slide, drop, expect_saved, expect_texts, open_new, upload
from playwright.sync_api import Page, expect

from campaigns.rules.looks import write_number
from campaigns.services.samples import sample_audio, sample_image, sample_vcard, sample_video

pytestmark = [pytest.mark.journey, pytest.mark.browser]
PHONE = "16025550101"


@pytest.fixture
def composer(tab: Page, portal, sender) -> Page:
    return open_new(tab, portal.address)


def test_three_slides_are_composed_checked_and_tried_on_a_phone(composer: Page, portal, sender):
    composer.get_by_role("textbox", name="Name only you see it").fill("Garden party")
    composer.get_by_role("textbox", name="Subject").fill("You are invited")
    add_slide(composer, 1, "Come to our garden.")
    upload(composer, 1, *sample_image("Garden party", "Sunday at three"))
    expect(composer.locator("#slide-1 .medium")).to_contain_text("garden-party")
    add_slide(composer, 2, "Save our number:")
    drop(composer, 2, sample_vcard())
    expect(composer.locator("#slide-2 .medium")).to_contain_text("wren-gardens.vcf")
    add_slide(composer, 3, "See you there!")
    drop(composer, 3, sample_video())
    expect(composer.locator("#slide-3 .medium")).to_be_visible()
    expect(composer.locator("#composer-look")).to_contain_text("See you there!")
    composer.get_by_label("Text of that SMS").fill("You are invited to our garden:")
    composer.get_by_role("button", name="Save", exact=True).click()
    expect(composer.locator(".messagelist")).to_contain_text("“Garden party” is saved.")
    expect(composer.locator("#composer-check .finding--bad")).to_have_count(0)

    composer.get_by_label("Your number").fill("+1 602 555 0101")
    composer.get_by_label("From", exact=True).select_option(
        label=f"{write_number(sender)} (Journeys)"
    )
    composer.get_by_role("button", name="Save and send the test").click()
    expect(composer.locator(".messagelist")).to_contain_text("The test is on its way")
    composer.goto(f"{portal.sandbox}/phone/{PHONE}/")
    bubble = composer.locator(".sandbox-bubble")
    expect(bubble).to_contain_text("See you there!", timeout=15_000)
    expect(bubble.locator("img")).to_have_js_property("complete", True)


def test_what_is_typed_is_saved_by_itself_and_there_after_a_reload(composer: Page):
    add_slide(composer, 1, "First")
    add_slide(composer, 2, "Second")
    expect_saved(composer)
    expect(composer.locator("#slide-2-text")).to_be_focused()
    expect(composer.get_by_role("heading", level=1)).to_contain_text("Untitled, ")
    composer.reload()
    expect_texts(composer, "First", "Second")
    expect(composer.locator("#name")).to_have_value(composer.locator("h1").inner_text())


def test_slides_are_dragged_into_another_order(composer: Page):
    for number, text in enumerate(("One", "Two", "Three"), 1):
        add_slide(composer, number, text)
    expect_texts(composer, "One", "Two", "Three")
    items = composer.locator("#strip .strip__item")
    items.nth(2).drag_to(items.nth(0), target_position={"x": 40, "y": 6})
    expect_texts(composer, "Three", "One", "Two")
    expect(composer.locator("#composer-note")).to_have_text("Slide 3 is now slide 1.")
    expect(composer.locator("#composer-look .phone__slide").first).to_contain_text("Three")


def test_everything_is_undone_and_done_again(composer: Page):
    add_slide(composer, 1, "One")
    drop(composer, 1, sample_vcard())
    expect(composer.locator("#slide-1 .medium")).to_have_count(1)
    add_slide(composer, 2, "Two")
    composer.get_by_role("button", name="Move slide 2 up").click()
    expect_texts(composer, "Two", "One")
    composer.get_by_role("button", name="Take wren-gardens.vcf off slide 2").click()
    expect(composer.locator(".medium")).to_have_count(0)
    undo, redo = composer.locator("#undo"), composer.locator("#redo")
    undo.click()
    expect(composer.locator("#slide-2 .medium")).to_have_count(1)
    undo.click()
    expect_texts(composer, "One", "Two")
    while undo.is_enabled():
        undo.click()
        expect(composer.locator("#composer.is-working")).to_have_count(0)
    expect_texts(composer, "")
    expect(composer.locator(".medium")).to_have_count(0)
    while redo.is_enabled():
        redo.click()
        expect(composer.locator("#composer.is-working")).to_have_count(0)
    expect_texts(composer, "Two", "One")
    expect(composer.locator(".medium")).to_have_count(0)


def test_undo_goes_on_after_the_page_was_saved(composer: Page):
    composer.locator("#name").fill("Saved between")
    add_slide(composer, 1, "One")
    add_slide(composer, 2, "Two")
    expect_saved(composer)
    composer.get_by_role("button", name="Save", exact=True).click()
    expect(composer.locator(".messagelist")).to_contain_text("is saved")
    expect_texts(composer, "One", "Two")
    composer.locator("#undo").click()
    expect_texts(composer, "One", "")


def test_several_pictures_dropped_at_once_go_to_slides_of_their_own(composer: Page):
    add_slide(composer, 1, "Pictures")
    pictures = [(f"{word}.jpg", sample_image(word, "")[1]) for word in ("ash", "birch", "cedar")]
    drop(composer, 1, *pictures)
    expect(composer.locator("#composer-slides .medium strong")).to_have_text(
        ["ash.jpg", "birch.jpg", "cedar.jpg"]
    )
    expect_texts(composer, "Pictures", "", "")


def test_a_file_is_chosen_from_the_library(composer: Page):
    composer.get_by_role("button", name="Choose from the library").click()
    tile = composer.locator("#picker .tile").first
    name = tile.locator("strong").inner_text()
    tile.click()
    expect(composer.locator("#slide-1 .medium strong")).to_have_text(name)
    expect(composer.locator("#slide-1-pick")).to_be_focused()


def test_a_slide_is_moved_after_its_field_was_pulled_taller(composer: Page):
    add_slide(composer, 1, "First")
    upload(composer, 1, *sample_audio())
    expect(composer.locator("#composer-look audio")).to_have_count(1)
    composer.locator("#slide-1-text").evaluate("field => { field.style.height = '9rem'; }")
    add_slide(composer, 2, "Second")
    composer.get_by_role("button", name="Move slide 2 up").click()
    expect(composer.locator("#slide-1-text")).to_have_value("Second")
    expect(composer.locator("#composer-look .phone__slide").first).to_contain_text("Second")
    height = composer.locator("#slide-2-text").evaluate("field => field.style.height")
    assert height == "9rem", "the field goes with its slide"


def test_a_page_that_calls_itself_a_picture_is_refused_in_a_sentence(composer: Page, tab):
    add_slide(composer, 1, "This stays.")
    # The refusal is an answer of its own kind, which the browser notes as an error.
    composer.context.route(
        "**/upload/", lambda route: route.fulfill(status=200, body=route.fetch().text())
    )
    drop(composer, 1, ("sale.jpg", b"<!doctype html><title>Not a picture</title>"))
    expect(composer.locator("#slide-1 .uploads")).to_contain_text("sale.jpg")
    expect(composer.locator("#slide-1-text")).to_have_value("This stays.")
    expect(composer.locator(".medium")).to_have_count(0)
    composer.context.unroute_all(behavior="wait")  # the answer may still be on its way


def test_what_is_missing_is_told_before_anything_is_sent(composer: Page):
    add_slide(composer, 1, "Only text")
    expect(composer.locator("#composer-check")).to_contain_text("fallback")


def test_what_is_typed_while_a_slide_moves_stays_and_goes_with_it(composer: Page):
    add_slide(composer, 1, "One")
    add_slide(composer, 2, "Two")
    expect_texts(composer, "One", "Two")

    def type_before_it_goes_on(route):
        """The request was made; its answer is not here yet."""
        if 'name="do"\r\n\r\nup-1' in (route.request.post_data or ""):
            composer.locator("#slide-2-text").fill("Typed meanwhile")
        route.continue_()

    composer.route("**/mms/**", type_before_it_goes_on)
    composer.get_by_role("button", name="Move slide 2 up").click()
    expect_texts(composer, "Typed meanwhile", "One")
    expect(composer.locator("#composer-look")).to_contain_text("Typed meanwhile")


def test_the_preview_keeps_the_caret_where_one_types(composer: Page):
    add_slide(composer, 1, "Hello world")
    box = composer.locator("#slide-1-text")
    box.press("Home")
    composer.keyboard.type("Oh! ")
    expect(composer.locator("#composer-look")).to_contain_text("Oh! Hello world")
    expect(box).to_be_focused()
    assert box.evaluate("field => field.selectionStart") == len("Oh! ")


def test_on_a_small_screen_the_phone_is_a_sheet(composer: Page):
    composer.set_viewport_size({"width": 390, "height": 844})
    add_slide(composer, 1, "Hello")
    expect(composer.locator(".phone").first).to_be_hidden()
    opener = composer.get_by_role("button", name="Preview")
    opener.click()
    expect(composer.locator("#preview .phone")).to_contain_text("Hello")
    composer.keyboard.press("Escape")
    expect(composer.locator("#preview .phone")).to_be_hidden()
    expect(opener).to_be_focused()


def test_on_a_small_screen_the_state_of_saving_stays_in_sight(composer: Page):
    composer.set_viewport_size({"width": 390, "height": 844})
    add_slide(composer, 1, "Hello")
    expect_saved(composer)
    for place in (0, 300, 100_000):
        composer.evaluate("place => window.scrollTo(0, place)", place)
        expect(composer.locator("#save-state")).to_be_in_viewport(ratio=1)
    bar = composer.locator(".composer__bar").bounding_box()
    state = composer.locator("#save-state").bounding_box()
    assert bar["y"] < state["y"]
    assert state["y"] + state["height"] <= bar["y"] + bar["height"], "it stands in the bar"


def test_a_finding_leads_the_keyboard_to_its_slide(composer: Page):
    add_slide(composer, 1, "One")
    add_slide(composer, 2, "Two {{ first_name")
    composer.locator("#subject").focus()
    composer.locator("#composer-check").get_by_role("link", name="Slide 2").click()
    expect(composer.locator("#slide-2-text")).to_be_focused()
    chosen = composer.locator("#strip [aria-selected=true]")
    expect(chosen).to_have_attribute("data-number", "2")
