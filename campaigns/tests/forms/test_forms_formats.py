"""The format chooser and the buttons beside choices."""

from dataclasses import replace

import pytest
from django.http import QueryDict

from campaigns.forms.content import read_draft
from campaigns.forms.formats import change_format
from campaigns.forms.steps import arrange, put_on
from campaigns.rules.formats import SHAPES, Choice, ChoiceKind, Format, WrittenPlace
from campaigns.services.drafts import DraftSlide, MmsDraft
from campaigns.services.media import store_media
from campaigns.tests import samples

F, K = Format, ChoiceKind
YES, SHOP = Choice(K.TEXT, "Yes"), Choice(K.URL, "Shop", "https://example.net/")
SLIDES = MmsDraft(
    subject="Sale", slides=(DraftSlide("20 % off", key="a"), DraftSlide("Until Sunday", key="b"))
)
ROW = MmsDraft(
    format=F.CAROUSEL,
    slides=(
        DraftSlide("20 % off", key="a", title="Sale", choices=(YES,)),
        DraftSlide("From Monday", key="b", title="Bread"),
    ),
    choices=(SHOP,),
)


def said(draft):
    return [(slide.title, slide.text) for slide in draft.slides]


def posted(**fields):
    form = QueryDict(mutable=True)
    for name, value in fields.items():
        form.setlist(name.replace("_", "-"), value if isinstance(value, list) else [value])
    return form


# --- What is posted ------------------------------------------------------------------------------


def test_a_card_is_read_with_its_choices():
    draft = read_draft(
        posted(
            format="card",
            subject="left behind",
            slide_0_key="a",
            slide_0_title=" Sale ",
            slide_0_text="20 % off",
            slide_0_choice_0_kind="url",
            slide_0_choice_0_title="Shop",
            slide_0_choice_0_target="https://example.net/",
            slide_0_choice_1_kind="nobody knows this",
            slide_0_choice_1_title="Yes",
            slide_0_choice_1_postback="yes-1",
        )
    )
    [card] = draft.slides
    assert (draft.format, draft.subject, card.title) == (F.CARD, "", "Sale")
    assert card.choices == (SHOP, Choice(K.TEXT, "Yes", postback="yes-1"))


def test_a_place_is_read_as_it_is_written():
    draft = read_draft(posted(format="location", place_title="Garden", place_coordinates="52.5,"))
    assert (draft.slides, draft.place) == ((), WrittenPlace("Garden", "", "52.5,"))


def test_a_format_nobody_knows_is_slides():
    assert read_draft(posted(format="film", slide_0_text="a")).format == F.SLIDES


# --- Another format ------------------------------------------------------------------------------


def test_slides_and_cards_map_one_to_one():
    row, note = change_format(SLIDES, F.CAROUSEL)
    assert said(row) == [("Sale", "20 % off"), ("", "Until Sunday")]
    assert [slide.key for slide in row.slides] == ["a", "b"]
    back, note = change_format(row, F.SLIDES)
    assert (back, note) == (SLIDES, "Format: Slides.")


def test_a_card_takes_the_first_slide_and_says_what_it_leaves():
    card, note = change_format(SLIDES, F.CARD)
    assert said(card) == [("Sale", "20 % off")]
    assert note == "Format: Card. Left out: 1 text. Undo brings it back."


def test_text_stays_text():
    text, note = change_format(SLIDES, F.TEXT)
    assert said(text) == [("", "Sale\n20 % off\n\nUntil Sunday")]
    assert note == "Format: Text."
    question, _ = change_format(text, F.CHOICE)
    assert said(question) == said(text)


def test_choices_go_along_where_there_is_room_for_them():
    card, _ = change_format(ROW, F.CARD)
    assert card.slides[0].choices == (YES, SHOP)
    question, _ = change_format(ROW, F.CHOICE)
    assert question.choices == (YES, SHOP)
    assert change_format(question, F.CARD)[0].slides[0].choices == (YES, SHOP)
    assert change_format(ROW, F.TEXT)[1] == (
        "Format: Text. Left out: 2 choices. Undo brings it back."
    )


def test_a_row_has_two_cards_at_least():
    row, _ = change_format(replace(SLIDES, slides=SLIDES.slides[:1]), F.CAROUSEL)
    assert said(row) == [("Sale", "20 % off"), ("", "")]


def test_a_place_becomes_a_choice_or_a_link():
    place = MmsDraft(format=F.LOCATION, slides=(), place=WrittenPlace("Garden", "", "52.5,13.4"))
    card, _ = change_format(place, F.CARD)
    assert card.slides[0].choices == (Choice(K.LOCATION, "Show the place", "52.5,13.4"),)
    assert change_format(card, F.LOCATION)[0].place == place.place
    text, _ = change_format(place, F.TEXT)
    assert text.slides[0].text.startswith("Garden\nhttps://www.google.com/maps/")


@pytest.mark.parametrize("start", F)
@pytest.mark.parametrize("end", F)
def test_every_format_becomes_every_other(start, end):
    draft = change_format(ROW, start)[0]
    changed, _ = change_format(draft, end)
    shape = SHAPES[end]
    assert changed.format == end
    assert shape.is_row or len(changed.slides) == shape.slides
    assert shape.has_subject or not changed.subject
    assert shape.outer or not changed.choices


def test_what_is_no_format_changes_nothing():
    assert change_format(SLIDES, "film") == (SLIDES, "")
    assert arrange(SLIDES, "format").draft == SLIDES


# --- Choices -------------------------------------------------------------------------------------


def test_choices_are_added_moved_and_removed():
    draft = arrange(arrange(ROW, "addchoice-1").draft, "addchoice-0").draft
    assert [len(slide.choices) for slide in draft.slides] == [2, 1]
    assert arrange(draft, "upchoice-0-1").draft.slides[0].choices == (Choice(), YES)
    assert arrange(draft, "downchoice-0-0").draft.slides[0].choices == (Choice(), YES)
    assert arrange(draft, "dropchoice-0-0").draft.slides[0].choices == (Choice(),)
    assert arrange(draft, "dropchoice-0").draft.choices == ()
    assert arrange(draft, "addchoice").draft.choices == (SHOP, Choice())


def test_a_step_says_which_slide_to_look_at():
    assert arrange(ROW, "addchoice-1").selected == "b"


def test_more_choices_than_fit_are_not_added():
    draft = replace(ROW, choices=(SHOP,) * 3)
    done = arrange(draft, "addchoice")
    assert (done.draft, done.note) == (draft, "No choice was added: 3 are the most.")


@pytest.mark.parametrize(
    "step", ["dropchoice-0-9", "upchoice-7-0", "dropchoice", "addchoice-1-2-3", "downchoice-0-5"]
)
def test_what_is_not_there_changes_nothing(step):
    assert arrange(ROW, step).draft == ROW


@pytest.mark.parametrize("step", ["add", "remove-0", "duplicate-0", "up-0"])
def test_the_only_card_stays_the_only_one(step):
    card = change_format(SLIDES, F.CARD)[0]
    assert arrange(card, step).draft == card


# --- Files ---------------------------------------------------------------------------------------


@pytest.fixture
def files(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return [
        store_media(samples.upload(f"{n}.jpg", samples.picture(size=(40 + n, 30))), by=None)
        for n in range(3)
    ]


def test_a_card_has_one_file_and_a_new_one_takes_its_place(files):
    card = put_on(change_format(SLIDES, F.CARD)[0], 0, files[:1]).draft
    assert put_on(card, 0, files[1:]).draft.slides[0].media == (files[1],)


def test_cards_in_a_row_share_files_out(files):
    row = put_on(ROW, 0, files).draft
    assert [slide.media for slide in row.slides] == [(file,) for file in files] + [()]


def test_a_text_takes_no_file(files):
    text = change_format(SLIDES, F.TEXT)[0]
    assert put_on(text, 0, files).draft == text


def test_files_that_find_no_room_are_told(files):
    draft = replace(SLIDES, slides=(DraftSlide("a", tuple(files)),))
    card, note = change_format(draft, F.CARD)
    assert card.slides[0].media == (files[0],)
    assert "Left out: 2 files" in note
