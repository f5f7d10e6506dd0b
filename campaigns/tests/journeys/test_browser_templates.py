"""A template is saved at the provider and followed; versions are compared and brought back."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from campaigns.services.samples import sample_video

pytestmark = [pytest.mark.journey, pytest.mark.browser]
SECONDS = 1000


@pytest.fixture
def composer(tab: Page, portal, sender) -> Page:
    tab.goto(f"{portal.address}/admin/campaigns/mms/add/")
    return tab


def compose(composer: Page, name: str, *texts: str, film_on: int = 0) -> None:
    """A saved MMS with these slides."""
    composer.get_by_role("textbox", name="Name only you see it").fill(name)
    for number, text in enumerate(texts, 1):
        if number > 1:
            composer.locator("#slide-add").click()
        composer.locator(f"#slide-{number}-text").fill(text)
    if film_on:
        file_name, content = sample_video()
        file = {"name": file_name, "mimeType": "video/mp4", "buffer": content}
        composer.locator(f"#slide-{film_on}-files").set_input_files(file)
        expect(composer.locator(f"#slide-{film_on} .medium")).to_contain_text(file_name)
    composer.get_by_label("Text of that SMS").fill("See our film:")
    composer.get_by_role("button", name="Save", exact=True).click()
    expect(composer.locator(".messagelist")).to_contain_text(f"“{name}” is saved")


def shelf_of(composer: Page) -> Locator:
    return composer.get_by_role("region", name="On Sandbox")


def save_to_sinch(composer: Page, version: int, words: str = "to Sinch") -> Locator:
    shelf = shelf_of(composer)
    shelf.get_by_role("button", name=f"Save version {version} {words}").click()
    expect(composer.locator(".messagelist")).to_contain_text("is on its way to Sandbox")
    return shelf_of(composer)


def test_a_template_is_followed_until_a_campaign_would_send_it(composer: Page):
    compose(composer, "A slow film", "Look at this", film_on=1)
    expect(shelf_of(composer)).to_contain_text("because nothing of it is saved on “Sandbox”")
    shelf = save_to_sinch(composer, 1)
    expect(shelf.locator(".shelf__state")).to_have_text(re.compile("Saving|Transcoding"))
    expect(shelf.locator(".shelf__state")).to_have_text("Transcoding", timeout=15 * SECONDS)
    expect(shelf.locator(".shelf__state")).to_have_text("Ready", timeout=30 * SECONDS)
    expect(composer.locator("#composer-note")).to_contain_text("Sandbox: Ready.")
    mms_id = shelf.get_by_label("mms-id").input_value()
    expect(shelf).to_contain_text(f"A campaign would send the saved template {mms_id}.")
    expect(shelf.get_by_role("button", name="Save version")).to_have_count(0)
    expect(composer.locator("#saved")).not_to_have_attribute("hx-trigger", re.compile("every"))


def test_a_failed_template_names_the_slide_and_leads_to_it(composer: Page):
    texts = ("Welcome " * 150, "Look at this", "Bye " * 400)
    compose(composer, "Film with E003", *texts, film_on=2)
    shelf = save_to_sinch(composer, 1)
    expect(shelf.locator(".shelf__state")).to_have_text("Failed", timeout=30 * SECONDS)
    expect(shelf).to_contain_text(f"Slide 2, “{sample_video()[0]}”: Sinch could not convert the")
    expect(shelf).to_contain_text("because version 1 could not be saved")
    shelf.get_by_role("link", name="Go to slide 2").click()
    expect(composer.locator("#slide-2-head")).to_be_in_viewport()
    save_to_sinch(composer, 1, "again")


def test_an_edit_puts_a_template_out_of_date_until_it_is_saved_again(composer: Page):
    compose(composer, "Words alone", "Come on Sunday")
    shelf = save_to_sinch(composer, 1)
    expect(shelf.locator(".shelf__state")).to_have_text("Ready", timeout=30 * SECONDS)
    composer.locator("#slide-1-text").fill("Come on Monday")
    expect(shelf).to_contain_text(
        "Edited since: version 1 is saved, you are writing version 2.", timeout=15 * SECONDS
    )
    expect(shelf.locator(".shelf__state")).to_have_text("Out of date")
    shelf = save_to_sinch(composer, 2)
    expect(shelf.locator(".shelf__state")).to_have_text("Ready", timeout=30 * SECONDS)
    expect(composer.locator("#slide-1-text")).to_have_value("Come on Monday")


def test_versions_are_compared_and_an_older_one_is_brought_back(composer: Page):
    compose(composer, "With a history", "Come on Sunday at three", "See you there")
    save_to_sinch(composer, 1)
    composer.locator("#slide-1-text").fill("Come on Monday at three")
    composer.get_by_role("button", name="Save", exact=True).click()
    composer.get_by_role("link", name="Versions", exact=True).click()
    expect(composer.locator(".version").first).to_contain_text("Slide 1: text.")
    composer.get_by_role("link", name="What changed").first.click()
    expect(composer.locator(".wording del").first).to_contain_text("Sunday")
    expect(composer.locator(".wording ins").first).to_contain_text("Monday")
    phone = composer.locator("#comparison-phone .phone")
    expect(phone).to_contain_text("Come on Monday at three")
    composer.get_by_role("link", name="Version 1", exact=True).click()
    expect(phone).to_contain_text("Come on Sunday at three")

    composer.get_by_role("button", name="Restore version 1").click()
    dialog = composer.get_by_role("dialog")
    expect(dialog).to_contain_text("Go on with version 1?")
    dialog.get_by_role("button", name="No, go back").click()
    composer.get_by_role("button", name="Restore version 1").click()
    dialog.get_by_role("button", name="Restore version 1").click()
    expect(composer.locator(".messagelist")).to_contain_text("Version 1 is back, as version 3.")
    expect(composer.locator("#slide-1-text")).to_have_value("Come on Sunday at three")
