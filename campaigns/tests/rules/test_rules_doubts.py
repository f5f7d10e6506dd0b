"""What is allowed and may still disappoint is told apart from what is refused."""

from functools import partial

import pytest

from campaigns.rules.doubts import find_route_doubts, find_warnings
from campaigns.rules.keywords import tells_how_to_stop
from campaigns.rules.slides import Capacity, MediumDraft, SlideDraft, Wording, find_problems

STOP = "Reply STOP to opt out."
WORDS = Wording(subject="Spring", fallback_text="See our offer:")
picture = partial(MediumDraft, "image", "image/jpeg", 1000, "my.jpg")
png = partial(MediumDraft, "image", "image/png", name="my.png")
gif = partial(MediumDraft, "image", "image/gif", name="my.gif")
film = partial(MediumDraft, "video", "video/mp4", name="my.mp4")


def text(words):
    return SlideDraft(words)


def slide(*media):
    return SlideDraft(STOP, media)


def warnings(*slides, words=WORDS, capacity=None, **more):
    return find_warnings(slides, words, capacity or Capacity(), **more)


def test_an_ordinary_mms_raises_no_doubt():
    assert warnings(slide(picture(width=1080, height=1920))) == []


@pytest.mark.parametrize(
    ("medium", "said"),
    [
        (MediumDraft("pdf", "application/pdf", 1, "a.pdf"), "Android phones cannot open a PDF"),
        (MediumDraft("calendar", "text/calendar", 1, "a.ics"), "cannot open a calendar entry"),
        (png(size=1, is_transparent=True), "is transparent in places"),
        (png(size=300_001, is_transparent=False), "is a PNG of 300 KB"),
        (picture(width=2001, height=1000), "is very wide (2001 × 1000)"),
        (picture(width=500, height=1200), "is very tall (500 × 1200)"),
        (gif(size=1, width=721, height=720), "the GIF is 721 × 720 pixels"),
        (gif(size=1, frames=60, seconds=3.0), "the GIF shows 20 pictures a second"),
        (film(size=1, seconds=31.2), "the video runs 31 s; up to 30 s reach most phones"),
        (film(size=1, seconds=21, width=1280, height=720), "up to 20 s in HD reach"),
        (film(size=1, seconds=9, width=1920, height=1080), "is 1920 × 1080 pixels, more than"),
    ],
)
def test_a_doubt_about_a_file_names_its_slide_and_what_to_do(medium, said):
    capacity = Capacity()
    [_, doubt] = warnings(text(STOP), slide(medium), capacity=capacity)[-2:]
    assert said in doubt.text
    assert (doubt.slide, doubt.place) == (2, "slide-2")
    assert doubt.remedy
    assert find_problems((slide(medium),), WORDS, capacity) == []


@pytest.mark.parametrize(
    "medium",
    [
        png(size=300_000),
        png(size=1, is_transparent=False),
        picture(width=1000, height=1778),
        picture(width=1280, height=640),
        picture(),
        gif(size=1, width=480, height=720),
        gif(size=1, frames=9, seconds=3.0),
        gif(size=1, frames=1, seconds=0.1),
        film(size=1, seconds=30, width=640, height=1138),
        film(size=1, seconds=20, width=1280, height=720),
    ],
)
def test_what_phones_play_well_raises_no_doubt(medium):
    assert warnings(slide(medium)) == []


@pytest.mark.parametrize(("transcodes", "size"), [(False, 600_000), (True, 740_000)])
def test_a_heavy_gif_is_doubted_for_nobody_makes_it_smaller(transcodes, size):
    room = Capacity(transcodes=transcodes)
    said = [str(doubt) for doubt in warnings(slide(gif(size=size + 1)), capacity=room)]
    assert any("the GIF weighs" in words for words in said)
    said = [str(doubt) for doubt in warnings(slide(gif(size=size)), capacity=room)]
    assert not any("the GIF weighs" in words for words in said)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("s" * 41, "has 41 characters; many phones show 40"),
        ("Été 🎉", "holds Éé🎉"),
        ("WINTER SALE", "in capitals only"),
        ("see bit.ly/x1", "links that bit.ly shortened"),
    ],
)
def test_a_doubt_about_the_subject_leads_to_its_field(subject, said):
    [doubt] = warnings(slide(), words=Wording(subject, fallback=False))
    assert said in doubt.text
    assert doubt.place == "subject"
    assert doubt.remedy


@pytest.mark.parametrize("subject", ["", "IKEA", "Big SALE", "20 % 2026", "s" * 40])
def test_an_ordinary_subject_raises_no_doubt(subject):
    assert warnings(slide(), words=Wording(subject, fallback=False)) == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [("toll_free", "From a toll-free number"), ("10dlc", "From a 10DLC number")],
)
def test_routes_that_lose_subjects_are_named_once_the_sender_is_known(kind, said):
    [doubt] = warnings(slide(), sender_kind=kind)
    assert said in doubt.text
    assert warnings(slide(), sender_kind="short_code") == []
    assert warnings(slide(), words=Wording(fallback=False), sender_kind=kind) == []


def test_a_long_fallback_leaves_no_room_for_the_link():
    [doubt] = warnings(slide(), words=Wording(fallback_text="s" * 111))
    assert doubt.place == "fallback_text"
    assert warnings(slide(), words=Wording(fallback=False, fallback_text="s" * 111)) == []


def test_a_missing_line_about_stopping_leads_to_the_last_text():
    [doubt] = [found for found in warnings(text("Hi"), text("Bye")) if "how to stop" in found.text]
    assert doubt.place == "slide-2-text"
    assert doubt.slide is None  # it is missing from all of them


@pytest.mark.parametrize(
    "words",
    [
        "Reply STOP to opt out.",
        "Text END to 28444",
        "Txt stop 2 quit",
        "reply with “stop” any time",
        "STOP=end",
        "To opt-out visit us",
        "Unsubscribe: example.com/u",
        "ARRÊT pour ne plus rien recevoir",
    ],
)
def test_a_line_about_stopping_is_recognised(words):
    assert tells_how_to_stop(f"Big sale!\n{words}")


@pytest.mark.parametrize(
    "words", ["Stop by our store", "We text you at the end of May", "Don't stop dancing", ""]
)
def test_a_stop_that_is_none_is_not_taken_for_one(words):
    assert not tells_how_to_stop(words)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Look: https://bit.ly/3xYz", "bit.ly"),
        ("http://www.TinyURL.com/abc", "tinyurl.com"),
        ("go to t.co/x.", "t.co"),
    ],
)
def test_a_shortened_link_is_doubted_on_its_slide(words, name):
    [doubt] = warnings(text(f"{words} {STOP}"))
    assert f"links that {name} shortened" in doubt.text
    assert doubt.place == "slide-1-text"


@pytest.mark.parametrize(
    "words",
    ["https://rabbit.ly.example.com/x", "https://example.com/t.co", "at.cost", "me@bit.ly"],
)
def test_a_link_of_ones_own_is_not_taken_for_a_shortened_one(words):
    assert warnings(text(f"{words} {STOP}")) == []


def test_much_video_is_better_saved_first():
    [doubt] = warnings(slide(film(size=400 * 1024)))
    assert "save the MMS to Sinch first" in str(doubt).replace("Save", "save")


@pytest.mark.parametrize(
    ("size", "room", "said"),
    [
        (501_000, Capacity(), "501 KB: fine on all carriers, heavy for some phones."),
        (1_200_000, Capacity(total=2_000_000), "1.2 MB: too much for AT&T"),
        (1_200_000, Capacity(transcodes=True), "1.20 MB of 1.00 MB: made smaller on its way."),
    ],
)
def test_carriers_and_phones_that_dislike_the_weight_are_named(size, room, said):
    heavy = SlideDraft(STOP, (MediumDraft("image", "image/jpeg", size, "my.jpg"),))
    words = Wording(fallback=False)
    doubt = warnings(heavy, words=words, capacity=room, sender_kind="short_code")[0]
    assert said in doubt.text
    assert doubt.remedy


def test_what_is_refused_for_its_weight_is_not_doubted_besides():
    heavy = SlideDraft(STOP, (MediumDraft("image", "image/jpeg", 1_100_000, "my.jpg"),))
    assert find_problems((heavy,), WORDS, Capacity())
    assert warnings(heavy) == []


def test_the_order_of_slides_is_never_sure():
    [doubt] = warnings(slide(), slide())
    assert "do not keep the order" in doubt.text


def test_an_opt_out_by_text_is_promised_only_where_texts_reach_us():
    told, silent = SlideDraft("Reply STOP to opt out."), SlideDraft("Spring is here")
    [found] = find_route_doubts((silent, told), "12015550100", False)
    assert "+1 201-555-0100 will not reach this portal" in found.text
    assert found.field == "slide-2-text"
    assert not list(find_route_doubts((silent, told), "12015550100", True))
    assert not list(find_route_doubts((silent,), "12015550100", False))
