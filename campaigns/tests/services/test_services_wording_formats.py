"""What goes over the wire of cards, questions and places."""

from dataclasses import replace

import pytest

from campaigns.rules.formats import Choice, ChoiceKind, Format, Place, WrittenPlace
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of
from campaigns.services.wording import letter_of, names_in, outgoing_content

pytestmark = pytest.mark.django_db
YES = Choice(ChoiceKind.TEXT, " Yes ", postback="yes-1")
CALL = Choice(ChoiceKind.CALL, "Call us", "+1 (201) 555-0123")
FIND = Choice(ChoiceKind.LOCATION, "Find us", "52.5° N, 13.4° E")
CARDS = MmsDraft(
    name="Spring",
    format=Format.CAROUSEL,
    slides=(
        DraftSlide("From Monday", title="For {{ first_name|you }}", choices=(CALL, FIND)),
        DraftSlide("Until Sunday", title="Bread"),
    ),
    choices=(YES,),
    fallback_text="See our offer",
)


@pytest.fixture
def content(marketer, make_channel):
    def make(draft):
        revision = save_draft(None, draft, by=marketer)
        return outgoing_content(revision, sender="12015550100", channel=make_channel())

    return make


def test_cards_go_out_with_titles_and_choices(content):
    sent = content(CARDS)
    assert (sent.format, sent.subject) == (Format.CAROUSEL, "")
    assert [slide.title for slide in sent.slides] == ["For you", "Bread"]
    assert sent.choices == (Choice(ChoiceKind.TEXT, "Yes", postback="yes-1"),)


def test_numbers_and_places_go_out_in_one_form(content):
    targets = [choice.target for choice in content(CARDS).slides[0].choices]
    assert targets == ["12015550123", "52.5,13.4"]


def test_a_place_goes_out_as_degrees(content):
    place = WrittenPlace("Garden", "Behind the church", "52.5, 13.4")
    sent = content(MmsDraft(name="P", format=Format.LOCATION, slides=(), place=place))
    assert sent.place == Place("Garden", 52.5, 13.4, "Behind the church")
    assert sent.slides == ()


def test_no_sms_takes_the_place_of_a_text(content):
    sent = content(replace(CARDS, format=Format.TEXT, slides=(DraftSlide("Hello"),), choices=()))
    assert (sent.fallback, sent.fallback_text) == (False, "")


def test_each_person_reads_the_title_in_their_own_words(marketer, make_channel):
    revision = save_draft(None, CARDS, by=marketer)
    letter = letter_of(revision, sender="12015550100", channel=make_channel())
    mms = letter.to("12015550123", "r-1", merge_values='{"first_name": "Ada"}')
    assert mms.own.titles == ((1, "For Ada"),)
    assert names_in(revision) == ("first_name",)


def test_everything_that_is_written_comes_back(marketer):
    place = WrittenPlace("Garden", "Behind", "not yet a place")
    draft = replace(CARDS, place=place)
    revision = save_draft(None, draft, by=marketer)
    assert draft_of(revision) == draft
    edits = revision.mms.edit_number
    save_draft(revision.mms, draft, by=marketer)
    assert type(revision.mms).objects.get().edit_number == edits


def test_a_place_that_is_not_finished_is_none(content):
    place = WrittenPlace("Garden", "", "Berlin")
    assert content(MmsDraft(name="P", format=Format.LOCATION, slides=(), place=place)).place is None
