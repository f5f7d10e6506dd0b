"""The phone is dressed in a browser, opens its pictures, plays its films and reads its cards."""

import re

import pytest
from playwright.sync_api import Page, expect

from campaigns.services.samples import sample_image

pytestmark = [pytest.mark.journey, pytest.mark.browser]

#: What the demo has: a picture, a sound and an appointment; and a film and a contact.
PICTURE, FILM = 1, 3


@pytest.fixture
def open_mms(tab: Page, portal):
    def open_mms(number: int) -> Page:
        tab.goto(f"{portal.address}/admin/campaigns/mms/{number}/change/")
        return tab

    return open_mms


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).check()


def colour_of(page: Page) -> str:
    return page.locator(".phone__screen").evaluate("it => getComputedStyle(it).backgroundColor")


def note_what_the_form_hears(page: Page) -> None:
    page.locator("#composer").evaluate(
        "form => form.addEventListener('input', () => { form.dataset.heard = 'something'; })"
    )


def test_a_phone_is_dressed_at_once_and_stays_so_on_other_pages(open_mms, portal):
    page = open_mms(PICTURE)
    phone = page.locator(".phone")
    expect(phone).to_have_attribute("data-dress", "ios")
    expect(phone.get_by_text("Subject:").first).to_be_hidden()
    note_what_the_form_hears(page)
    choose(page, "Android")
    expect(phone).to_have_attribute("data-dress", "android")
    expect(phone.get_by_text("Subject:").first).to_be_visible()
    expect(page.locator("#composer")).not_to_have_attribute("data-heard", "something")
    page.goto(f"{portal.address}/admin/campaigns/campaign/1/change/")
    expect(page.locator(".phone")).to_have_attribute("data-dress", "android")


def test_a_dark_phone_is_dark_on_a_light_page(open_mms):
    page = open_mms(PICTURE)
    assert colour_of(page) == "rgb(255, 255, 255)"
    choose(page, "Dark")
    assert colour_of(page) == "rgb(0, 0, 0)"
    page.emulate_media(color_scheme="dark")
    choose(page, "Light")
    assert colour_of(page) == "rgb(255, 255, 255)"


def test_the_dress_is_chosen_by_keyboard_and_survives_typing(open_mms):
    page = open_mms(PICTURE)
    page.get_by_role("radio", name="iOS", exact=True).focus()
    page.keyboard.press("ArrowRight")
    choose(page, "SMS instead")
    page.locator("#fallback_text").fill("Typed just now:")
    expect(page.locator(".phone__thread--sms")).to_contain_text("Typed just now:")
    phone = page.locator(".phone")
    expect(phone).to_have_attribute("data-dress", "android")
    expect(phone).to_have_attribute("data-face", "sms")
    expect(page.locator(".phone__thread--mms")).to_be_hidden()


def test_a_group_is_shown_with_its_people(open_mms):
    page = open_mms(PICTURE)
    choose(page, "Group")
    page.locator(".phone__people summary").press("Enter")
    expect(page.locator(".phone__members li")).to_have_count(4)
    expect(page.locator(".phone__members")).to_be_visible()


def test_pictures_open_large_and_the_keyboard_comes_back(open_mms):
    page = open_mms(PICTURE)
    opener = page.locator(".phone [data-picture]").first
    opener.press("Enter")
    box = page.get_by_role("dialog", name="Picture")
    expect(box.locator("img")).to_have_js_property("complete", True)
    expect(box).to_contain_text("spring-sale.jpg")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(opener).to_be_focused()


def test_arrow_keys_go_from_picture_to_picture(tab: Page, portal, sender):
    tab.goto(f"{portal.address}/admin/campaigns/mms/add/")
    name, content = sample_image("Two of them", "one beside the other")
    file = {"name": name, "mimeType": "image/jpeg", "buffer": content}
    tab.locator("#slide-1-files").set_input_files(file)
    expect(tab.locator(".phone [data-picture]")).to_have_count(1)
    tab.get_by_role("button", name="Duplicate slide 1").click()
    expect(tab.locator(".phone [data-picture]")).to_have_count(2)
    tab.locator(".phone [data-picture]").first.click()
    box = tab.get_by_role("dialog", name="Picture")
    expect(box).to_contain_text("1 of 2")
    tab.keyboard.press("ArrowRight")
    expect(box).to_contain_text("2 of 2")
    tab.keyboard.press("ArrowRight")
    expect(box).to_contain_text("2 of 2")
    tab.keyboard.press("ArrowLeft")
    expect(box).to_contain_text("1 of 2")


def test_a_film_shows_its_poster_and_can_be_played(open_mms):
    page = open_mms(FILM)
    film = page.locator(".phone video")
    expect(film).to_have_attribute("controls", "")
    expect(film).to_have_attribute("poster", re.compile("/m/p/"))
    film.evaluate("film => { film.muted = true; return film.play(); }")
    expect(film).to_have_js_property("paused", False)


def test_a_contact_and_an_appointment_can_be_read(open_mms):
    page = open_mms(FILM)
    expect(page.locator(".phone")).to_contain_text("+1 201-555-0142")
    page = open_mms(PICTURE)
    expect(page.locator(".phone .phone__date")).to_contain_text("11")
    expect(page.locator(".phone")).to_contain_text("12 Orchard Lane")


def test_the_slide_that_is_asked_for_comes_into_view(open_mms):
    page = open_mms(PICTURE)
    last = page.locator(".phone [data-slide='3']")
    page.evaluate("document.dispatchEvent(new CustomEvent('phone:show', { detail: { slide: 3 } }))")
    expect(last).to_have_class(re.compile("is-shown"))
    expect(page.locator(".phone__thread--mms")).not_to_have_js_property("scrollTop", 0)
    expect(last).to_be_in_viewport()


def test_a_dear_character_is_replaced_by_a_plain_one(open_mms):
    page = open_mms(PICTURE)
    text = page.locator("#fallback_text")
    text.fill("“Sale” — now")
    count = page.locator("#sms-count")
    expect(count).to_contain_text("em dash")
    count.get_by_role("button", name=re.compile("^Replace with -")).click()
    expect(text).to_have_value("“Sale” - now")
    expect(text).to_be_focused()
    expect(count).not_to_contain_text("em dash")
    count.get_by_role("button", name="Replace all 2").click()
    expect(text).to_have_value('"Sale" - now')
    expect(count).to_contain_text("GSM-7")
