"""What a message looks like on a phone, by channel (§6)."""

import pytest

from campaigns.sandbox.conversation.transcoding import map_link, transcode

URL = "https://x.example/a.jpg"
YES = {"text_message": {"text": "Yes"}}
SHOP = {"url_message": {"title": "Shop", "url": "https://shop.example/"}}
CALL = {"call_message": {"title": "Call", "phone_number": "+12015550100"}}
PLACE = {
    "title": "Our shop",
    "label": "Kungsgatan 1",
    "coordinates": {"latitude": 55.610479, "longitude": 13.002873},
}
MAP = "https://www.google.com/maps/search/?api=1&query=55.610477,13.002873"
CARD = {
    "title": "Sale",
    "description": "Until Sunday",
    "media_message": {"url": URL},
    "choices": [YES, SHOP],
}


def on(channel, **message):
    carried = transcode(message, channel)
    return carried.text, carried.subject, carried.files


def test_a_question_has_a_blank_line_before_its_choices_in_an_sms_only():
    message = {"text_message": {"text": "Coming?"}, "choices": [YES, SHOP, CALL]}
    lines = "> YES\n> Shop: https://shop.example/\n> Call: +12015550100"
    assert on("SMS", choice_message=message)[0] == f"Coming?\n\n{lines}"
    assert on("MMS", choice_message=message)[0] == f"Coming?\n{lines}"


def test_a_card_is_lines_in_an_sms_and_a_subject_with_its_file_in_an_mms():
    choices = "> YES\n> Shop: https://shop.example/"
    assert on("SMS", card_message=CARD) == (f"Sale\nUntil Sunday\n{URL}\n{choices}", "", ())
    assert on("MMS", card_message=CARD) == (f"Until Sunday\n{choices}", "Sale", (URL,))


def test_the_cards_of_a_carousel_are_numbered_in_an_sms_only():
    cards = [CARD, {"title": "Roses", "description": "Red"}]
    message = {"cards": cards, "choices": [{"text_message": {"text": "Neither"}}]}
    first = f"Sale\nUntil Sunday\n{URL}\n> YES\n> Shop: https://shop.example/"
    sms = f"1. {first}\n\n2. Roses\nRed\n\n> NEITHER"
    assert on("SMS", carousel_message=message) == (sms, "", ())
    assert on("MMS", carousel_message=message) == (f"{first}\nRoses\nRed\n> NEITHER", "", ())


def test_a_place_is_its_title_and_a_link_to_a_map():
    for channel in ("SMS", "MMS"):
        assert on(channel, location_message=PLACE)[0] == f"Our shop: {MAP}"


def test_coordinates_pass_through_single_precision():
    assert map_link(PLACE) == MAP


def test_a_choice_can_be_a_place():
    message = {"choices": [{"location_message": PLACE}]}
    assert on("SMS", choice_message=message)[0] == f"> Our shop: {MAP}"


def test_a_file_is_its_address_in_an_sms():
    assert on("SMS", media_message={"url": URL}) == (URL, "", ())
    assert on("MMS", media_message={"url": URL}) == ("", "", (URL,))


def test_an_override_takes_the_place_of_the_message_on_its_channel():
    override = {"explicit_channel_omni_message": {"SMS": {"text_message": {"text": "Short"}}}}
    assert on("SMS", card_message=CARD, **override)[0] == "Short"
    assert on("MMS", card_message=CARD, **override)[1] == "Sale"
    assert on("SMS", card_message=CARD, explicit_channel_message={"SMS": "Raw"})[0] == "Raw"


@pytest.mark.django_db(databases=["default", "sandbox"])
def test_a_preview_is_the_text_with_a_note_of_subject_and_file(ask, app):
    body = {
        "app_id": app.app_id,
        "app_message": {"card_message": CARD},
        "channels": ["SMS", "MMS"],
    }
    found = ask("POST", "messages:transcode", body).json()["transcoded_message"]
    assert found["SMS"].startswith("Sale\nUntil Sunday")
    assert found["MMS"].startswith(f"Subject: Sale\n[{URL}]\nUntil Sunday")
    body["app_message"] = {}
    assert ask("POST", "messages:transcode", body).status_code == 400
