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


@pytest.fixture
def suggestions(composer: Page):
    return composer.locator("#merge-menu")


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_two_braces_suggest_fields_and_give_way_to_one(composer: Page, text, suggestions, key):
    text.press_sequentially("Hi {{ first")
    expect(suggestions.get_by_role("option")).to_have_count(1)
    expect(text).to_be_focused()
    expect(text).to_have_value("Hi {{ first")
    composer.keyboard.press(key)
    composer.keyboard.press("Enter")
    expect(text).to_have_value("Hi {{ first_name|there }}")


def test_a_field_written_by_hand_is_left_alone(composer: Page, text, suggestions):
    text.press_sequentially("Dear {{ last_name")
    expect(suggestions).to_be_visible()
    text.press_sequentially("|")
    expect(suggestions).to_be_hidden()
    text.press_sequentially("friend }}, hello {{ City }}")
    expect(suggestions).to_be_hidden()
    expect(text).to_have_value("Dear {{ last_name|friend }}, hello {{ City }}")


def test_escape_closes_the_suggestions_and_the_words_stay(composer: Page, text, suggestions):
    text.press_sequentially("Hi {{ fir")
    expect(suggestions).to_be_visible()
    composer.keyboard.press("Escape")
    expect(suggestions).to_be_hidden()
    expect(text).to_be_focused()
    composer.keyboard.type("st_name }}")
    expect(text).to_have_value("Hi {{ first_name }}")


def test_escape_at_the_question_gives_the_typed_words_back(composer: Page, text, suggestions):
    text.press_sequentially("Hi {{ fir")
    composer.keyboard.press("Enter")
    expect(composer.locator("#merge-fallback")).to_be_focused()
    composer.keyboard.press("Escape")
    expect(text).to_be_focused()
    composer.keyboard.type("e }}")
    expect(text).to_have_value("Hi {{ fire }}")


def test_suggestions_are_chosen_by_arrows_that_the_text_announces(
    composer: Page, text, suggestions
):
    text.press_sequentially("{{ name")
    last = suggestions.get_by_role("option").filter(has_text="Last name")
    composer.keyboard.press("ArrowDown")
    expect(last).to_have_attribute("aria-selected", "true")
    name = last.get_attribute("id")
    expect(text).to_have_attribute("aria-activedescendant", name)
    composer.keyboard.press("Escape")
    expect(text).not_to_have_attribute("aria-activedescendant", name)


def test_a_suggestion_is_chosen_by_mouse(composer: Page, text, suggestions):
    text.press_sequentially("Call {{")
    suggestions.get_by_role("option").filter(has_text="Phone number").click()
    expect(text).to_have_value("Call {{ phone }}")


@pytest.mark.parametrize("key", ["ArrowLeft", "Enter"])
def test_keys_are_the_texts_own_where_no_field_is_called_that(
    composer: Page, text, suggestions, key
):
    text.press_sequentially("{{ nobody")
    expect(suggestions).to_contain_text("No field is called that")
    for _ in range(10):
        composer.keyboard.press(key)
    expect(suggestions).to_be_hidden()
    expect(text).to_be_focused()


def test_suggestions_leave_with_the_focus(composer: Page, text, suggestions):
    text.press_sequentially("{{ ci")
    expect(suggestions).to_be_visible()
    composer.locator("#name").focus()
    expect(suggestions).to_be_hidden()
    expect(text).to_have_value("{{ ci")


def test_without_words_the_question_asks_for_them_beside_their_box(composer: Page, text):
    text.press_sequentially("{{ci")
    composer.keyboard.press("Enter")
    composer.keyboard.press("Enter")
    box = composer.locator("#merge-fallback")
    expect(composer.get_by_role("alert").filter(has_text="Write something")).to_be_visible()
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("height", [500, 1100])
def test_the_menu_stays_at_its_field_while_it_shrinks(composer: Page, menu, height):
    composer.set_viewport_size({"width": 1400, "height": height})
    composer.get_by_role("button", name="Insert a field into the SMS").click()
    composer.keyboard.type("city")
    expect(menu.get_by_role("option")).to_have_count(1)
    box, field = menu.bounding_box(), composer.locator("#fallback_text").bounding_box()
    over, under = field["y"] - box["y"] - box["height"], box["y"] - field["y"] - field["height"]
    assert min(abs(over), abs(under)) < 8


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


def test_the_check_says_the_same_after_saving(composer: Page, text):
    composer.get_by_label("Preview as people on").select_option(label="Newsletter")
    text.fill("Write to {{ email }}.")
    check = composer.locator("#check")
    expect(check).to_contain_text("and {{ email }} has no fallback")
    expect(check).to_contain_text("counted on the list “Newsletter”")
    with composer.expect_navigation():
        composer.get_by_role("button", name="Save", exact=True).click()
    expect(check).to_contain_text("and {{ email }} has no fallback")
    expect(check).to_contain_text("counted on the list “Newsletter”")
