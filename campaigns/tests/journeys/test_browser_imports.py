"""An import in a browser, without a mouse: from the file to the result, and back."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.browser]
ADD = "admin/campaigns/contactimport/add/"
MOST_STEPS = 60
PEOPLE = "Phone;Name;Town\n" + "\n".join(
    [f"(206) 555-01{number:02};Ann Lee;Köln" for number in range(30, 60)]
    + ["12345;Bo;Rome", "(206) 555-0130;Anna;", "(206) 555-0161 x5;Cy;Oslo"]
)


def step_to(tab: Page, name: str) -> None:
    """Press Tab until what is called this has the focus."""
    wanted = tab.get_by_label(name, exact=True).or_(tab.get_by_role("button", name=name))
    wanted = wanted.or_(tab.get_by_role("link", name=name)).first
    for _ in range(MOST_STEPS):
        tab.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"“{name}” is not reached by {MOST_STEPS} steps of Tab.")


def upload(tab: Page, portal, list_name: str, text: str = PEOPLE) -> None:
    tab.goto(f"{portal.address}/{ADD}")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    tab.get_by_label("Drop a file here, or choose one").set_input_files(file)
    step_to(tab, "Name of the new list")
    tab.keyboard.type(list_name)
    step_to(tab, "Look at the file")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Check people.csv")).to_be_visible()


def test_an_import_and_its_undo_without_a_mouse(tab: Page, portal):
    upload(tab, portal, "Without a mouse")
    expect(tab.locator("#reading")).to_contain_text("UTF-8 with a byte order mark")
    expect(tab.locator("#reading")).to_contain_text("columns parted by semicolons")

    step_to(tab, "Town")
    tab.keyboard.type("Do not")  # how a select is chosen from
    expect(tab.get_by_label("Town", exact=True)).to_have_value("")
    expect(tab.locator("#preview-said")).to_contain_text("30 contacts")
    expect(tab.get_by_label("Town", exact=True)).to_be_focused()

    step_to(tab, "How they agreed")
    tab.keyboard.type("Form on paper")
    step_to(tab, "The exact words they agreed to")
    tab.keyboard.type("Text me offers.")
    step_to(tab, "Import 30 contacts")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("Say where they agreed")).to_be_visible()  # nothing typed is lost
    expect(tab.get_by_label("The exact words they agreed to")).to_have_value("Text me offers.")
    step_to(tab, "Where")
    tab.keyboard.type("The spring fair")
    step_to(tab, "Since when")
    tab.keyboard.type("05012026")
    step_to(tab, "Import 30 contacts")
    tab.keyboard.press("Enter")

    expect(tab.get_by_role("heading", name="30 contacts imported")).to_be_visible(timeout=30_000)
    expect(tab.get_by_text("Form on paper, The spring fair, since 1 May 2026")).to_be_visible()
    step_to(tab, "Undo this import …")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("30 contacts that this import made are removed.")).to_be_visible()
    step_to(tab, "Undo the import")
    tab.keyboard.press("Enter")
    undone = tab.get_by_role("region", name="Undone")
    expect(undone).to_contain_text("Contacts removed30", timeout=30_000)


def test_a_file_that_is_too_large_is_refused_before_it_travels(tab: Page, portal):
    tab.goto(f"{portal.address}/{ADD}")
    file = tab.get_by_label("Drop a file here, or choose one")
    file.evaluate("input => { input.dataset.most = '5'; }")
    file.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"Phone\n1\n"})
    expect(tab.get_by_role("alert")).to_contain_text("larger than 100 MB")
    assert file.evaluate("input => input.files.length") == 0


def test_the_questions_follow_the_answer(tab: Page, portal):
    upload(tab, portal, "Questions")
    method, words = tab.get_by_label("How they agreed"), tab.get_by_label("The exact words")
    expect(words).to_be_hidden()
    method.select_option("web")
    expect(words).to_be_visible()
    method.select_option("nobody")
    expect(words).to_be_hidden()
    expect(tab.get_by_text("They become contacts without consent")).to_be_visible()


def test_a_preview_does_not_widen_a_phone(open_tab, portal):
    tab = open_tab(signed_in=True, viewport={"width": 390, "height": 800})
    many = ",".join(["Phone", *(f"Eine recht lange Überschrift {n}" for n in range(40))])
    upload(tab, portal, "Wide", f"{many}\n12065550170{',x' * 40}\n12345{',y' * 40}\n")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
