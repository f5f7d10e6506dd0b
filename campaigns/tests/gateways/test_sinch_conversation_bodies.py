"""The messages of the Conversation API by format, as the reference lists them (§4–5)."""

from dataclasses import replace

import pytest

from campaigns.gateways.errors import Refused
from campaigns.gateways.outgoing import Content, OutgoingMedium, OutgoingSlide, OwnWords
from campaigns.gateways.sinch_conversation.bodies import (
    message_of,
    recipient_of,
    recipient_of_contact,
    shared_fields,
)
from campaigns.rules.formats import Choice, ChoiceKind, Format, Place

PICTURE = OutgoingMedium("image", "https://media.example.org/1.jpg")
MEDIA = {"url": PICTURE.url}
FOUR = (
    Choice(title="Yes", postback="yes-1"),
    Choice(ChoiceKind.URL, "Shop", "https://shop.example.org/"),
    Choice(ChoiceKind.CALL, "Call us", "12015550100"),
    Choice(ChoiceKind.LOCATION, "Find us", "40.5,-74.25"),
)
FOUR_SAID = [
    {"text_message": {"text": "Yes"}, "postback_data": "yes-1"},
    {"url_message": {"title": "Shop", "url": "https://shop.example.org/"}},
    {"call_message": {"title": "Call us", "phone_number": "+12015550100"}},
    {
        "location_message": {
            "title": "Find us",
            "coordinates": {"latitude": 40.5, "longitude": -74.25},
        }
    },
]


def content(*slides, **fields):
    return Content(slides=slides, fallback=False, **fields)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (content(OutgoingSlide("Hi")), {"text_message": {"text": "Hi"}}),
        (content(OutgoingSlide(media=(PICTURE,))), {"media_message": MEDIA}),
        (
            content(OutgoingSlide("Hi", (PICTURE,))),
            {"card_message": {"description": "Hi", "media_message": MEDIA}},
        ),
        (
            content(OutgoingSlide(media=(PICTURE,)), subject="Sale"),
            {"card_message": {"title": "Sale", "media_message": MEDIA}},
        ),
        (
            content(OutgoingSlide("Hi"), subject="Sale"),
            {"card_message": {"title": "Sale", "description": "Hi"}},
        ),
        (content(OutgoingSlide("Hi"), format=Format.TEXT), {"text_message": {"text": "Hi"}}),
        (
            content(OutgoingSlide(media=(PICTURE,)), format=Format.MEDIA),
            {"media_message": MEDIA},
        ),
        (
            content(OutgoingSlide("Hi", (PICTURE,), "Sale", FOUR), format=Format.CARD),
            {
                "card_message": {
                    "title": "Sale",
                    "description": "Hi",
                    "media_message": MEDIA,
                    "choices": FOUR_SAID,
                }
            },
        ),
        (
            content(OutgoingSlide("Coming?"), format=Format.CHOICE, choices=FOUR),
            {"choice_message": {"text_message": {"text": "Coming?"}, "choices": FOUR_SAID}},
        ),
        (
            content(
                OutgoingSlide("A", (PICTURE,), "One", FOUR[:1]),
                OutgoingSlide("B", title="Two"),
                format=Format.CAROUSEL,
                choices=FOUR[1:2],
            ),
            {
                "carousel_message": {
                    "cards": [
                        {
                            "title": "One",
                            "description": "A",
                            "media_message": MEDIA,
                            "choices": FOUR_SAID[:1],
                        },
                        {"title": "Two", "description": "B"},
                    ],
                    "choices": FOUR_SAID[1:2],
                }
            },
        ),
        (
            content(format=Format.LOCATION, place=Place("Shop", 0.0, -74.25, "Main St 1")),
            {
                "location_message": {
                    "title": "Shop",
                    "label": "Main St 1",
                    "coordinates": {"latitude": 0.0, "longitude": -74.25},
                }
            },
        ),
    ],
)
def test_each_format_is_the_message_of_the_reference(given, message):
    assert message_of(given) == message


@pytest.mark.parametrize("kind", [kind for kind in Format if kind != Format.TEXT])
def test_every_format_but_text_may_fall_back_to_an_sms(kind):
    given = Content(
        slides=(OutgoingSlide("Hi"),),
        format=kind,
        fallback_text="Instead",
        choices=FOUR[:1],
        place=Place("Shop", 1.0, 2.0),
    )
    said = shared_fields(given, app_id="app")
    sms = {"SMS": {"text_message": {"text": "Instead"}}}
    assert said["message"]["explicit_channel_omni_message"] == sms
    assert said["channel_priority_order"] == ["MMS", "SMS"]


def test_a_text_needs_no_other_text_for_sms():
    given = Content(slides=(OutgoingSlide("Hi"),), format=Format.TEXT, fallback_text="Instead")
    assert message_of(given) == {"text_message": {"text": "Hi"}}


@pytest.mark.parametrize(
    "given",
    [
        content(),
        content(OutgoingSlide("A"), OutgoingSlide("B")),
        content(OutgoingSlide(media=(PICTURE, PICTURE))),
        content(format=Format.LOCATION),
        content(OutgoingSlide("A"), format="fax"),
        content(
            OutgoingSlide("A"),
            format=Format.CHOICE,
            choices=(Choice(ChoiceKind.LOCATION, "Here", "nowhere"),),
        ),
    ],
)
def test_parts_that_make_no_message_are_refused(given):
    with pytest.raises(Refused) as caught:
        message_of(given)
    assert caught.value.about_content


def test_cards_have_titles_of_ones_own():
    given = content(
        OutgoingSlide("A", title="One"), OutgoingSlide("B", title="Two"), format=Format.CAROUSEL
    )
    own = OwnWords(texts=((1, "For Ann"),), titles=((2, "Dear Ann"),))
    said = shared_fields(given, app_id="app", own=own)
    assert said["message"]["carousel_message"]["cards"] == [
        {"title": "One", "description": "For Ann"},
        {"title": "Dear Ann", "description": "B"},
    ]


def test_a_person_is_named_by_number_or_by_contact():
    assert recipient_of("12015550123", ["SMS"]) == {
        "identified_by": {"channel_identities": [{"channel": "SMS", "identity": "+12015550123"}]}
    }
    assert recipient_of_contact("01HZC") == {"contact_id": "01HZC"}


def test_reports_of_one_message_may_go_elsewhere():
    given = replace(content(OutgoingSlide("Hi")), sender="12015550100")
    said = shared_fields(given, app_id="app", callback_url="https://hooks.example.org/x")
    assert said["callback_url"] == "https://hooks.example.org/x"
