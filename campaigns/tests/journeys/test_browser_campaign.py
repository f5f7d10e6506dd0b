"""A campaign in a browser: launched, watched to its end, paused, resumed, stopped."""

import pytest
from playwright.sync_api import Page, expect
from running import wait_for
from tab import wait_for_refresh

from campaigns.rules.looks import write_number
from campaigns.rules.statuses import MessageStatus

pytestmark = [pytest.mark.journey, pytest.mark.browser]
STOPPED = MessageStatus.CANCELLED.label


def many_phones(*areas: int) -> list[str]:
    return [f"1{area}55501{ending:02d}" for area in areas for ending in range(60)]


def pill(tab: Page):
    return tab.locator("#live .page-head .pill")


def launch(tab: Page, count: int) -> None:
    tab.get_by_role("button", name=f"Send {count} messages").click()
    tab.get_by_role("dialog").get_by_role("button", name=f"Send {count} messages").click()
    tab.wait_for_selector("#live")


def test_a_campaign_is_launched_and_watched_until_everybody_is_settled(
    tab: Page, portal, visitor, sender
):
    endings = ["00", "01", "02", "60", "61", "66", "80"]
    visitor.import_list("Everybody we know", [f"171655501{ending}" for ending in endings])
    tab.goto(portal.address)
    tab.get_by_role("link", name="New campaign").click()
    tab.get_by_role("textbox", name="Name").fill("Watched")
    tab.get_by_role("checkbox", name="Everybody we know").check()
    tab.get_by_label("MMS", exact=True).select_option(label="Welcome")
    tab.get_by_label("From", exact=True).select_option(label=f"{write_number(sender)} (Journeys)")
    tab.get_by_role("button", name="Save and check").click()
    expect(tab.get_by_text("Nothing stands in the way.")).to_be_visible()
    launch(tab, len(endings))

    visitor.wait_until_done(visitor.path_of(tab.url))
    expect(pill(tab).first).to_have_text("Done", timeout=10_000)
    counts = {"Delivered": 3, "Delivered as SMS": 1, "No receipt": 1, "Failed": 2}
    for state, count in counts.items():
        item = tab.locator(".states a", has=tab.get_by_text(state, exact=True))
        expect(item.locator(".states__count")).to_have_text(str(count))
    expect(tab.locator("#live")).to_contain_text("Sinch does not accept the recipient's number")
    tab.locator(".states a", has=tab.get_by_text("Failed", exact=True)).click()
    expect(tab.locator("#result_list tbody tr")).to_have_count(2)
    expect(tab.locator("#result_list")).to_contain_text("The carrier refused it")


def test_a_pause_holds_within_two_seconds_and_resuming_finishes(tab: Page, portal, visitor, sender):
    page = visitor.launch("Paused half way", many_phones(309, 312, 410, 513), sender=sender)
    tab.goto(f"{portal.address}/{page}")
    tab.get_by_role("button", name="Pause").click()
    tab.wait_for_timeout(2000)  # the time that is promised
    waiting = visitor.counts(page)["Waiting"]
    tab.wait_for_timeout(1000)
    assert visitor.counts(page)["Waiting"] == waiting > 0
    expect(pill(tab)).to_have_text("Paused")

    tab.get_by_role("button", name="Resume").click()
    wait_for("the rest to go out", lambda: "Waiting" not in visitor.counts(page))
    wait_for("receipts", lambda: visitor.counts(page) == {"Delivered": 240})


def test_stopping_spares_everybody_who_still_waits(tab: Page, portal, visitor, sender):
    page = visitor.launch("Stopped half way", many_phones(614, 713, 818, 919), sender=sender)
    wait_for("the first to have it", lambda: visitor.counts(page).get("Delivered"))
    tab.goto(f"{portal.address}/{page}")
    tab.get_by_role("button", name="Stop the rest").click()
    wait_for_refresh(tab)  # who thinks about it a little longer is heard too
    tab.get_by_role("dialog").get_by_role("button", name="Stop the rest").click()
    expect(pill(tab)).to_have_text(STOPPED)

    def settled() -> bool:
        return set(visitor.counts(page)) == {"Delivered", STOPPED}

    wait_for("everybody to be settled", settled)
    assert sum(visitor.counts(page).values()) == 240
