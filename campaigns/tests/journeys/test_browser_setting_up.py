"""The first hour with the portal in a browser: sign in, add a channel, import people."""

import re

import pytest
from playwright.sync_api import Page, expect

from campaigns.management.demo_channels import KEY, SENDER, SERVICE

pytestmark = [pytest.mark.journey, pytest.mark.browser]

WORKS = "The connection works"
#: As somebody's spreadsheet saves it: a byte order mark, semicolons, quotes, and mistakes.
MESSY = "\r\n".join(
    (
        "\ufeffMobile;First name;City",
        '"+1 (415) 555-0101";"Ann ""the first""";"Paris; Texas"',
        "1 415 555 0102;Björn;Malmö",
        "(415) 555-0102;Björn Again;Malmö",
        "12345;Cut short;",
        "+1 415 555 0103 ext. 7;Extended;",
        "call me;Dora;",
        ";Nobody;",
    )
)


def test_who_signs_in_sees_today(open_tab, portal):
    tab = open_tab(signed_in=False)
    tab.goto(portal.address)
    tab.get_by_label("Username").fill(portal.login)
    tab.get_by_label("Password").fill(portal.password)
    tab.get_by_role("button", name="Log in").click()
    expect(tab.get_by_role("heading", name="Today")).to_be_visible()
    expect(tab.get_by_role("heading", name="Needs you")).to_be_visible()
    expect(tab.get_by_role("link", name="New campaign")).to_be_visible()


def test_a_channel_is_added_and_its_connection_tested(tab: Page, portal):
    tab.goto(f"{portal.address}/admin/campaigns/channel/add/")
    tab.get_by_label("Name", exact=True).fill("Second account")
    tab.get_by_label("Base URL").fill(f"{portal.sandbox}/ep/v2/")
    tab.get_by_label("key").fill(KEY)
    tab.get_by_text("Further settings").click()
    tab.get_by_label("Service id").fill(SERVICE)
    tab.get_by_label("Requests per second").fill("5")
    tab.locator("#id_senders-0-number").fill(f"+{SENDER}")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator(".messagelist")).to_contain_text("Saved.")
    tab.get_by_role("button", name="Save and test").click()
    expect(tab.locator(".messagelist")).to_contain_text(WORKS)

    tab.get_by_label("key").fill("not the key")
    tab.get_by_role("button", name="Save and test").click()
    expect(tab.locator(".messagelist")).to_contain_text("does not know this API key")
    assert KEY not in tab.content()


def test_another_interface_keeps_what_was_typed_but_no_secret(tab: Page, portal):
    tab.goto(f"{portal.address}/admin/campaigns/channel/add/?kind=sinch_conversation")
    tab.get_by_label("Name", exact=True).fill("Third account")
    tab.locator("#id_requests_per_second").fill("7")
    tab.locator("#id_senders-0-number").fill("+12015550142")
    tab.locator("#id_setting_region").select_option("eu")
    tab.locator("#id_secret_callback_secret").fill("canary-secret")
    tab.locator("#id_kind").select_option("sinch_sms")
    expect(tab.locator("#id_setting_service_plan_id")).to_be_visible()
    expect(tab.get_by_label("Name", exact=True)).to_have_value("Third account")
    expect(tab.locator("#id_requests_per_second")).to_have_value("7")
    expect(tab.locator("#id_senders-0-number")).to_have_value("+12015550142")
    expect(tab.locator("#id_setting_region")).to_have_value("eu")
    expect(tab.locator("#id_base_url")).to_have_value("https://eu.sms.api.sinch.com/")
    expect(tab.locator("#id_secret_callback_secret")).to_have_value("")
    assert "canary-secret" not in tab.url + tab.evaluate("JSON.stringify(sessionStorage)")


def test_a_messy_file_is_imported_with_a_reason_for_every_row_left_out(tab: Page, portal):
    tab.goto(f"{portal.address}/admin/campaigns/contactimport/add/")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": MESSY.encode()}
    tab.get_by_label("File").set_input_files(file)
    tab.get_by_label("Name of the new list").fill("From a spreadsheet")
    tab.get_by_role("button", name="Look at the file").click()
    expect(tab.get_by_label("Columns are parted by")).to_have_value(";")
    expect(tab.get_by_text("1 row with a number that is in the file already")).to_be_visible()
    tab.get_by_label("How they agreed").select_option("web")
    tab.get_by_label("The exact words they agreed to").fill("Yes, text me offers.")
    tab.get_by_label("Where", exact=True).fill("https://shop.example")
    tab.get_by_label("Since when").fill("2026-01-05")
    tab.get_by_role("button", name="Import 2 contacts").click()

    expect(tab.get_by_role("heading", name="2 contacts imported")).to_be_visible(timeout=20_000)
    expect(tab.get_by_role("heading", name="4 rows not imported")).to_be_visible()
    reasons = tab.locator(".import-table__why").all_inner_texts()
    assert len(reasons) == 4
    assert all(re.match(r"[A-Z].{10,}\.$", reason) for reason in reasons), reasons
    tab.get_by_role("link", name="From a spreadsheet").click()
    expect(tab.get_by_text("From a spreadsheet").first).to_be_visible()
