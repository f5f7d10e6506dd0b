"""What an MMS may hold is told in whole sentences, all at once."""

import pytest

from campaigns.rules.media import OBJECT_KINDS, SIZES, MediaKind
from campaigns.rules.slides import (
    Capacity,
    MediumDraft,
    SlideDraft,
    Wording,
    find_problems,
    find_template_problems,
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
    return [str(found) for found in find_problems(slides, words, capacity or Capacity())]


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
        (slide(), "Slide 1: it is empty. Add text or media."),
        (slide(text=" \n"), "Slide 1: it is empty. Add text or media."),
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
    assert [problem.split(":")[0].split(" has")[0] for problem in found] == [
        "The subject",
        "The fallback SMS",
        "Slide 1",
        "Slide 3",
    ]


def test_one_to_eight_slides():
    assert problems() == ["There is no slide: an MMS has at least one. Add a slide."]
    assert problems(*[slide(text="x")] * 8) == []
    assert problems(*[slide(text="x")] * 9) == [
        "There are 9 slides and 8 fit. Remove or merge some."
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
    remedy = "Use a smaller one." if kind in OBJECT_KINDS else "Make it fit there."
    assert problem.endswith(f"1.024000 MB. {remedy}")


def test_with_transcoding_the_sizes_are_those_of_the_kind_and_the_total_is_free():
    room = Capacity(sizes={**SIZES, "video": 50_000 * 1024, "gif": 1024 * 1024}, transcodes=True)
    film = SlideDraft("", (medium("video", 50_000 * 1024),))
    gif = SlideDraft("", (medium("image", 1025 * 1024, "image/gif"),))
    assert problems(film, capacity=room) == []
    [problem] = problems(gif, capacity=room)
    assert "takes a GIF up to 1.049 MB" in problem


def test_all_slides_together_must_fit_the_channel():
    half = SlideDraft("", (medium("image", 600_000),))
    [problem] = problems(half, half)
    assert "All slides together weigh 1.20 MB; the channel carries 1.00 MB." in problem


@pytest.mark.parametrize(
    ("bad", "words", "place"),
    [
        (slide(), WORDS, "slide-1-text"),
        (slide("image", "pdf"), WORDS, "slide-1"),
        (slide("image"), Wording("s" * 81, fallback=False), "subject"),
        (slide("image"), Wording(), "fallback_text"),
    ],
)
def test_a_problem_knows_where_it_is_mended(bad, words, place):
    [problem] = find_problems((bad,), words, Capacity())
    assert problem.place == place
    assert problem.remedy


def test_what_is_wrong_and_what_to_do_make_one_sentence_together():
    [problem] = find_problems((slide(text="x"), slide()), WORDS, Capacity())
    assert (problem.slide, problem.text, problem.remedy) == (
        2,
        "it is empty.",
        "Add text or media.",
    )
    assert str(problem) == "Slide 2: it is empty. Add text or media."


def test_a_merge_field_counts_as_what_it_reads_like():
    subject = "s" * 70 + "{{ first_name|you }}"
    assert problems(slide("image"), words=Wording(subject, fallback=False)) == []
    assert len(problems(slide(text="x" * 5000 + "{{ city|here }}"))) == 1


@pytest.mark.parametrize(
    ("text", "is_problem"),
    [("{{ City| }}", True), ("{{ City|us }}", False), ("{{ City }}", False), ("a {{ b| }}", False)],
)
def test_a_slide_that_would_be_empty_for_somebody_is_a_problem(text, is_problem):
    assert bool(problems(slide(text=text))) == is_problem
    assert not problems(slide("image", text=text))


@pytest.mark.parametrize("text", ["{{ City| }}", "{{ City| }} {{ first_name| }}"])
def test_a_fallback_sms_that_would_be_empty_for_somebody_is_a_problem(text):
    [problem] = problems(slide(text="Hi"), words=Wording(fallback_text=text))
    assert "says nothing to who has no value" in str(problem)


def test_a_template_that_would_be_empty_is_not_saved():
    slides = (SlideDraft("Hi"), SlideDraft("{{ City }}"), SlideDraft("{{ City|us }}"))
    found = find_template_problems(slides, Wording(fallback_text="{{ first_name }}"))
    assert [problem.slide for problem in found] == [2, None]
