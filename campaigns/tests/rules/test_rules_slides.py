"""What an MMS may hold is told in whole sentences, all at once."""

import pytest

from campaigns.rules.media import SIZES_TRANSCODED, MediaKind
from campaigns.rules.slides import (
    Capacity,
    MediumDraft,
    SlideDraft,
    Wording,
    find_problems,
    find_warnings,
    judge_weight,
)

WORDS = Wording(subject="Spring", fallback_text="See our offer:")
MIMES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "contact": "text/vcard",
    "calendar": "text/calendar",
    "pdf": "application/pdf",
    "excel": "application/vnd.ms-excel",
}


def medium(kind, size=1000, mime="", seconds=None):
    return MediumDraft(kind, mime or MIMES[kind], size, f"my.{kind}", seconds)


def slide(*kinds, text=""):
    return SlideDraft(text, tuple(medium(kind) for kind in kinds))


def problems(*slides, words=WORDS, capacity=None):
    return find_problems(slides, words, capacity or Capacity())


def warnings(*slides, words=WORDS, capacity=None):
    return find_warnings(slides, words, capacity or Capacity())


@pytest.mark.parametrize(
    "good",
    [
        slide(text="Hello"),
        slide("image"),
        slide("image", "audio", text="Hello"),
        slide("video", text="Hello"),
        slide("contact", text="Hello"),
        slide("excel"),
    ],
)
def test_a_slide_that_the_provider_takes_has_no_problem(good):
    assert problems(good) == []


def test_a_form_that_the_channel_does_not_carry_is_told():
    [problem] = problems(SlideDraft(media=(medium("video", mime="video/quicktime"),)))
    assert problem == (
        "Slide 1: “my.video” is an MOV, which this channel does not carry. "
        "Make it fit, or use another file."
    )


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (slide(), "Slide 1: add text or media."),
        (slide(text=" \n"), "Slide 1: add text or media."),
        (slide("video", "image"), "Slide 1: a video can stand only with text. Remove the picture"),
        (slide("video", "audio"), "Remove the sound"),
        (slide("image", "pdf"), "Slide 1: a PDF can stand only with text. Remove the picture."),
        (slide("video", "contact"), "Slide 1: a contact can stand only with text."),
        (slide("contact", "excel"), "a contact and an Excel file cannot share a slide"),
        (slide("image", "image"), "Slide 1: only one picture fits on a slide."),
        (slide(text="x" * 5001), "Slide 1: the text has 5,001 characters; at most 5,000 fit."),
    ],
)
def test_a_slide_that_the_provider_refuses_is_told_in_words(bad, words):
    [problem] = problems(bad)
    assert words in problem


def test_all_problems_are_told_at_once():
    found = problems(
        slide(), slide(text="ok"), slide("video", "image"), words=Wording(subject="s" * 81)
    )
    assert [problem.split(":")[0].split(" ")[0] for problem in found] == [
        "The",
        "Write",
        "Slide",
        "Slide",
    ]


def test_one_to_eight_slides():
    assert problems() == ["Add a slide: an MMS has at least one."]
    assert problems(*[slide(text="x")] * 8) == []
    assert problems(*[slide(text="x")] * 9) == [
        "There are 9 slides and 8 fit: remove or merge some."
    ]


def test_the_fallback_text_is_needed_unless_the_fallback_is_off():
    assert problems(slide("image"), words=Wording(fallback=False)) == []
    assert len(problems(slide("image"), words=Wording(fallback_text="  "))) == 1


def test_a_subject_of_80_characters_passes_and_a_line_break_does_not():
    assert problems(slide("image"), words=Wording("s" * 80, fallback_text="x")) == []
    assert len(problems(slide("image"), words=Wording("a\nb", fallback_text="x"))) == 1


@pytest.mark.parametrize("kind", MediaKind.values)
def test_without_transcoding_a_file_weighs_at_most_1000_kb(kind):
    room = Capacity(total=10_000_000)
    assert problems(SlideDraft("", (medium(kind, 1000 * 1024),)), capacity=room) == []
    [problem] = problems(SlideDraft("", (medium(kind, 1000 * 1024 + 1),)), capacity=room)
    assert "Make it smaller." in problem


def test_with_transcoding_the_sizes_are_those_of_the_kind_and_the_total_is_free():
    room = Capacity(sizes=SIZES_TRANSCODED, transcodes=True)
    film = SlideDraft("", (medium("video", 50_000 * 1024),))
    gif = SlideDraft("", (medium("image", 1025 * 1024, "image/gif"),))
    assert problems(film, capacity=room) == []
    [problem] = problems(gif, capacity=room)
    assert "takes a GIF up to 1.05 MB" in problem


def test_all_slides_together_must_fit_the_channel():
    half = SlideDraft("", (medium("image", 600_000),))
    [problem] = problems(half, half)
    assert "All slides together weigh 1.2 MB; the channel carries 1 MB." in problem


@pytest.mark.parametrize(
    ("slides", "words", "said"),
    [
        ([slide(text="x")], Wording("s" * 41, fallback=False), "many phones show 40"),
        ([slide(text="x")], Wording("Été 🎉", fallback=False), "holds Éé🎉"),
        ([slide(text="x")], Wording(fallback_text="s" * 111), "leave room for the link"),
        ([slide("pdf")], WORDS, "many Android phones cannot open a PDF"),
        ([slide("calendar")], WORDS, "many Android phones cannot open a calendar entry"),
        ([SlideDraft("", (medium("image", 1, "image/gif"),))], WORDS, "an animated GIF"),
        ([SlideDraft("", (medium("video", 1, seconds=31.2),))], WORDS, "the video runs 31 s"),
        ([slide(text="a"), slide(text="b")], WORDS, "do not keep the order"),
    ],
)
def test_a_doubt_is_told_apart_from_the_problems(slides, words, said):
    [warning] = warnings(*slides, words=words)
    assert said in warning
    assert problems(*slides, words=words) == []


def test_much_video_is_better_saved_first():
    film = SlideDraft("", (medium("video", 400 * 1024),))
    assert warnings(film) == [
        "With this much video, save the MMS to Sinch first: it is then fetched only once."
    ]


def test_more_than_500_kb_is_a_doubt():
    heavy = SlideDraft("", (medium("image", 501 * 1024),))
    assert "up to 500 KB arrive almost everywhere" in warnings(heavy)[0]


@pytest.mark.parametrize(
    ("size", "transcodes", "tone", "words"),
    [
        (76_000, False, "", "76 KB of 1 MB"),
        (600_000, False, "warn", "600 KB of 1 MB: heavy for some phones"),
        (12_300_000, False, "bad", "12.3 MB of 1 MB: too heavy"),
        (12_300_000, True, "warn", "12.3 MB of 1 MB: made smaller on its way"),
    ],
)
def test_the_weight_is_judged_in_words(size, transcodes, tone, words):
    weight = judge_weight(size, Capacity(transcodes=transcodes))
    assert (weight.tone, weight.words) == (tone, words)
