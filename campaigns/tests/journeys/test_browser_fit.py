"""An MMS that is too heavy gets light with two presses, and heavy again with one undo."""

import io
import re

import pytest
from composing import add_slide, drop, open_new
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.browser]


def heavy_picture(side: int) -> bytes:
    """Too much for a channel together with another, not alone."""
    file = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(file, "JPEG", quality=92)
    return file.getvalue()


def test_two_heavy_pictures_are_made_to_fit_together(tab: Page, portal):
    composer = open_new(tab, portal.address)
    add_slide(composer, 1, "One")
    add_slide(composer, 2, "Two")
    for number in (1, 2):
        drop(composer, number, (f"photo {number}.jpg", heavy_picture(1000 + number)))
        expect(composer.locator(f"#slide-{number} .medium")).to_have_count(1)
    total = composer.locator("#composer-total")
    expect(total).to_contain_text("of 1.00 MB")
    total.get_by_role("button", name="Make all fit").click()
    expect(total).to_contain_text(re.compile("Making 2 files fit|Use all fitted"))
    total.get_by_role("button", name="Use all fitted").click(timeout=60_000)
    expect(composer.locator(".medium__words strong").first).to_have_text(
        re.compile(r"photo 1, \d+ KB\.jpg")
    )
    expect(total).not_to_contain_text("too heavy")
    expect(total.locator(".weights__words")).to_contain_text("fine on all carriers")
    composer.locator("#undo").click()
    names = composer.locator(".medium__words strong")
    expect(names).to_have_text(["photo 1.jpg", "photo 2.jpg"])
