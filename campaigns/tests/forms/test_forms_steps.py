"""What steps make of slides: nothing is lost, files find their place."""

import pytest

from campaigns.forms.steps import FULL, MOST_SLIDES, arrange, put_on, with_keys
from campaigns.models import MediaFile
from campaigns.services.drafts import DraftSlide, MmsDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_file():
    def make(name, kind="image", mime="image/jpeg"):
        return MediaFile.objects.create(
            file=name, name=name, kind=kind, mime=mime, size=1000, sha256=name, public_name=name
        )

    return make


def draft(*slides):
    return MmsDraft(slides=with_keys(DraftSlide(text) for text in slides))


def shape(done):
    """Texts, and names of the files, slide by slide."""
    return [(s.text, [media.name for media in s.media]) for s in done.draft.slides]


def test_every_slide_gets_a_key_of_its_own():
    slides = with_keys((DraftSlide("a", key="k"), DraftSlide("b", key="k"), DraftSlide("c")))
    keys = [slide.key for slide in slides]
    assert keys[0] == "k"
    assert len(set(keys)) == 3


@pytest.mark.parametrize("start", range(4))
@pytest.mark.parametrize("end", range(4))
def test_a_moved_slide_stands_where_it_was_moved_to(start, end):
    done = arrange(draft("a", "b", "c", "d"), f"move-{start}-{end}")
    texts = [slide.text for slide in done.draft.slides]
    assert texts[end] == "abcd"[start]
    assert [text for text in texts if text != texts[end]] == [
        text for text in "abcd" if text != "abcd"[start]
    ]


def test_a_copy_has_a_key_of_its_own_and_is_chosen():
    done = arrange(draft("a", "b"), "duplicate-0")
    keys = [slide.key for slide in done.draft.slides]
    assert len(set(keys)) == 3
    assert done.selected == keys[1]


def test_removing_the_last_slide_chooses_the_one_before():
    done = arrange(draft("a", "b"), "remove-1")
    assert done.selected == done.draft.slides[0].key
    assert arrange(draft("a"), "remove-0").selected == ""


def test_no_slide_is_added_beyond_what_can_be_written():
    full = draft(*"x" * MOST_SLIDES)
    done = arrange(full, "add")
    assert (done.draft, done.note) == (full, FULL)


def test_a_picture_and_a_sound_share_a_slide(make_file):
    files = [make_file("a.jpg"), make_file("b.mp3", "audio", "audio/mpeg")]
    assert shape(put_on(draft("x"), 0, files)) == [("x", ["a.jpg", "b.mp3"])]


def test_pictures_that_cannot_share_go_to_slides_of_their_own_in_order(make_file):
    files = [make_file(f"{letter}.jpg") for letter in "abc"]
    assert shape(put_on(draft("x", "y"), 0, files)) == [
        ("x", ["a.jpg"]),
        ("", ["b.jpg"]),
        ("", ["c.jpg"]),
        ("y", []),
    ]


def test_an_empty_slide_that_follows_is_used_first(make_file):
    files = [make_file(f"{letter}.jpg") for letter in "ab"]
    assert shape(put_on(draft("x", "", "y"), 0, files)) == [
        ("x", ["a.jpg"]),
        ("", ["b.jpg"]),
        ("y", []),
    ]


def test_the_same_file_again_stays_where_it_is(make_file):
    media = make_file("a.jpg")
    once = put_on(draft("x"), 0, [media]).draft
    assert shape(put_on(once, 0, [media])) == [("x", ["a.jpg"])]


def test_a_step_attaches_several_files_at_once(make_file):
    first, second = make_file("a.jpg"), make_file("b.jpg")
    done = arrange(draft("x"), f"attach-0-{first.pk}-{second.pk}")
    assert shape(done) == [("x", ["a.jpg"]), ("", ["b.jpg"])]
    assert done.selected == done.draft.slides[1].key
    assert done.note == "Put on slide 1 and 2."


def test_a_file_that_is_gone_is_told(make_file):
    done = arrange(draft("x"), "attach-0-999")
    assert done.note == "Nothing changed: the file was deleted from the library."


def test_a_fitted_file_takes_the_place_of_the_original(make_file):
    sound = make_file("s.mp3", "audio", "audio/mpeg")
    old, new = make_file("large.jpg"), make_file("small.jpg")
    before = put_on(draft("x"), 0, [old, sound]).draft
    assert shape(arrange(before, f"swap-0-{old.pk}-{new.pk}")) == [("x", ["small.jpg", "s.mp3"])]


def test_several_files_are_exchanged_in_one_step(make_file):
    files = [make_file(name) for name in ("a.jpg", "b.jpg", "small a.jpg", "small b.jpg")]
    one, two, small_one, small_two = files
    before = put_on(put_on(draft("x", "y"), 0, [one]).draft, 1, [two]).draft
    step = f"swap-0-{one.pk}-{small_one.pk}-1-{two.pk}-{small_two.pk}"
    after = [("x", ["small a.jpg"]), ("y", ["small b.jpg"])]
    assert shape(arrange(before, step)) == after


def test_what_is_not_there_is_not_exchanged(make_file):
    new = make_file("small.jpg")
    assert shape(arrange(draft("x"), f"swap-0-999-{new.pk}")) == [("x", [])]


@pytest.mark.parametrize(
    "step",
    [
        "attach",
        "attach-0",
        "attach-9-1",
        "swap-0",
        "move-1",
        "move-9-0",
        "detach-4-1",
        "add-x",
        f"attach-0-{10**30}",
        "up-" + "9" * 5000,
    ],
)
def test_nonsense_changes_nothing(step):
    before = draft("x", "y")
    assert arrange(before, step).draft == before
