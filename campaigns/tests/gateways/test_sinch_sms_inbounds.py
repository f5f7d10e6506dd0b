"""What people write, as the SMS REST API brings it."""

from datetime import UTC, datetime

import pytest

from campaigns.gateways.events import InboundEvent
from campaigns.rules.keywords import Kind, judge
from campaigns.tests.gateways.sinch_sms_samples import (
    FAILED_ITEM,
    MEDIA,
    POSTBACK,
    TEXT,
    read,
)


def test_a_text_came_as_sms():
    event = read(TEXT)
    assert isinstance(event, InboundEvent)
    assert (event.via, event.sender, event.to) == ("SMS", "12015550123", "12015550100")
    assert (event.text, event.operator) == ("STOP", "310260")
    assert event.key == event.provider_id == TEXT["id"]
    assert event.at == datetime(2026, 4, 24, 12, 30, 59, tzinfo=UTC)


def test_the_moment_of_sending_has_two_names_and_may_be_missing():
    sample = {name: value for name, value in TEXT.items() if name != "sent_at"}
    assert read(sample, send_at="2026-04-24T12:30:58Z").at.second == 58
    assert read(sample).at.minute == 31


def test_html_in_a_text_is_text():
    assert read(TEXT, body="<script>alert(1)</script>").text == "<script>alert(1)</script>"


def test_an_mms_has_all_its_files_in_one_event():
    event = read(MEDIA)
    assert (event.via, event.subject, event.text) == ("MMS", "Look", "My roses")
    assert event.media_urls == tuple(item["url"] for item in MEDIA["body"]["media"])
    assert event.comes_in_parts is False
    assert event.at == datetime(2026, 4, 24, 12, 31, tzinfo=UTC)


def test_a_file_that_was_lost_is_told():
    event = read(MEDIA, body={"media": [FAILED_ITEM, MEDIA["body"]["media"][0]]})
    assert event.text == ("(A file is missing, Sinch could not keep it: video/mp4, code 1.)")
    assert event.media_urls == ("https://media.sinch.example/1.jpg",)


def test_what_is_told_of_a_lost_file_leaves_the_words_as_they_were_written():
    event = read(MEDIA, body={"message": "STOP", "media": [FAILED_ITEM]})
    assert event.text == "STOP"
    assert "video/mp4" in event.subject


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("AAEC", "(A binary message of 3 bytes, which cannot be shown.)"),
        ("AA==", "(A binary message of 1 byte, which cannot be shown.)"),
        ("AAEC\r\nAAEC", "(A binary message of 6 bytes, which cannot be shown.)"),
        ("", "(A binary message of 0 bytes, which cannot be shown.)"),
        ("STOP!", "(A binary message, which cannot be read.)"),
        ("A", "(A binary message, which cannot be read.)"),
        ("Grüße", "(A binary message, which cannot be read.)"),
        (None, "(A binary message, which cannot be read.)"),
        (7, "(A binary message, which cannot be read.)"),
        ({"a": [1]}, "(A binary message, which cannot be read.)"),
    ],
)
def test_a_binary_message_is_told_with_its_size(body, words):
    event = read(TEXT, type="mo_binary", body=body, udh="060504")
    assert (event.via, event.text) == ("SMS", words)
    assert (event.sender, event.key) == ("12015550123", TEXT["id"])


@pytest.mark.parametrize("body", ["AAEC", None])
def test_what_a_binary_message_is_told_as_asks_for_nothing(body):
    assert judge(read(TEXT, type="mo_binary", body=body).text).kind is Kind.NONE


def test_binary_messages_without_an_id_differ_by_what_is_in_them():
    sample = {name: value for name, value in TEXT.items() if name != "id"} | {"type": "mo_binary"}
    keys = {
        read(sample, body=body, udh=udh).key
        for body in ("AAEC", "AAED") for udh in ("060504", "0003CC0201")
    }  # fmt: skip
    assert len(keys) == 4


def test_the_batch_that_a_reply_answers_is_told_where_the_provider_repeats_it():
    assert read(TEXT, client_reference="b0123").batch_reference == "b0123"
    for other in (None, {"a": 1}, ""):
        assert read(TEXT, client_reference=other).batch_reference == ""


def test_the_other_shape_of_an_mms_is_read_too():
    event = read(POSTBACK)
    assert isinstance(event, InboundEvent)
    assert (event.via, event.sender, event.provider_id) == ("MMS", "12015550123", "MMS_77")
    assert event.copied_to == ("12015550124",)
    assert event.media_urls == ("https://media.sinch.example/1.txt",)


def test_a_message_without_an_id_gets_one_of_its_own():
    sample = {name: value for name, value in TEXT.items() if name != "id"}
    assert read(sample).key == read(sample).key != read(sample, body="START").key
