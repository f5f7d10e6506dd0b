"""axe finds nothing serious on any page: by day and by night, wide and narrow."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from running import Portal, wait_for

from campaigns.rules.numbers import read_number

pytestmark = [pytest.mark.journey, pytest.mark.browser]

WIDTHS, SCHEMES = (1400, 390), ("light", "dark")
GRAVE = {"serious", "critical"}
#: axe looks at what is there; nothing has to be fetched for it.
OPTIONS = {"resultTypes": ["violations"], "preload": False}
#: The sender of the demo whose interface rehearses, as a pattern of its label.
REHEARSES = r"\+[\d -]+(?= \(SMS)"
MMS, MEDIA = "admin/campaigns/mms/", "admin/campaigns/mediafile/"

#: What the demo has: its first MMS has three slides with media, its first campaign is a draft.
PAGES = {
    "today": "admin/",
    "composer, empty": f"{MMS}add/",
    "composer, three slides with media": f"{MMS}1/change/",
    "composer, film and merge fields": f"{MMS}3/change/",
    "gallery": MMS,
    "gallery, nothing found": f"{MMS}?q=nothing+is+called+this",
    "versions": f"{MMS}1/versions/",
    "version": f"{MMS}1/versions/1/",
    "library": MEDIA,
    "library, nothing found": f"{MEDIA}?q=nothing+is+called+this",
    "library, upload": f"{MEDIA}add/",
    "file, picture": f"{MEDIA}1/change/",
    "file, sound": f"{MEDIA}2/change/",
    "campaigns": "admin/campaigns/campaign/",
    "campaign, new": "admin/campaigns/campaign/add/",
    "campaign, draft": "admin/campaigns/campaign/1/change/",
    "campaign, live": "admin/campaigns/campaign/2/change/",
    "outbox": "admin/campaigns/message/",
    "message": "admin/campaigns/message/1/change/",
    "contacts": "admin/campaigns/contact/",
    "contact": "admin/campaigns/contact/1/change/",
    "contact, new": "admin/campaigns/contact/add/",
    "likely duplicates": "admin/campaigns/contact/duplicates/",
    "contact, merge with": "admin/campaigns/contact/1/merge/?q=120",
    "contact, merge": "admin/campaigns/contact/1/merge/2/",
    "fields": "admin/campaigns/customfield/",
    "field, new": "admin/campaigns/customfield/add/",
    "lists": "admin/campaigns/contactlist/",
    "segments": "admin/campaigns/segment/",
    "segment, new": "admin/campaigns/segment/add/?campaign=2&how=not_replied",
    "imports": "admin/campaigns/contactimport/",
    "import, done": "admin/campaigns/contactimport/1/change/",
    "import, new": "admin/campaigns/contactimport/add/",
    "import, its people": "admin/campaigns/contactimport/1/people/made/",
    "import, undo": "admin/campaigns/contactimport/1/undo/",
    "inbox": "admin/campaigns/thread/?view=all",
    "inbox, nothing found": "admin/campaigns/thread/?q=nothing+is+called+this",
    "to judge": "admin/campaigns/optoutreview/",
    "opt-outs": "admin/campaigns/optout/",
    "opt-out, new": "admin/campaigns/optout/add/",
    "opt-outs, many": "admin/campaigns/optout/many/",
    "opt-outs, log": "admin/campaigns/optout/log/",
    "keywords": "admin/campaigns/keyword/",
    "keywords, a sentence tried": "admin/campaigns/keyword/?said=stop+by+tomorrow",
    "consent": "admin/campaigns/consent/",
    "consent, new": "admin/campaigns/consent/add/",
    "consent, evidence": "admin/campaigns/consent/evidence/?phone=%2B12015550123",
    "erase a person": "admin/campaigns/consent/person/erase/?phone=%2B12015550123",
    "limits": "admin/campaigns/policy/",
    "quiet hours": "admin/campaigns/quiethours/?where=Florida",
    "channels": "admin/campaigns/channel/",
    "channel": "admin/campaigns/channel/1/change/",
    "channel, Conversation API": "admin/campaigns/channel/2/change/",
    "channel, SMS REST API": "admin/campaigns/channel/3/change/",
    "channel, set-up": "admin/campaigns/channel/2/setup/",
    "channel, new": "admin/campaigns/channel/add/?kind=sinch_conversation",
    "callbacks": "admin/campaigns/webhookpost/",
    "queue": "admin/queue/",
    "requests": "admin/campaigns/gatewaycall/",
    "audit": "admin/campaigns/auditentry/",
}


@pytest.fixture
def tab(open_tab) -> Page:
    """Signed in; without the policy, which forbids the styles that axe tries things with. Every
    other journey goes through the same pages under the policy."""
    return open_tab(signed_in=True, bypass_csp=True)


def find_grave(tab: Page) -> list[str]:
    """What axe holds for serious or critical on the page as it is now."""
    violations = Axe().run(tab, options=OPTIONS).response["violations"]
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in violations
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def look_at(tab: Page) -> list[str]:
    """The same in every light and width; what moves is waited for."""
    found = []
    for scheme in SCHEMES:
        for width in WIDTHS:
            tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            tab.set_viewport_size({"width": width, "height": 900})
            tab.evaluate(
                """() => Promise.allSettled(document.getAnimations()
                    .filter((moving) => moving.effect.getTiming().iterations !== Infinity)
                    .map((moving) => moving.finished))"""
            )
            found += [f"{scheme}, {width} px: {words}" for words in find_grave(tab)]
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_nothing_serious(tab: Page, portal, name: str):
    tab.goto(f"{portal.address}/{PAGES[name]}")
    assert look_at(tab) == []


def test_the_sign_in_has_nothing_serious(open_tab, portal):
    tab = open_tab(signed_in=False, bypass_csp=True)
    tab.goto(portal.address)
    assert look_at(tab) == []
    tab.get_by_label("Username").fill("nobody")
    tab.get_by_label("Password").fill("wrong")
    tab.keyboard.press("Enter")
    expect(tab.locator(".errornote")).to_be_visible()
    assert look_at(tab) == []


# --- What is opened on the composer --------------------------------------------------------------


def open_picker(tab: Page) -> None:
    tab.get_by_role("button", name="Choose from the library").first.click()
    expect(tab.locator("#picker .tile").first).to_be_visible()


def open_merge_menu(tab: Page) -> None:
    tab.get_by_role("button", name="Insert a field into the subject").click()
    expect(tab.locator("#merge-menu")).to_be_visible()


def check_everything(tab: Page) -> None:
    tab.get_by_role("button", name="Check that it arrives").click()
    expect(tab.locator(".arrival__answer")).to_be_visible()
    for summary in tab.locator(".arrival__answer summary").all():
        summary.click()


def check_and_go_on(tab: Page) -> None:
    check_everything(tab)
    tab.get_by_role("textbox", name="Subject").fill("WINTER SALE bit.ly/x")
    expect(tab.locator(".check--outdated")).to_be_visible()


def break_every_rule(tab: Page) -> None:
    tab.get_by_role("textbox", name="Subject").fill("ÉTÉ " * 25)
    tab.locator("#slide-1-text").fill("{{ first_name")
    tab.locator("#fallback_text").fill("")
    expect(tab.locator("#composer-check .finding--bad")).not_to_have_count(0)


OPENED: dict[str, Callable[[Page], None]] = {
    "picker": open_picker,
    "merge menu": open_merge_menu,
    "answer of the check": check_everything,
    "outdated answer": check_and_go_on,
    "many problems": break_every_rule,
}


@pytest.mark.parametrize("name", OPENED)
def test_what_is_opened_on_the_composer_has_nothing_serious(tab: Page, portal, name: str):
    tab.goto(f"{portal.address}/{MMS}1/change/")
    OPENED[name](tab)
    assert look_at(tab) == []


@pytest.mark.parametrize("format", ["Text", "File", "Card", "Cards in a row", "Place"])
def test_a_format_has_nothing_serious(tab: Page, portal, format: str):
    tab.goto(f"{portal.address}/{MMS}add/")
    tab.get_by_role("button", name=format, exact=True).click()
    expect(tab.locator(".format[aria-pressed=true]")).to_have_text(format)
    assert look_at(tab) == []


def test_choices_of_every_kind_have_nothing_serious(tab: Page, portal):
    tab.goto(f"{portal.address}/{MMS}add/")
    tab.get_by_role("button", name="Question with choices", exact=True).click()
    for number, kind in enumerate(("text", "url", "call", "location"), 1):
        tab.get_by_role("button", name="Add a choice").click()
        tab.locator(f"#choice-{number}-title").fill(f"Choice {number}")
        tab.locator(f"#choice-{number}-kind").select_option(kind)
    tab.locator("#choice-1 summary").click()
    expect(tab.locator("#choice-1-postback")).to_be_visible()
    assert look_at(tab) == []


def test_a_preview_on_a_phone_has_nothing_serious(tab: Page, portal):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(f"{portal.address}/{MMS}1/change/")
    tab.get_by_role("button", name="Preview", exact=True).click()
    expect(tab.locator("#preview")).to_be_visible()
    assert find_grave(tab) == []


def test_a_conflict_has_nothing_serious(tab: Page, portal):
    tab.goto(f"{portal.address}/{MMS}add/")
    name_it(tab, "Written by two")
    tab.wait_for_url(re.compile("/change/"))
    other = tab.context.new_page()
    other.goto(tab.url)
    other.get_by_role("textbox", name="Subject").fill("Theirs")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator(".messagelist")).to_contain_text("is saved")
    tab.get_by_role("textbox", name="Subject").fill("Mine")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator("#conflict-title")).to_be_visible()
    assert look_at(tab) == []


def test_the_preview_of_an_import_has_nothing_serious(tab: Page, portal):
    tab.goto(f"{portal.address}/{PAGES['import, new']}")
    people = b"Phone;Name;Age\n12065550170;Ann;31\n12345;Bo;4\n12065550170;Cy;\n"
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": people}
    tab.locator("input[type=file]").set_input_files(file)
    tab.get_by_label("Name of the new list").fill("Looked at by axe")
    tab.get_by_role("button", name="Look at the file").click()
    tab.locator("#change-reading summary").click()
    assert look_at(tab) == []
    tab.get_by_label("How they agreed").select_option("web")
    tab.get_by_role("button", name="Import 1 contact").click()
    expect(tab.get_by_text("Write down the words they agreed to.")).to_be_visible()
    assert look_at(tab) == []


def test_a_conversation_has_nothing_serious(tab: Page, portal, visitor, sender):
    phone = "17055550172"
    page = visitor.launch("Looked at by axe, answered", [phone], sender=sender)
    wait_for("it to arrive", lambda: visitor.counts(page).get("Delivered") == 1)
    tab.goto(f"{portal.sandbox}/phone/{phone}/")
    tab.get_by_label("To", exact=True).select_option(sender)
    tab.get_by_label("Message", exact=True).fill("Is it open?")
    tab.get_by_role("button", name="Send", exact=True).click()
    inbox = f"{portal.address}/admin/campaigns/thread/?q=%2B{phone}"

    def has_come() -> bool:
        tab.goto(inbox)
        return tab.locator(".thread__link").count() == 1

    wait_for("the reply", has_come)
    assert look_at(tab) == []
    tab.locator(".thread__link").click()
    for summary in tab.locator(".conversation summary").all():
        summary.click()
    tab.get_by_label("Label", exact=True).fill("Looked at by axe")
    tab.get_by_role("button", name="Add", exact=True).click()
    expect(tab.locator(".label")).to_be_visible()
    assert look_at(tab) == []
    tab.get_by_label("Reply by").fill("Yes, it is ✓")
    tab.get_by_role("button", name="Send", exact=True).click()
    expect(tab.locator(".bubbles__item--ours").last).to_contain_text("Yes, it is")
    assert look_at(tab) == []


def test_a_start_to_come_and_a_missed_one_have_nothing_serious(tab: Page, portal, visitor, sender):
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    start = {"start": "at", "starts_at_0": tomorrow, "starts_at_1": "12:00"}
    page = visitor.draft("Looked at by axe, later", ["17055550171"], sender=sender, **start)
    visitor.press(page, "../launch", expected="1")
    wait_for("the campaign to be scheduled", lambda: visitor.status(page) == "Scheduled")
    tab.goto(f"{portal.address}/{page}")
    tab.get_by_text("Move the start").first.click()
    assert look_at(tab) == []
    let_it_be_missed(portal, read_number(page.split("/")[-3]))
    wait_for("a person to be asked", lambda: "and did not" in visitor.read(page))
    tab.goto(f"{portal.address}/{page}")
    expect(tab.get_by_role("button", name="Start now")).to_be_visible()
    assert look_at(tab) == []


def test_a_rehearsed_draft_has_nothing_serious(tab: Page, portal, visitor):
    phones = ["17055550173", "17055550101"]
    page = visitor.draft("Looked at by axe, rehearsed", phones, sender=REHEARSES)
    tab.goto(f"{portal.address}/{page}")
    expect(tab.locator("#rehearsal")).to_contain_text("Sinch rehearsed the messages")
    assert look_at(tab) == []


def test_a_stopped_campaign_has_nothing_serious(tab: Page, portal, visitor, sender):
    phones = [f"17065550{ending}" for ending in range(100, 160)]
    page = visitor.launch("Looked at by axe, stopped", phones, sender=sender)
    visitor.press(page, "../stop")
    wait_for("it to be stopped", lambda: visitor.status(page) == "Stopped")
    tab.goto(f"{portal.address}/{page}")
    expect(tab.locator("#live .page-head .pill").first).to_have_text("Stopped")
    assert look_at(tab) == []


def let_it_be_missed(portal: Portal, campaign: int) -> None:
    """As if the portal had been off for three days."""
    days = "UPDATE {0} SET {1} = datetime({1}, '-3 days') WHERE {2} = ?"
    with closing(sqlite3.connect(portal.data / "portal.sqlite3", timeout=20)) as base, base:
        base.execute(days.format("campaigns_campaign", "filled_at", "id"), [campaign])
        base.execute(days.format("campaigns_message", "send_after", "campaign_id"), [campaign])
        base.execute(days.format("campaigns_wave", "starts_at", "campaign_id"), [campaign])


def name_it(tab: Page, name: str) -> None:
    tab.get_by_role("textbox", name="Name").fill(name)
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator(".messagelist")).to_contain_text("is saved")
