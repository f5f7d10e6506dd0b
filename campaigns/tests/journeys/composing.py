"""What browser tests do in the composer: write slides, drop files, read what stands where."""

import base64

from playwright.sync_api import Page, expect

#: A drop as a browser makes it: the files in a DataTransfer, over the element and let go.
_DROP = """(card, files) => {
  const held = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    held.items.add(new File([bytes], name));
  }
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const options = { bubbles: true, cancelable: true, dataTransfer: held };
    card.dispatchEvent(new DragEvent(kind, options));
  }
}"""


def open_new(tab: Page, address: str) -> Page:
    tab.goto(f"{address}/admin/campaigns/mms/add/")
    return tab


def add_slide(composer: Page, number: int, text: str) -> None:
    if number > 1:
        composer.get_by_role("button", name="Add a slide", exact=True).click()
    composer.locator(f"#slide-{number}-text").fill(text)


def upload(composer: Page, number: int, name: str, content: bytes) -> None:
    """With the chooser."""
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    composer.locator(f"#slide-{number}-files").set_input_files(file)


def drop(composer: Page, number: int, *files: tuple[str, bytes]) -> None:
    held = [[name, base64.b64encode(content).decode()] for name, content in files]
    composer.locator(f"#slide-{number} .slide__zone").evaluate(_DROP, held)


def expect_texts(composer: Page, *texts: str) -> None:
    """In the cards and, where there is a text, in the strip, in this order."""
    boxes = composer.locator("#composer-slides textarea")
    names = composer.locator("#strip .strip__text")
    expect(boxes).to_have_count(len(texts))
    expect(names).to_have_count(len(texts))
    for place, text in enumerate(texts):
        expect(boxes.nth(place)).to_have_value(text)
        if text:
            expect(names.nth(place)).to_have_text(text)


def expect_saved(composer: Page) -> None:
    """By itself, and at an address of its own."""
    expect(composer.locator("#save-state")).to_contain_text("Saved", timeout=10_000)
    assert composer.url.endswith("/change/")
