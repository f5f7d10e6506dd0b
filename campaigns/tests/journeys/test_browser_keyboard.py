"""The portal without a mouse."""

import pytest
from playwright.sync_api import Page, expect
from running import wait_for
from tab import wait_for_refresh

pytestmark = [pytest.mark.journey, pytest.mark.browser]
MOST_STEPS = 40


def walk_to(tab: Page, words: str) -> None:
    """Press Tab until the focus is on what bears these words, and is seen to be there."""
    for _ in range(MOST_STEPS):
        tab.keyboard.press("Tab")
        focused = tab.locator(":focus")
        if focused.count() and words in (focused.inner_text(), focused.get_attribute("name")):
            outline = focused.evaluate("element => getComputedStyle(element).outlineStyle")
            shadow = focused.evaluate("element => getComputedStyle(element).boxShadow")
            assert (outline, shadow) != ("none", "none"), f"{words} does not show its focus"
            return
    raise AssertionError(f"“{words}” is not reached by {MOST_STEPS} steps of Tab.")


def test_the_keyboard_leads_from_the_login_to_a_saved_draft(open_tab, portal, sender):
    tab = open_tab(signed_in=False)
    tab.goto(portal.address)
    expect(tab.get_by_label("Username")).to_be_focused()
    tab.keyboard.type(portal.login)
    walk_to(tab, "password")
    tab.keyboard.type(portal.password)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Today")).to_be_visible()

    walk_to(tab, "New campaign")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/campaign/add/")
    walk_to(tab, "name")
    tab.keyboard.type("Without a mouse")
    walk_to(tab, "lists")
    tab.keyboard.press("Space")
    walk_to(tab, "Save and check")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Without a mouse")).to_be_visible()


def test_the_first_step_of_tab_skips_the_navigation(tab: Page, portal):
    tab.goto(f"{portal.address}/admin/")
    tab.keyboard.press("Tab")
    assert tab.locator(":focus").get_attribute("href") == "#content-start"


def test_what_refreshes_by_itself_keeps_the_focus(tab: Page, portal):
    tab.goto(f"{portal.address}/admin/")
    link = tab.locator("#live").get_by_role("link", name="Sandbox", exact=True)
    link.focus()
    wait_for_refresh(tab)
    expect(link).to_be_focused()


def test_one_key_judges_a_reply_only_where_the_focus_is(tab: Page, portal, visitor, sender):
    """Whoever presses O on the page, or says it, has not chosen anybody yet."""
    phone = "17045550155"
    visitor.launch("Judged by keyboard", [phone], sender=sender)
    wait_for("it to arrive", lambda: visitor.phone(phone))
    tab.goto(f"{portal.sandbox}/phone/{phone}/")
    tab.get_by_label("To", exact=True).select_option(sender)
    tab.get_by_label("Message", exact=True).fill("My lawyer will write")
    tab.get_by_role("button", name="Send", exact=True).click()
    page = "admin/campaigns/optoutreview/"
    wait_for("it to be judged", lambda: "My <mark>lawyer" in visitor.read(page))
    tab.goto(f"{portal.address}/{page}")
    card = tab.locator("[data-review]")
    tab.keyboard.press("o")
    expect(card).to_have_count(1)
    expect(tab).to_have_url(f"{portal.address}/{page}")
    tab.keyboard.press("ArrowDown")
    expect(card).to_be_focused()
    tab.keyboard.press("n")
    expect(tab.locator(".messagelist")).to_contain_text("is written to as before")
    expect(card).to_have_count(0)


def test_the_page_one_is_on_is_in_sight_in_a_rail_longer_than_the_window(portal, tab):
    tab.set_viewport_size({"width": 1400, "height": 500})
    tab.goto(f"{portal.address}/admin/campaigns/gatewaycall/")
    expect(tab.locator(".navigation [aria-current]")).to_be_in_viewport(ratio=0.9)
