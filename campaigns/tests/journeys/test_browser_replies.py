"""People answer from their phones, and the portal's pages show it in a browser."""

import pytest
from playwright.sync_api import Page, expect
from running import wait_for

from campaigns.services.samples import sample_image

pytestmark = [pytest.mark.journey, pytest.mark.browser]
WRITES, LEAVES = "17035550101", "17035550102"


@pytest.fixture(scope="module")
def reached(visitor, sender) -> None:
    """Two phones that have just received something."""
    page = visitor.launch("Please answer", [WRITES, LEAVES], sender=sender)
    wait_for("it to arrive", lambda: visitor.counts(page).get("Delivered") == 2)


def reload_until(tab: Page, words: str) -> None:
    def found() -> bool:
        tab.reload()
        return words in tab.content()

    wait_for(f"“{words}”", found)


def test_a_reply_is_read_in_the_inbox_with_its_picture(tab: Page, portal, sender, reached):
    tab.goto(f"{portal.sandbox}/phone/{WRITES}/")
    tab.get_by_label("To", exact=True).select_option(sender)
    tab.get_by_label("Message", exact=True).fill("Look at my garden!")
    name, picture = sample_image()
    tab.get_by_label("Add pictures").set_input_files(
        {"name": name, "mimeType": "image/jpeg", "buffer": picture}
    )
    tab.get_by_role("button", name="Send", exact=True).click()

    tab.goto(f"{portal.address}/admin/")
    tab.get_by_role("link", name="Inbox").click()
    reload_until(tab, "Look at my garden!")
    tab.get_by_role("link", name="Look at my garden!").click()
    expect(tab.locator(".said .words").last).to_have_text("Look at my garden!")
    reload_until(tab, "Show the picture")
    tab.get_by_role("button", name="Show the picture").click()
    expect(tab.get_by_alt_text("Picture sent with this reply")).to_have_js_property(
        "naturalWidth", 720
    )


def test_a_reply_is_answered_by_keyboard_and_read_on_the_phone(tab: Page, portal, sender, reached):
    tab.goto(f"{portal.sandbox}/phone/{WRITES}/")
    tab.get_by_label("To", exact=True).select_option(sender)
    tab.get_by_label("Message", exact=True).fill("Do you open on Sunday?")
    tab.get_by_role("button", name="Send", exact=True).click()

    tab.goto(f"{portal.address}/admin/campaigns/thread/?q=%2B{WRITES}")
    reload_until(tab, "Do you open on Sunday?")
    tab.keyboard.press("j")
    expect(tab.locator(".thread__link").first).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("log").get_by_text("Do you open on Sunday?")).to_be_visible()
    tab.keyboard.press("r")
    tab.keyboard.type("Yes, from 10 to 4.")
    expect(tab.locator("#reply-count")).to_contain_text("18 of")
    tab.keyboard.press("Control+Enter")
    ours = tab.locator(".bubbles__item--ours").filter(has_text="Yes, from 10 to 4.")
    expect(ours).to_contain_text("Delivered", timeout=20_000)
    assert ours.get_attribute("hx-trigger") is None

    tab.goto(f"{portal.sandbox}/phone/{WRITES}/")
    expect(tab.get_by_text("Yes, from 10 to 4.").first).to_be_visible()


def test_a_half_written_reply_is_kept_until_it_was_sent(tab: Page, portal, reached):
    thread = f"{portal.address}/admin/campaigns/thread/?view=all&q=%2B{WRITES}"
    tab.goto(thread)
    tab.locator(".thread__link").first.click()
    field = tab.get_by_role("textbox", name="Reply by")
    field.fill("We close at")
    tab.get_by_label("Label", exact=True).fill("Hours")
    tab.get_by_role("button", name="Add", exact=True).click()
    expect(tab.locator(".labels")).to_contain_text("Hours")
    expect(field).to_have_value("We close at")
    expect(tab.locator("#reply-count")).to_contain_text("11 of")
    tab.reload()
    expect(field).to_have_value("We close at")

    field.press("End")
    tab.keyboard.type(" 4.")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator(".bubbles__item--ours").last).to_contain_text("We close at 4.")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    tab.reload()
    expect(field).to_have_value("")


def test_what_was_chosen_is_kept_with_a_half_written_reply(tab: Page, portal, reached):
    """A file that is not among the first ones offered, and instead of it a template."""
    tab.goto(f"{portal.address}/admin/campaigns/thread/?view=all&q=%2B{WRITES}")
    tab.locator(".thread__link").first.click()
    tab.get_by_role("textbox", name="Reply by").fill("A picture for you")
    tab.get_by_text("Add a file").click()
    tab.get_by_label("Or from the library").fill("welcome")
    file = tab.get_by_role("radio", name="welcome.jpg")
    expect(tab.locator("#offer-files input")).to_have_count(2)
    file.check()
    tab.reload()
    expect(file).to_be_checked()
    expect(tab.locator("#reply-count")).to_contain_text("welcome.jpg")

    tab.get_by_label("Or from the library").fill("nothing is called this")
    expect(tab.get_by_text("No file is called like that.")).to_be_visible()
    expect(file).to_be_checked()
    tab.get_by_role("radio", name="No file").check()
    tab.get_by_role("textbox", name="Reply by").fill("")
    tab.get_by_text("Answer with a template").click()
    tab.get_by_label("Find", exact=True).fill("Welcome")
    template = tab.get_by_role("radio", name="Welcome", exact=True)
    template.check()
    tab.reload()
    expect(template).to_be_checked()
    expect(tab.locator("[name=media]:checked")).to_have_value("")
    tab.get_by_role("button", name="Send", exact=True).click()
    expect(tab.locator(".bubbles__item:target")).to_contain_text("Thank you for joining us!")
    tab.reload()
    expect(tab.locator("[name=mms]:checked")).to_have_value("")


def test_buttons_for_several_conversations_come_with_the_first_tick(tab: Page, portal, reached):
    tab.goto(f"{portal.address}/admin/campaigns/thread/?view=all")
    button = tab.get_by_role("button", name="Mark unread")
    hint = tab.get_by_text("Tick conversations")
    expect(hint).to_be_visible()
    expect(button).to_be_hidden()
    tab.keyboard.press("j")
    tab.keyboard.press("x")
    expect(button).to_be_visible()
    expect(hint).to_be_hidden()
    tab.set_viewport_size({"width": 390, "height": 844})
    expect(button).to_be_hidden()
    expect(tab.get_by_label("Came by")).to_be_hidden()
    tab.get_by_text("With those ticked (1)").click()
    expect(button).to_be_visible()
    tab.set_viewport_size({"width": 1280, "height": 900})
    expect(tab.get_by_label("Came by")).to_be_visible()


def test_who_sends_stop_is_taken_off_the_next_campaign(tab: Page, portal, visitor, sender, reached):
    tab.goto(f"{portal.sandbox}/phone/{LEAVES}/")
    tab.get_by_label("To", exact=True).select_option(sender)
    tab.get_by_role("button", name="Send STOP").click()
    tab.goto(f"{portal.address}/admin/campaigns/optout/?q=%2B{LEAVES}")
    reload_until(tab, "field-number_shown")

    page = visitor.draft("After the stop", [WRITES, LEAVES], sender=sender)
    tab.goto(f"{portal.address}/{page}")
    ladder = tab.locator(".ladder").inner_text()
    assert ladder.split() == (
        "On the lists and in the segments 2 Opted out − 1 Recipients 1".split()
    )
