"""The newer interfaces from end to end: an MMS whose STOP comes back as SMS, and a thousand people
in one batch."""

import re

import pytest
from playwright.sync_api import Page, expect
from running import wait_for

pytestmark = pytest.mark.journey
AREAS = (225, 228, 229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269)
#: Endings up to 59 deliver; 17 areas make 1,020 numbers.
REACHED = [f"1{area}55501{ending:02}" for area in AREAS for ending in range(60)]
#: Unroutable, refused by the network, and the handset does not recognise it.
FAILING = ["12705550165", "12705550166", "12705550173"]
STOPS, STAYS = "12765550195", "12765550101"


def open_conversation(visitor) -> str:
    """A channel to a Conversation app of the journeys' own, set up from its page."""
    portal, sender = visitor.portal, "14065550100"
    account = ("--project-id", "journeys", "--app-id", "01K8J0VRNEYSANDB0X0APP0001")
    key = ("--key-id", "journey-key", "--key-secret", "journey-secret")
    portal.manage("sandbox_conversation", *account, *key, "--sender", sender)
    page = visitor.add_channel_of(
        "sinch_conversation",
        "Journeys by conversation",
        base_url=f"{portal.sandbox}/conversation/us/",
        sender=sender,
        setting_project_id="journeys",
        setting_app_id="01K8J0VRNEYSANDB0X0APP0001",
        setting_region="us",
        setting_key_id="journey-key",
        setting_auth_url=f"{portal.sandbox}/oauth2/token",
        secret_key_secret="journey-secret",
        secret_callback_secret="journey-callbacks",
    )
    visitor.set_up(page)
    return sender


def open_plan(visitor) -> str:
    """A channel to a service plan of the journeys' own, fast enough for a full batch."""
    portal, sender = visitor.portal, "14075550100"
    page = visitor.add_channel_of(
        "sinch_sms",
        "Journeys by batches",
        base_url=f"{portal.sandbox}/sms/us/",
        sender=sender,
        rate=1000,
        setting_service_plan_id="journeys",
        secret_api_token="journey-token",
        secret_callback_secret="journey-callbacks",
    )
    hook = visitor.hook_of(page)
    plan = ("--plan", "journeys", "--token", "journey-token", "--sender", sender)
    signed = ("--callback-url", hook, "--callback-secret", "journey-callbacks")
    portal.manage("sandbox_sms_plan", *plan, *signed)
    return sender


def batches_of(visitor) -> list[int]:
    """How many people each request carried, as the pretend Sinch knows."""
    answer = visitor.web.get(
        f"{visitor.portal.sandbox}/sms/us/xms/v1/journeys/batches",
        headers={"Authorization": "Bearer journey-token"},
    )
    return [len(batch["to"]) for batch in answer.json()["batches"]]


def test_a_stop_that_comes_as_sms_ends_everything(visitor):
    sender = open_conversation(visitor)
    page = visitor.launch("By conversation", [STOPS, STAYS], sender=sender)
    wait_for("both to be delivered", lambda: visitor.counts(page).get("Delivered") == 2, 60)
    wait_for("the opt-out", lambda: visitor.opted_out(STOPS))
    said = visitor.web.get(f"{visitor.portal.sandbox}/phone/{STOPS}/").text()
    assert re.search(r"sandbox-bubble--mine.{0,400}?SMS.{0,400}?STOP", said, re.DOTALL)

    # Out everywhere: on a channel of another interface, too.
    later = visitor.draft("After the stop, by MMS", [STOPS, STAYS], sender="12015550100")
    assert re.search(r"Opted out.{0,200}?1", visitor.read(later), re.DOTALL)


def test_a_thousand_in_one_batch_of_which_three_fail(visitor):
    sender, people = open_plan(visitor), [*REACHED[:997], *FAILING]
    page = visitor.launch("A thousand", people, sender=sender)
    done = {"Delivered": 997, "Failed": 3}
    wait_for("all receipts", lambda: visitor.counts(page) == done, 120)
    assert batches_of(visitor) == [1000]
    asked = ("poll_inbounds", "--channel", "Journeys by batches", "--hours", "2")
    assert visitor.portal.output(*asked) == "Journeys by batches: 0 new\n"
    assert visitor.counts(page) == done


@pytest.mark.browser
def test_a_campaign_by_conversation_is_read_and_answered_in_a_browser(tab: Page, visitor, portal):
    """The bar, the reply that came as SMS, and the person who is out."""
    tab.goto(f"{portal.address}/admin/campaigns/campaign/")
    tab.get_by_role("link", name="By conversation", exact=True).click()
    expect(tab.get_by_text("Delivered").first).to_be_visible()
    tab.goto(f"{portal.address}/admin/campaigns/optout/?q=%2B{STOPS}")
    expect(tab.locator("tbody tr")).to_have_count(1)
    tab.get_by_role("link", name="Inbox").click()
    tab.get_by_role("link", name="STOP").first.click()
    expect(tab.get_by_text("SMS").first).to_be_visible()
    expect(tab.get_by_text("opted out", exact=False).first).to_be_visible()
