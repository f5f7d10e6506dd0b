"""What arrives of a message, as the screenshots of the reference show it (§6)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.formats import SHAPES, Choice, ChoiceKind, Format, Place
from campaigns.rules.transcoding import MMS, SMS, WAYS, Arrived, Part, Sent, transcode

FILE = "https://m.example/a.jpg"
MAP = "https://www.google.com/maps/search/?api=1&query=52.5,13.4"
CHOICES = (
    Choice(ChoiceKind.TEXT, "Yes, please"),
    Choice(ChoiceKind.URL, "Our shop", "https://example.net/"),
    Choice(ChoiceKind.CALL, "Call us", "12015550123"),
    Choice(ChoiceKind.LOCATION, "Find us", "52.5,13.4"),
)
LINES = (
    "> YES, PLEASE",
    "> Our shop: https://example.net/",
    "> Call us: +12015550123",
    f"> Find us: {MAP}",
)
CARD = Part("20 % off", (FILE,), "Spring sale", CHOICES[:1])


def test_every_format_has_a_way_on_both_channels():
    assert set(WAYS) == {(format, channel) for format in Format for channel in (MMS, SMS)}


def test_the_title_of_a_card_becomes_the_subject_and_is_not_repeated():
    sent = Sent(Format.CARD, (CARD,))
    assert transcode(sent, MMS) == Arrived("Spring sale", ("20 % off", "> YES, PLEASE"), (FILE,))


def test_a_card_is_lines_in_an_sms():
    lines = ("Spring sale", "20 % off", FILE, "> YES, PLEASE")
    assert transcode(Sent(Format.CARD, (CARD,)), SMS) == Arrived(lines=lines)


def test_a_question_stands_off_its_choices_in_an_sms_only():
    sent = Sent(Format.CHOICE, (Part("Will you come?"),), choices=CHOICES)
    assert transcode(sent, MMS).lines == ("Will you come?", *LINES)
    assert transcode(sent, SMS).lines == ("Will you come?", "", *LINES)


def test_cards_in_a_row_are_numbered_in_an_sms_only():
    cards = (CARD, Part("From Monday", (), "New bread"))
    sent = Sent(Format.CAROUSEL, cards, choices=CHOICES[1:2])
    first = ("20 % off", FILE, "> YES, PLEASE")
    assert transcode(sent, MMS) == Arrived(
        lines=("Spring sale", *first, "New bread", "From Monday", LINES[1])
    )
    assert transcode(sent, SMS).text == "\n".join(
        ("1. Spring sale", *first, "", "2. New bread", "From Monday", "", LINES[1])
    )


@pytest.mark.parametrize("channel", [MMS, SMS])
def test_a_place_is_a_link_to_the_map_without_its_label(channel):
    sent = Sent(Format.LOCATION, place=Place("Our garden", 52.5, 13.4, "Behind the church"))
    assert transcode(sent, channel) == Arrived(lines=(f"Our garden: {MAP}",))


def test_a_file_is_attached_to_an_mms_and_is_its_address_in_an_sms():
    sent = Sent(Format.MEDIA, (Part(media=(FILE,)),))
    assert transcode(sent, MMS) == Arrived(media=(FILE,))
    assert transcode(sent, SMS) == Arrived(lines=(FILE,))


def test_a_slide_with_a_subject_is_a_card():
    sent = Sent(Format.SLIDES, (Part("20 % off", (FILE,)),), subject="Sale")
    assert transcode(sent, MMS) == Arrived("Sale", ("20 % off",), (FILE,))
    assert transcode(sent, SMS).text == f"Sale\n20 % off\n{FILE}"


# --- Whatever is written -------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
addresses = st.integers(0, 10**9).map("https://links.example/{}".format)
files = st.integers(0, 10**9).map("https://files.example/{}".format)
choices = st.builds(
    Choice, st.sampled_from([ChoiceKind.TEXT, ChoiceKind.URL]), words, addresses
) | st.builds(Choice, st.just(ChoiceKind.LOCATION), words, st.just("52.5,13.4"))
parts = st.builds(
    Part, words, st.lists(files, max_size=2).map(tuple), words, st.lists(choices).map(tuple)
)


@st.composite
def messages(draw):
    """Of every format, made of what it is made of."""
    format = draw(st.sampled_from(Format))
    shape = SHAPES[format]
    bounds = {"min_size": shape.slides or 0, "max_size": 4 if shape.is_row else shape.slides}
    found = [
        replace(
            part,
            text=part.text if shape.words else "",
            media=part.media if shape.has_media else (),
            title=part.title if shape.has_title else "",
            choices=part.choices if shape.has_choices else (),
        )
        for part in draw(st.lists(parts, **bounds))
    ]
    return Sent(
        format,
        tuple(found),
        subject=draw(words) if shape.has_subject else "",
        choices=tuple(draw(st.lists(choices, max_size=shape.outer))),
        place=Place(draw(words), 52.5, 13.4, draw(words)) if shape.has_place else None,
    )


def said_by(sent):
    """All that must be read of it, in its order; `str.upper` may change a word's letters."""
    yield sent.subject
    for part in sent.parts:
        yield from (part.title, part.text, *part.media)
        yield from map(_said, part.choices)
    yield from map(_said, sent.choices)
    if sent.place:
        yield f"{sent.place.title}: {MAP}"


def _said(choice):
    if choice.kind == ChoiceKind.TEXT:
        return choice.title.upper()
    target = MAP if choice.kind == ChoiceKind.LOCATION else choice.target
    return f"{choice.title}: {target}"


@given(messages(), st.sampled_from([MMS, SMS]))
def test_nothing_is_lost_and_the_order_is_kept(sent, channel):
    arrived = transcode(sent, channel)
    everything = "\n".join((arrived.subject, *arrived.lines))
    at = 0
    for said in filter(None, said_by(sent)):
        if said in arrived.media and said not in everything[at:]:
            continue
        at = everything.index(said, at) + len(said)
    files = [medium for part in sent.parts for medium in part.media]
    assert list(arrived.media) == (files if WAYS[sent.format, channel].attached else [])


@given(messages())
def test_an_sms_is_text_alone(sent):
    arrived = transcode(sent, SMS)
    assert (arrived.subject, arrived.media) == ("", ())


@given(messages(), st.sampled_from([MMS, SMS]))
def test_nothing_is_said_twice(sent, channel):
    arrived = transcode(sent, channel)
    shown = [*filter(None, (arrived.subject, *arrived.lines)), *arrived.media]
    assert len(shown) == len(list(filter(None, said_by(sent))))


@given(messages(), st.sampled_from([MMS, SMS]))
def test_the_text_begins_and_ends_with_words(sent, channel):
    lines = transcode(sent, channel).lines
    assert not lines or (lines[0] and lines[-1])
