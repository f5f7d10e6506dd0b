"""Tags are clean words, each once; a weight is told with what it means."""

import pytest

from campaigns.rules.library import TAG_LENGTH, clean_tags, judge_file, say_replacement, split_tags
from campaigns.rules.slides import Capacity, MediumDraft


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("Spring, sale", ["Spring", "sale"]),
        ("  Spring   sale ;\nlogo", ["Spring sale", "logo"]),
        ("Spring, SPRING, spring", ["Spring"]),
        ("Straße, STRASSE", ["Straße"]),
        (", ,;", []),
        ("a\u202eb\u200b", ["ab"]),
        ("Cafe\u0301, Café", ["Café"]),
    ],
)
def test_tags_are_split_trimmed_and_each_is_there_once(typed, tags):
    assert split_tags(typed) == tags


def test_a_tag_holds_no_comma_whatever_way_it_comes():
    assert clean_tags(["red, green", "blue;"]) == ["red green", "blue"]


def test_a_long_tag_is_cut():
    assert clean_tags(["x" * 60]) == ["x" * TAG_LENGTH]


@pytest.mark.parametrize(
    ("kind", "mime", "size", "tone", "words"),
    [
        ("image", "image/jpeg", 412_000, "ok", "412 KB · fine on all carriers"),
        ("image", "image/jpeg", 600_000, "ok", "600 KB · fine on all carriers"),
        ("image", "image/jpeg", 740_000, "warn", "740 KB · heavy for some phones"),
        ("image", "image/jpeg", 2_400_000, "bad", "2.4 MB · must be made smaller"),
        ("pdf", "application/pdf", 9_000, "warn", "9 KB · not every phone opens it"),
        ("contact", "text/vcard", 900, "ok", "900 bytes · fine on all carriers"),
        ("video", "video/quicktime", 10_000, "bad", "MOV · must be converted"),
    ],
)
def test_a_weight_is_told_with_its_meaning(kind, mime, size, tone, words):
    verdict = judge_file(MediumDraft(kind, mime, size, "rose"), Capacity())
    assert (verdict.tone, verdict.words) == (tone, words)


@pytest.mark.parametrize(
    ("mms", "sent", "under_way", "sentence"),
    [
        (3, 0, 0, "3 MMS will show the new file."),
        (
            3,
            2,
            0,
            "3 MMS will show the new file; 2 campaigns that were sent keep the old one.",
        ),
        (
            1,
            1,
            0,
            "1 MMS will show the new file; 1 campaign that was sent keeps the old one.",
        ),
        (
            1,
            2,
            1,
            "1 MMS will show the new file; 2 campaigns that were sent and 1 campaign under way "
            "keep the old one.",
        ),
        (0, 0, 0, "No MMS shows it in its newest version."),
    ],
)
def test_a_replacement_is_told_with_what_it_leaves_alone(mms, sent, under_way, sentence):
    assert say_replacement(mms, sent, under_way) == sentence


def test_a_replacement_is_told_again_when_it_is_done():
    assert say_replacement(1, 0, 0, done=True) == "1 MMS shows the new file now."
    assert say_replacement(0, 0, 0, done=True) == "No MMS was changed."
    assert say_replacement(2, 0, 0, done=True) == "2 MMS show the new file now."
