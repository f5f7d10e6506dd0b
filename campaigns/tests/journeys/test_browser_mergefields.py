"""Merge fields are put into an MMS, by mouse and by keyboard, and read as real people read them."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.browser]


@pytest.fixture
def composer(tab: Page, portal, sender) -> Page:
    tab.goto(f"{portal.address}/admin/campaigns/mms/add/")
    return tab


@pytest.fixture
def text(composer: Page):
    return composer.locator("#slide-1-text")


@pytest.fixture
def menu(composer: Page):
    return composer.get_by_role("dialog", name="Insert a field")


def phone_of(composer: Page):
    return composer.locator("#composer-look")


def test_a_field_is_put_at_the_caret_by_keyboard(composer: Page, text, menu):
    text.fill("Hello !")
    text.press("End")
    text.press("ArrowLeft")
    composer.keyboard.press("Shift+Tab")
    expect(composer.locator("[data-merge-for=slide-1-text]")).to_be_focused()
    composer.keyboard.press("Enter")
    expect(menu.get_by_role("combobox")).to_be_focused()
    composer.keyboard.type("name")
    expect(menu.get_by_role("option")).to_have_count(2)
    expect(menu.get_by_role("option", selected=True)).to_contain_text("First name")
    composer.keyboard.press("ArrowDown")
    composer.keyboard.press("Enter")
    composer.keyboard.type("friend")
    composer.keyboard.press("Enter")
    expect(text).to_have_value("Hello {{ last_name|friend }}!")
    expect(text).to_be_focused()
    composer.keyboard.type(" and all")
    expect(text).to_have_value("Hello {{ last_name|friend }} and all!")


def test_a_field_is_put_by_mouse_and_nothing_is_a_choice(composer: Page, menu):
    composer.get_by_role("button", name="Insert a field into the subject").click()
    menu.get_by_role("option", name="City").click()
    question = composer.locator("[data-merge-step=fallback]")
    expect(question).to_contain_text("Where “City” is not known")
    composer.get_by_role("button", name="Insert", exact=True).click()
    expect(question.get_by_role("alert")).to_contain_text("choose “write nothing”")
    composer.get_by_label("write nothing").check()
    composer.get_by_role("button", name="Insert", exact=True).click()
    expect(composer.locator("#subject")).to_have_value("{{ City| }}")


def test_two_braces_open_the_menu_and_give_way_to_the_field(composer: Page, text, menu):
    text.press_sequentially("Hi {{")
    expect(menu).to_be_visible()
    composer.keyboard.type("first")
    composer.keyboard.press("Enter")
    composer.keyboard.press("Enter")
    expect(text).to_have_value("Hi {{ first_name|there }}")


def test_escape_leaves_the_text_and_the_caret_as_they_were(composer: Page, text, menu):
    text.press_sequentially("Hi {{")
    composer.keyboard.type("fir")
    composer.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(text).to_be_focused()
    composer.keyboard.type(" mine }}")
    expect(text).to_have_value("Hi {{ mine }}")


def test_the_phone_pages_through_the_people_of_a_list(composer: Page, text):
    composer.get_by_label("Preview as people on").select_option(label="Newsletter")
    text.fill("Hello {{ first_name|there }}!")
    expect(phone_of(composer)).to_contain_text("Hello Ada!")
    who = composer.locator(".reader__who")
    expect(who).to_contain_text("1 of ")
    composer.get_by_role("button", name="Next person").click()
    expect(phone_of(composer)).to_contain_text("Hello Ben!")
    composer.keyboard.press("ArrowRight")
    expect(phone_of(composer)).to_contain_text("Hello Chloé!")
    expect(who).to_contain_text("3 of ")
    expect(composer.get_by_role("button", name="Next person")).to_be_focused()
    for name in ("Ben", "Ada"):
        composer.keyboard.press("ArrowLeft")
        expect(phone_of(composer)).to_contain_text(f"Hello {name}!")
    composer.get_by_role("button", name="Show it as written").click()
    expect(phone_of(composer)).to_contain_text("Hello {{ first_name|there }}!")
    composer.get_by_role("button", name="Show it as people read it").click()
    expect(phone_of(composer)).to_contain_text("Hello Ada!")


def test_an_answer_to_an_earlier_press_does_not_take_back_a_later_one(composer: Page, text):
    composer.get_by_label("Preview as people on").select_option(label="Newsletter")
    text.fill("Hello {{ first_name|there }}!")
    expect(phone_of(composer)).to_contain_text("Hello Ada!")
    button = composer.get_by_role("button", name="Next person")

    def press_meanwhile(route):
        """The look was asked for; its answer is not here yet."""
        button.evaluate("button => { button.click(); button.click(); }")
        route.continue_()

    composer.wait_for_url("**/change/**")  # it saved itself and has an address
    composer.route("**/change/**", press_meanwhile, times=1)
    button.click()
    expect(composer.locator(".reader__who")).to_contain_text("4 of ")
    expect(phone_of(composer)).to_contain_text("Hello Dmitri!")


def test_paging_is_no_change_of_the_message(composer: Page, text):
    composer.get_by_label("Preview as people on").select_option(label="Newsletter")
    text.fill("Hello {{ first_name|there }}!")
    expect(phone_of(composer)).to_contain_text("Hello Ada!")
    state = composer.locator("#save-state")
    expect(state).to_contain_text("Saved")
    composer.get_by_role("button", name="Next person").click()
    assert "Saved" in state.inner_text()  # a change is told at once
    expect(phone_of(composer)).to_contain_text("Hello Ben!")


def test_who_lacks_a_value_is_counted_while_it_is_written(composer: Page, text):
    composer.get_by_label("Preview as people on").select_option(label="Newsletter")
    text.fill("Write to {{ email|us }}, {{ frist_name|you }}.")
    check = composer.locator("#composer-check")
    expect(check).to_contain_text("have no e-mail and will read “us”.")
    expect(check).to_contain_text("Did you mean first_name?")
    text.fill("Write to {{ email }}.")
    expect(check).to_contain_text("and {{ email }} has no fallback")
