"""Files reach the library in every way, are found again, replaced, and made to fit."""

import base64
import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tab import Watch

from campaigns.services.samples import sample_vcard

pytestmark = [pytest.mark.journey, pytest.mark.browser]

#: Makes files in the page and lets go of them over it, or pastes them into it.
ARRIVE = """
(target, [verb, files]) => {
  const carried = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
    carried.items.add(new File([bytes], name));
  }
  if (verb === "paste") {
    const pasted = { clipboardData: carried, bubbles: true, cancelable: true };
    return target.dispatchEvent(new ClipboardEvent("paste", pasted));
  }
  for (const name of ["dragover", "drop"]) {
    const dragged = { dataTransfer: carried, bubbles: true, cancelable: true };
    target.dispatchEvent(new DragEvent(name, dragged));
  }
}
"""


#: Notes how many files have a bar of their own at once.
COUNT_BARS = """
(body) => {
  body.mostBars = 0;
  const count = () => body.querySelectorAll(".upload progress").length;
  const look = () => { body.mostBars = Math.max(body.mostBars, count()); };
  new MutationObserver(look).observe(body, { childList: true, subtree: true });
}
"""


def picture(seed: int, *, side: int = 60) -> bytes:
    """A picture that no other test has."""
    file = io.BytesIO()
    Image.new("RGB", (side, side + seed), (seed * 7 % 256, 90, 120)).save(file, "JPEG")
    return file.getvalue()


def heavy_picture() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((1500, 1400), 90).convert("RGB").save(file, "JPEG", quality=92)
    return file.getvalue()


def chosen(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def arrive(tab: Page, verb: str, files: dict[str, bytes]) -> None:
    packed = [[name, base64.b64encode(content).decode()] for name, content in files.items()]
    tab.locator("body").evaluate(ARRIVE, [verb, packed])


def open_library(tab: Page, portal, asked: str = "") -> Page:
    tab.goto(f"{portal.address}/admin/campaigns/mediafile/{asked}")
    return tab


@pytest.fixture
def library(tab: Page, portal) -> Page:
    return open_library(tab, portal)


@pytest.fixture
def troubled(chromium, portal, visitor):
    """The library where uploads go wrong: nothing else may."""
    context = chromium.new_context(storage_state=visitor.web.storage_state())
    watch = Watch(context, {portal.address, portal.sandbox})
    yield open_library(context.new_page(), portal)
    context.close()
    expected = ("/mediafile/upload/", "Failed to load resource")
    assert [words for words in watch.complaints if not any(e in words for e in expected)] == []


def sign_in(tab: Page, portal) -> None:
    tab.goto(f"{portal.address}/admin/login/")
    tab.get_by_label("Username").fill(portal.login)
    tab.get_by_label("Password").fill(portal.password)
    tab.get_by_role("button", name="Log in").click()
    expect(tab.locator("#logout-form")).to_be_attached()


def tile(tab: Page, name: str):
    return tab.locator("#gallery > li").filter(has_text=name)


def line(tab: Page):
    return tab.locator(".uploads__line")


# --- Arriving ----------------------------------------------------------------------------------


def test_several_files_are_chosen_and_slide_in_without_a_reload(library: Page):
    library.locator("body").evaluate("body => { body.dataset.isSame = 'yes'; }")
    files = [chosen(f"chosen-{n}.jpg", picture(n)) for n in range(1, 6)]
    library.locator("#library-files").set_input_files(files)
    expect(line(library)).to_have_text("5 of 5 files uploaded")
    for n in range(1, 6):
        expect(tile(library, f"chosen-{n}.jpg")).to_contain_text("fine on all carriers")
    expect(library.locator("body[data-is-same]")).to_have_count(1)
    expect(library.locator(".uploads [role=status]")).to_have_text("5 of 5 files uploaded")


def test_files_are_dropped_anywhere_on_the_page(library: Page):
    arrive(library, "drop", {"dropped-1.jpg": picture(11), "dropped-2.jpg": picture(12)})
    expect(tile(library, "dropped-1.jpg")).to_be_visible()
    expect(tile(library, "dropped-2.jpg")).to_be_visible()
    expect(library.locator(".is-drop")).to_have_count(0)


def test_a_picture_is_pasted(library: Page):
    arrive(library, "paste", {"image.png": picture(13)})
    expect(tile(library, "image.png")).to_be_visible()
    expect(library.locator(".uploads")).to_contain_text("really JPG")


def test_forty_files_travel_three_at_a_time_and_are_counted_in_one_line(library: Page):
    library.locator("body").evaluate(COUNT_BARS)
    files = [chosen(f"lot-{n}.jpg", picture(n, side=70)) for n in range(40)]
    library.locator("#library-files").set_input_files(files)
    expect(line(library)).to_have_text("40 of 40 files uploaded", timeout=30_000)
    expect(library.locator("#gallery > li").filter(has_text="lot-")).to_have_count(40)
    assert library.locator("body").evaluate("body => body.mostBars") == 3


def test_the_same_file_twice_is_one_tile(library: Page):
    library.locator("#library-files").set_input_files(chosen("once.jpg", picture(14)))
    expect(line(library)).to_have_text("1 of 1 file uploaded")
    library.locator("#library-files").set_input_files(chosen("twice.jpg", picture(14)))
    expect(library.locator(".uploads")).to_contain_text(
        "“twice.jpg” was here already, as “once.jpg”."
    )
    expect(tile(library, "once.jpg")).to_have_count(1)


# --- Refused -----------------------------------------------------------------------------------


def test_a_refusal_stays_with_its_name_and_stops_no_other(troubled: Page):
    files = [
        chosen("page.jpg", b"<!doctype html><title>Not a picture</title>"),
        chosen("empty.jpg", b""),
        chosen("good.jpg", picture(21)),
    ]
    troubled.locator("#library-files").set_input_files(files)
    expect(line(troubled)).to_have_text("1 of 3 files uploaded · 2 refused")
    refusals = troubled.locator(".upload--refused")
    expect(refusals.filter(has_text="page.jpg")).to_contain_text("This is a web page")
    expect(refusals.filter(has_text="empty.jpg")).to_contain_text("The file is empty.")
    expect(tile(troubled, "good.jpg")).to_be_visible()
    troubled.get_by_role("button", name="Clear").last.click()
    expect(troubled.locator(".uploads")).to_have_count(0)
    expect(troubled.locator("#library-files")).to_be_focused()


def test_a_file_above_the_limit_does_not_travel(library: Page):
    library.locator("#library-zone").evaluate("zone => { zone.dataset.uploadMax = '10'; }")
    library.locator("#library-files").set_input_files(chosen("film.mp4", picture(22)))
    expect(library.locator(".upload--refused")).to_contain_text(
        "It is larger than 104.9 MB, the most that can be uploaded."
    )


@pytest.mark.parametrize(("seed", "gone"), [(23, {}), (26, {"name": "magpie-session"})])
def test_who_is_signed_out_meanwhile_is_told_and_tries_again(troubled: Page, portal, seed, gone):
    troubled.context.clear_cookies(**gone)
    name = f"late-{seed}.jpg"
    troubled.locator("#library-files").set_input_files(chosen(name, picture(seed)))
    refused = troubled.locator(".upload--refused")
    expect(refused).to_contain_text("You are signed out.")
    other = troubled.context.new_page()
    sign_in(other, portal)
    refused.get_by_role("button", name="Try again").click()
    expect(tile(troubled, name)).to_be_visible()
    expect(line(troubled)).to_have_text("1 of 1 file uploaded")


def test_a_connection_that_breaks_off_is_told_and_the_file_tried_again(troubled: Page):
    troubled.route("**/upload/", lambda route: route.abort())
    troubled.locator("#library-files").set_input_files(chosen("broken.jpg", picture(24)))
    refused = troubled.locator(".upload--refused")
    expect(refused).to_contain_text("The connection broke off.")
    troubled.unroute("**/upload/")
    refused.get_by_role("button", name="Try again").click()
    expect(tile(troubled, "broken.jpg")).to_be_visible()


def test_leaving_while_files_travel_is_asked_about(troubled: Page):
    asked = []
    troubled.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    troubled.route("**/upload/", lambda route: None)
    troubled.locator("#library-files").set_input_files(chosen("slow.jpg", picture(25)))
    expect(troubled.locator(".upload progress")).to_be_visible()
    troubled.goto("about:blank")
    assert asked == ["beforeunload"]


def test_who_signed_in_anew_in_another_tab_notices_nothing(troubled: Page, portal):
    troubled.context.clear_cookies()  # the session that is ended below is its own
    sign_in(troubled, portal)
    open_library(troubled, portal)
    other = troubled.context.new_page()
    other.goto(portal.address)
    other.locator("#logout-form button").click()
    sign_in(other, portal)
    troubled.locator("#library-files").set_input_files(chosen("again.jpg", picture(27)))
    expect(tile(troubled, "again.jpg")).to_be_visible()
    expect(line(troubled)).to_have_text("1 of 1 file uploaded")


# --- Finding, tidying --------------------------------------------------------------------------


def test_a_file_is_tagged_by_typing_and_found_by_its_tag(library: Page):
    library.locator("#library-files").set_input_files(chosen("tulip.jpg", picture(31)))
    tile(library, "tulip.jpg").get_by_role("link").click()
    library.get_by_label("Add tags").fill("Springtime, red")
    library.get_by_label("Add tags").press("Enter")
    expect(library.locator(".tags__list")).to_contain_text("Springtime")
    library.get_by_role("button", name="Take the tag red off").click()
    expect(library.locator(".tags__list")).not_to_contain_text("red")
    library.get_by_role("link", name="Springtime").click()
    expect(library.locator("#gallery > li")).to_have_count(1)
    library.locator("#searchbar").fill("springtime tulip")
    library.locator("#searchbar").press("Enter")
    expect(tile(library, "tulip.jpg")).to_be_visible()


def test_several_files_are_selected_tagged_and_deleted_by_keyboard(library: Page, portal):
    files = [chosen(f"tidy-{n}.jpg", picture(n, side=90)) for n in (1, 2, 3)]
    library.locator("#library-files").set_input_files(files)
    expect(line(library)).to_have_text("3 of 3 files uploaded")
    open_library(library, portal, "?q=tidy-")
    expect(library.locator(".bulk")).to_be_hidden()
    library.get_by_role("checkbox", name="Select tidy-1.jpg").press("Space")
    library.get_by_role("button", name="Select all shown").press("Enter")
    expect(library.locator("#bulk-count")).to_have_text("3 selected")
    library.get_by_label("Tag", exact=True).fill("Tidied")
    library.get_by_label("Tag", exact=True).press("Enter")
    expect(library.locator(".messagelist")).to_contain_text("3 files got the tag “Tidied”.")
    library.get_by_role("checkbox", name="Select tidy-1.jpg").press("Space")
    library.get_by_role("button", name="Delete unused").press("Enter")
    library.get_by_role("dialog").get_by_role("button", name="Delete unused").press("Enter")
    expect(library.locator(".messagelist")).to_contain_text("1 file deleted.")
    expect(library.locator("#gallery > li")).to_have_count(2)


# --- Replacing, fitting ------------------------------------------------------------------------


def test_a_file_is_replaced_where_it_is_shown(library: Page, portal):
    library.locator("#library-files").set_input_files(chosen("old-logo.jpg", picture(41)))
    tile(library, "old-logo.jpg").get_by_role("link").click()
    library.locator("#replace-file").set_input_files(chosen("new-logo.jpg", picture(42)))
    expect(library.locator("#replace")).to_contain_text("Then")
    expect(library.locator("#replace")).to_contain_text("No MMS shows it in its newest version.")
    library.get_by_role("button", name="Replace it").click()
    expect(library.locator(".messagelist")).to_contain_text(
        "“new-logo.jpg” took the place of “old-logo.jpg”."
    )
    open_library(library, portal, "?q=logo")
    expect(library.locator("#gallery > li")).to_have_count(1)
    open_library(library, portal, "?q=logo&show=replaced")
    expect(tile(library, "old-logo.jpg")).to_be_visible()


def test_a_file_of_another_kind_does_not_take_its_place(library: Page):
    library.locator("#library-files").set_input_files(chosen("sign.jpg", picture(43)))
    tile(library, "sign.jpg").get_by_role("link").click()
    library.locator("#replace-file").set_input_files(chosen(*sample_vcard()))
    expect(library.locator("#replace")).to_contain_text("replace a file with one of its own kind")
    expect(library.get_by_role("button", name="Replace it")).to_have_count(0)


def test_a_heavy_file_is_made_to_fit_and_both_stand_side_by_side(library: Page):
    library.locator("#library-files").set_input_files(chosen("heavy.jpg", heavy_picture()))
    expect(tile(library, "heavy.jpg")).to_contain_text("must be made smaller")
    tile(library, "heavy.jpg").get_by_role("link").click()
    expect(library.locator(".fit")).to_contain_text("It weighs")
    library.get_by_role("button", name="300 KB").press("Enter")
    expect(library.locator(".fit__gain")).to_contain_text("% lighter", timeout=30_000)
    expect(library.locator(".fit")).to_be_focused()
    sides = library.locator(".fit__side img")
    expect(sides).to_have_count(2)
    for side in sides.all():
        expect(side).to_have_js_property("complete", True)
    library.get_by_role("button", name="Use the fitted one").click()
    expect(library.locator(".messagelist")).to_contain_text("took the place of")
    expect(library.locator(".facts")).to_contain_text("Fitted from")


# --- In the composer -----------------------------------------------------------------------------


def test_a_file_is_found_and_picked_by_keyboard_alone(library: Page, portal):
    files = [chosen(f"pick-{n}.jpg", picture(n, side=110)) for n in (1, 2, 3)]
    library.locator("#library-files").set_input_files(files)
    expect(line(library)).to_have_text("3 of 3 files uploaded")
    library.goto(f"{portal.address}/admin/campaigns/mms/add/")
    opener = library.locator("#slide-1-pick")
    opener.press("Enter")
    expect(library.get_by_label("Search by name or tag")).to_be_focused()
    library.get_by_role("button", name="Pictures").press("Enter")
    expect(library.locator(".picker__tab[aria-pressed=true]")).to_have_text("Pictures")
    library.get_by_label("Search by name or tag").press_sequentially("pick-")
    tiles = library.locator("#picker .tile")
    expect(tiles).to_have_count(3)
    expect(library.locator(".picker__tab[aria-pressed=true]")).to_have_text("Pictures")
    library.get_by_label("Search by name or tag").press("ArrowDown")
    expect(tiles.nth(0)).to_be_focused()
    tiles.nth(0).press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    name = tiles.nth(1).locator("strong").text_content()
    tiles.nth(1).press("Enter")
    expect(library.locator("#slide-1 .medium")).to_contain_text(name)
    expect(library.locator("#picker")).to_be_hidden()
