"""An MMS is composed in a browser, checked, and tried on one phone."""

import pytest
from playwright.sync_api import Page, expect

from campaigns.services.samples import sample_audio, sample_image, sample_vcard

pytestmark = [pytest.mark.journey, pytest.mark.browser]
PHONE = "16025550101"


@pytest.fixture
def composer(tab: Page, portal, sender) -> Page:
    tab.goto(f"{portal.address}/admin/campaigns/mms/add/")
    return tab


def add_slide(composer: Page, number: int, text: str) -> None:
    if number > 1:
        composer.get_by_role("button", name="Add a slide").click()
    composer.locator(f"#slide-{number}-text").fill(text)


def upload(composer: Page, number: int, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    composer.locator(f"#slide-{number}-files").set_input_files(file)


def test_three_slides_are_composed_checked_and_tried_on_a_phone(composer: Page, portal, sender):
    composer.get_by_role("textbox", name="Name only you see it").fill("Garden party")
    composer.get_by_role("textbox", name="Subject").fill("You are invited")
    add_slide(composer, 1, "Come to our garden.")
    upload(composer, 1, *sample_image("Garden party", "Sunday at three"))
    expect(composer.locator("#slide-1 .medium")).to_contain_text("spring-sale")
    add_slide(composer, 2, "Save our number:")
    upload(composer, 2, *sample_vcard())
    expect(composer.locator("#slide-2 .medium")).to_contain_text("wren-gardens.vcf")
    add_slide(composer, 3, "See you there!")
    expect(composer.locator("#composer-look")).to_contain_text("See you there!")
    composer.get_by_label("Text of that SMS").fill("You are invited to our garden:")
    composer.get_by_role("button", name="Save", exact=True).click()
    expect(composer.locator(".messagelist")).to_contain_text("“Garden party” is saved.")
    expect(composer.locator("#composer-check .finding--bad")).to_have_count(0)

    composer.get_by_label("Your number").fill("+1 602 555 0101")
    composer.get_by_label("From", exact=True).select_option(label=f"{sender} (Journeys)")
    composer.get_by_role("button", name="Save and send the test").click()
    expect(composer.locator(".messagelist")).to_contain_text("The test is on its way")
    composer.goto(f"{portal.sandbox}/phone/{PHONE}/")
    bubble = composer.locator(".sandbox-bubble")
    expect(bubble).to_contain_text("See you there!", timeout=15_000)
    expect(bubble.locator("img")).to_have_js_property("complete", True)


def test_a_slide_is_moved_after_its_field_was_pulled_taller(composer: Page):
    add_slide(composer, 1, "First")
    upload(composer, 1, *sample_audio())
    expect(composer.locator("#composer-look audio")).to_be_visible()
    composer.locator("#slide-1-text").evaluate("field => { field.style.height = '9rem'; }")
    add_slide(composer, 2, "Second")
    composer.get_by_role("button", name="Move slide 2 up").click()
    expect(composer.locator("#slide-1-text")).to_have_value("Second")
    expect(composer.locator("#composer-look .phone__slide").first).to_contain_text("Second")


def test_a_page_that_calls_itself_a_picture_is_refused_in_a_sentence(composer: Page):
    add_slide(composer, 1, "This stays.")
    upload(composer, 1, "sale.jpg", b"<!doctype html><title>Not a picture</title>")
    alert = composer.locator("#composer-slides [role=alert]")
    expect(alert).to_contain_text("sale.jpg: This is a web page, not a picture")
    expect(composer.locator("#slide-1-text")).to_have_value("This stays.")
    expect(composer.locator(".medium")).to_have_count(0)


def test_what_is_missing_is_told_before_anything_is_sent(composer: Page):
    add_slide(composer, 1, "Only text")
    expect(composer.locator("#composer-check")).to_contain_text("fallback")


def test_what_is_typed_while_a_file_is_on_its_way_stays(composer: Page):
    add_slide(composer, 1, "Before")

    def type_before_it_goes_on(route):
        """The request was made; its answer is not here yet."""
        composer.locator("#slide-1-text").fill("Typed meanwhile")
        route.continue_()

    composer.route(
        "**/mms/add/",
        lambda route: (
            type_before_it_goes_on(route)
            if 'name="do"\r\n\r\nupload'
            in (route.request.post_data_buffer or b"").decode("latin-1")
            else route.continue_()
        ),
    )
    upload(composer, 1, *sample_vcard())
    expect(composer.locator("#slide-1 .medium")).to_contain_text("wren-gardens.vcf")
    expect(composer.locator("#slide-1-text")).to_have_value("Typed meanwhile")
    expect(composer.locator("#composer-look")).to_contain_text("Typed meanwhile")
