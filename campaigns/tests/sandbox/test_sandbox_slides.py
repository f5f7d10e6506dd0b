"""Each rule of slides yields its code (§2.2)."""

import pytest

from campaigns.sandbox.codes import Refusal
from campaigns.sandbox.slides import check_slides

FILE = {"url": "https://media.example.org/a"}


@pytest.mark.parametrize(
    ("slides", "code"),
    [
        (None, "E312"),
        ([], "E312"),
        ([{"message-text": "a"}] * 9, "E225"),
        ([{}], "E313"),
        ([{"message-text": ""}], "E313"),
        ([{"contact": FILE, "pdf": FILE}], "E223"),
        ([{"calendar": FILE, "image": FILE}], "E224"),
        ([{"excel": FILE, "audio": FILE}], "E224"),
        ([{"video": FILE, "image": FILE}], "E227"),
        ([{"video": FILE, "audio": FILE}], "E226"),
        ([{"message-text": "a" * 5001}], "E228"),
        ([{"message-text": 5}], "E100"),
        (["text"], "E100"),
    ],
)
def test_a_breach_yields_its_code(slides, code):
    with pytest.raises(Refusal) as refusal:
        check_slides(slides)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "slide",
    [
        {"image": FILE, "audio": FILE, "message-text": "a" * 5000},
        {"video": FILE, "message-text": "a"},
        {"contact": FILE, "message-text": "a"},
        {"image": FILE},
    ],
)
def test_what_the_rules_allow_passes(slide):
    check_slides([slide] * 8)


def test_the_refusal_names_the_slide():
    with pytest.raises(Refusal, match="Slide 2 is empty"):
        check_slides([{"message-text": "a"}, {}])
