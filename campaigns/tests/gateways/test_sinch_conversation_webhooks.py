"""Callbacks of the Conversation API, as the reference shows them (§9)."""

import json
from datetime import UTC, datetime

import pytest

from campaigns.gateways.events import ConsentEvent, DeliveryEvent, InboundEvent, NoticeEvent
from campaigns.gateways.sinch_conversation.notices import NOTICES
from campaigns.gateways.sinch_conversation.reasons import REASONS, SUB_CODES
from campaigns.gateways.sinch_conversation.webhooks import parse_post
from campaigns.rules.formats import Place
from campaigns.rules.statuses import MessageStatus
from campaigns.tests.gateways.sinch_conversation_samples import (
    DELIVERY,
    ENVELOPE,
    INBOUND,
    MESSAGE_ID,
    NO_REASON,
    OLD_DELIVERY,
    OLD_INBOUND,
    OPT_OUT,
    SMS_DELIVERY,
    on_mms,
    with_message,
    with_report,
)

S = MessageStatus
AT = datetime(2026, 4, 24, 12, 0, 9, 892757, tzinfo=UTC)


def event_of(sample):
    (event,) = parse_post(json.dumps(sample).encode())
    return event


# --- Delivery ----------------------------------------------------------------------------------


def test_a_delivery_report_is_read_whole():
    event = event_of(DELIVERY)
    assert event == DeliveryEvent(
        key=event.key,
        code="DELIVERED",
        status=S.DELIVERED,
        reference="camp-1-1",
        provider_id=MESSAGE_ID,
        text="The carrier reports the delivery.",
        at=AT,
        sent_as="MMS",
        to="12015550111",
    )


def test_the_older_form_says_the_same():
    new, old = event_of(DELIVERY), event_of(OLD_DELIVERY)
    same = ("key", "code", "status", "reference", "provider_id", "text", "sent_as")
    assert [getattr(old, name) for name in same] == [getattr(new, name) for name in same]
    assert old.at == datetime(2026, 4, 24, 12, 0, 4, 598000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "means"),
    [
        ("QUEUED_ON_CHANNEL", S.ACCEPTED),
        ("SWITCHING_CHANNEL", S.ACCEPTED),
        ("DELIVERED", S.DELIVERED),
        ("READ", S.DELIVERED),
        ("FAILED", S.FAILED),
        ("failed", S.FAILED),
    ],
)
def test_every_status_of_the_reference_is_known(status, means):
    event = event_of(with_report(status=status))
    assert (event.status, event.known, event.code) == (means, True, status.upper())
    assert event.text[-1] == "."
    assert "{" not in event.text


def test_a_status_nobody_knows_changes_nothing(caplog):
    event = event_of(with_report(status="TELEPORTED"))
    assert (event.status, event.known) == (None, False)
    assert "TELEPORTED" in event.text
    assert "TELEPORTED" in caplog.text


def test_a_delivery_by_sms_in_place_of_the_mms_says_so():
    event = event_of(SMS_DELIVERY)
    assert (event.status, event.sent_as, event.parts) == (S.DELIVERED_AS_SMS, "SMS", 2)
    assert (event.operator, event.to) == ("310012", "12015550111")


def test_a_text_that_was_meant_as_sms_is_simply_delivered():
    event = event_of(with_report(SMS_DELIVERY, metadata="camp-1-1 SMS"))
    assert (event.status, event.reference) == (S.DELIVERED, "camp-1-1")


def test_the_reference_is_found_beside_the_report_as_well():
    assert event_of(with_report(metadata="")).reference == "camp-1-1"


@pytest.mark.parametrize(
    "notes",
    ["", "not json", "[]", None, 5, '{"number_of_message_parts":"many"}', '{"a":' * 90_000],
)
def test_notes_of_the_channel_that_cannot_be_read_are_left_alone(notes):
    event = event_of({**SMS_DELIVERY, "message_metadata": notes})
    assert (event.parts, event.operator, event.status) == (None, "", S.DELIVERED_AS_SMS)


def test_notes_of_the_channel_may_be_an_object():
    notes = {"number_of_message_parts": "3"}
    assert event_of({**SMS_DELIVERY, "message_metadata": notes}).parts == 3


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_is_told_in_words_and_by_its_code(code):
    reason = {"code": code, "description": "Underlying channel reported X"}
    event = event_of(with_report(status="FAILED", reason=reason))
    assert event.code == code
    assert REASONS[code] in event.text
    assert "(Sinch: Underlying channel reported X)" in event.text
    late = code == "DELIVERY_TIMED_OUT"
    assert event.status == (S.EXPIRED if late else S.FAILED)


def test_a_reason_nobody_listed_is_told_all_the_same():
    event = event_of(with_report(status="FAILED", reason={"code": "NEW_ONE", "description": ""}))
    assert (event.code, event.status) == ("NEW_ONE", S.FAILED)
    assert "(Sinch: NEW_ONE)" in event.text


@pytest.mark.parametrize("sub_code", sorted(SUB_CODES))
def test_sub_codes_are_told(sub_code):
    reason = {"code": "CHANNEL_REJECT", "description": "", "sub_code": sub_code}
    event = event_of(with_report(status="FAILED", reason=reason))
    assert SUB_CODES[sub_code] in event.text


def test_why_it_goes_on_by_another_channel_is_told():
    reason = {"code": "RECIPIENT_NOT_REACHABLE", "description": ""}
    event = event_of(with_report(status="SWITCHING_CHANNEL", reason=reason))
    assert (event.status, event.code) == (S.ACCEPTED, "RECIPIENT_NOT_REACHABLE")
    assert "could not go as MMS" in event.text
    assert REASONS["RECIPIENT_NOT_REACHABLE"] in event.text


def test_a_reason_beside_a_success_says_nothing():
    event = event_of(with_report(reason=NO_REASON))
    assert (event.code, event.status) == ("DELIVERED", S.DELIVERED)
    assert event.text == event_of(DELIVERY).text


def test_a_repeat_has_the_same_key_and_another_state_another():
    assert event_of(DELIVERY).key == event_of({**DELIVERY, "event_time": ""}).key
    others = [with_report(status="FAILED"), with_report(message_id="01X"), SMS_DELIVERY]
    keys = {event_of(sample).key for sample in [DELIVERY, *others]}
    assert len(keys) == 4


@pytest.mark.parametrize("report", [{}, {"status": "DELIVERED"}, {"message_id": MESSAGE_ID}])
def test_a_report_about_nothing_is_unreadable(report):
    with pytest.raises(ValueError, match="names no status, or no message"):
        event_of({"app_id": "x", "message_delivery_report": report})


# --- Replies -----------------------------------------------------------------------------------


def test_a_text_is_read_whole():
    event = event_of(INBOUND)
    assert event == InboundEvent(
        key=event.key,
        provider_id="01HZMSG0000000000000000001",
        sender="12015550111",
        to="12015550100",
        text="Stop",
        operator="310012",
        at=AT,
        via="SMS",
    )


def test_a_number_with_plus_is_the_same_person():
    identity = {"channel": "SMS", "identity": "+12015550111", "app_id": ""}
    event = event_of(with_message(channel_identity=identity, sender_id="+12015550100"))
    assert (event.sender, event.to) == ("12015550111", "12015550100")


@pytest.mark.parametrize("operator", ["", None, "broken", '{"operator":null}'])
def test_an_operator_that_is_not_told_is_none(operator):
    assert event_of(with_message(metadata=operator)).operator == ""


def test_a_file_comes_as_part_of_more():
    event = event_of(on_mms(media_message={"url": "https://mo.example.net/1.jpg"}))
    assert (event.via, event.comes_in_parts, event.text) == ("MMS", True, "")
    assert event.media_urls == ("https://mo.example.net/1.jpg",)


def test_a_file_with_words_carries_both():
    card = {"url": "https://mo.example.net/1.jpg", "caption": "Look"}
    event = event_of(on_mms(media_card_message=card))
    assert (event.text, event.comes_in_parts) == ("Look", True)
    assert event.media_urls == ("https://mo.example.net/1.jpg",)


def test_several_files_of_one_message_are_several_events():
    media = [{"url": f"https://mo.example.net/{n}.jpg", "caption": "Look"} for n in (1, 2)]
    samples = [on_mms(media_card_message=medium) for medium in media]
    samples[1]["message"]["id"] = "01HZMSG0000000000000000009"
    first, second = map(event_of, samples)
    assert first.key != second.key
    assert first.provider_id != second.provider_id


def test_a_choice_tells_what_was_chosen_of_which_message():
    chosen = {"message_id": MESSAGE_ID, "postback_data": f"{MESSAGE_ID}_Yes, please"}
    event = event_of(on_mms(choice_response_message=chosen))
    assert (event.text, event.answered_id) == ("Yes, please", MESSAGE_ID)
    assert event.postback == f"{MESSAGE_ID}_Yes, please"


def test_a_postback_of_ours_is_not_taken_for_words():
    chosen = {"message_id": MESSAGE_ID, "postback_data": "opt-7"}
    event = event_of(on_mms(choice_response_message=chosen))
    assert (event.text, event.postback) == ("", "opt-7")


def test_a_place_is_read():
    coordinates = {"latitude": 40.5, "longitude": -74.25}
    event = event_of(
        on_mms(location_message={"title": "Here", "label": "Home", "coordinates": coordinates})
    )
    assert event.place == Place("Here", 40.5, -74.25, "Home")


@pytest.mark.parametrize(
    "coordinates",
    [None, {}, [1, 2], {"latitude": 91, "longitude": 0}, {"latitude": True, "longitude": "x"}],
)
def test_a_place_that_is_nowhere_is_kept_as_words(coordinates):
    event = event_of(on_mms(location_message={"title": "Here", "coordinates": coordinates}))
    assert (event.place, event.text) == (None, "Here")


def test_what_sinch_could_not_translate_comes_as_it_was():
    event = event_of(on_mms(fallback_message={"raw_message": "STOP", "reason": NO_REASON}))
    assert event.text == "STOP"


def test_a_message_without_anything_in_it_is_a_reply_all_the_same():
    event = event_of(on_mms(hologram_message={"x": 1}))
    assert (event.sender, event.text) == ("12015550111", "")


def test_html_in_a_text_stays_text():
    words = "<script>alert(1)</script>"
    event = event_of(with_message(contact_message={"text_message": {"text": words}}))
    assert event.text == words


def test_the_older_form_without_a_number_is_kept_as_a_notice():
    event = event_of(OLD_INBOUND)
    assert isinstance(event, NoticeEvent)
    assert event.kind == "message"
    assert "01HZCNT0000000000000000001" in event.text
    assert "“Stop”" in event.text


def test_the_older_form_with_an_identity_is_a_reply():
    identity = {"identity": "12015550111"}
    event = event_of(with_message(OLD_INBOUND, channel_identity=identity))
    assert (event.sender, event.via) == ("12015550111", "MMS")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"direction": "TO_CONTACT"}, "to a person"),
        ({"injected": True}, "by hand"),
        (
            {"channel_identity": {"channel": "WHATSAPP", "identity": "12015550111"}},
            "WHATSAPP",
        ),
        ({"channel_identity": {"channel": "SMS", "identity": "Bank"}}, "without a number"),
    ],
)
def test_what_no_person_sent_by_mms_or_sms_is_a_notice(changes, words):
    event = event_of(with_message(**changes))
    assert isinstance(event, NoticeEvent)
    assert words in event.text


def test_a_reply_without_an_id_is_unreadable():
    with pytest.raises(ValueError, match="has no id"):
        event_of(with_message(id=""))


# --- Consent -----------------------------------------------------------------------------------


def test_an_opt_out_that_succeeded_counts():
    event = event_of(OPT_OUT)
    assert event == ConsentEvent(
        key=event.key,
        phone="12015550111",
        opted_out=True,
        text="Sinch reports an opt-out by SMS.",
        at=AT,
    )


def test_an_opt_in_that_succeeded_counts():
    notice = {**OPT_OUT["opt_out_notification"], "status": "OPT_IN_SUCCEEDED"}
    event = event_of({**ENVELOPE, "opt_in_notification": notice})
    assert (event.phone, event.opted_out) == ("12015550111", False)


@pytest.mark.parametrize("way", ["in", "out"])
@pytest.mark.parametrize("status", ["FAILED", "STATUS_UNSPECIFIED", "OTHER"])
def test_one_that_did_not_succeed_changes_nothing(way, status):
    notice = {
        **OPT_OUT["opt_out_notification"],
        "status": f"OPT_{way.upper()}_{status}",
        "error_details": {"description": "No such list."},
    }
    event = event_of({**ENVELOPE, f"opt_{way}_notification": notice})
    assert isinstance(event, NoticeEvent)
    assert event.kind == f"opt_{way}_notification"
    assert "No such list" in event.text


def test_an_opt_out_with_the_word_of_an_opt_in_changes_nothing():
    notice = {**OPT_OUT["opt_out_notification"], "status": "OPT_IN_SUCCEEDED"}
    assert isinstance(event_of({**OPT_OUT, "opt_out_notification": notice}), NoticeEvent)


def test_an_opt_out_without_a_number_says_whom_to_look_for():
    notice = {**OPT_OUT["opt_out_notification"], "identity": "", "contact_id": "01HZCNT"}
    event = event_of({**OPT_OUT, "opt_out_notification": notice})
    assert isinstance(event, NoticeEvent)
    assert "01HZCNT" in event.text


# --- The rest ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(NOTICES))
def test_every_other_kind_is_kept_in_words(kind):
    payload = {"contact": {"id": "01HZCNT"}, "status": "x", "channel_event": {"event_type": "Y"}}
    event = event_of({**ENVELOPE, kind: payload})
    assert isinstance(event, NoticeEvent)
    assert (event.kind, event.known) == (kind, True)
    assert event.text.startswith(NOTICES[kind])


def test_an_event_of_a_contact_names_it():
    payload = {"contact": {"id": "01HZCNT", "display_name": "Ann"}}
    event = event_of({**ENVELOPE, "contact_create_notification": payload})
    assert event.text == "Sinch made a contact. (id 01HZCNT)"


def test_a_kind_nobody_knows_is_kept_and_told_apart():
    event = event_of({**ENVELOPE, "horoscope_notification": {"sign": "aries"}})
    assert (event.kind, event.known) == ("horoscope_notification", False)


@pytest.mark.parametrize("envelope", [{"app_id": ""}, {"project_id": "x"}])
def test_an_envelope_without_news_is_kept(envelope):
    event = event_of(envelope)
    assert (event.kind, event.known) == ("nothing", False)


@pytest.mark.parametrize("sample", [OPT_OUT, {**ENVELOPE, "event": {"id": "e"}}])
def test_a_repeat_has_the_same_key(sample):
    assert event_of(sample).key == event_of(dict(reversed(sample.items()))).key


@pytest.mark.parametrize(
    "kind", ["message", "message_delivery_report", "opt_out_notification", "event"]
)
@pytest.mark.parametrize("payload", [None, [], "", 1, "text"])
def test_news_that_is_no_object_is_unreadable(kind, payload):
    with pytest.raises(ValueError, match="holds no object"):
        event_of({**ENVELOPE, kind: payload})


def test_nothing_a_database_cannot_take_gets_through():
    words = "a\x00b\ud800c"
    event = event_of(with_message(contact_message={"text_message": {"text": words}}))
    assert event.text == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("strange", [None, [], {}, 1, True, "x" * 100_000, [{"a": []}]])
@pytest.mark.parametrize("sample", [SMS_DELIVERY, INBOUND, OLD_INBOUND, OPT_OUT])
def test_strange_members_break_nothing(sample, strange):
    """Each member in turn, at both levels: an event of some kind, or a `ValueError`."""
    (kind,) = (name for name in sample if isinstance(sample[name], dict))
    samples = [{**sample, name: strange} for name in sample if name != kind]
    samples += [{**sample, kind: {**sample[kind], name: strange}} for name in sample[kind]]
    for changed in samples:
        try:
            events = parse_post(json.dumps(changed).encode())
        except ValueError:
            continue
        for event in events:
            assert len(event.key) == 64
            assert len(getattr(event, "reference", "")) <= 64
            assert len(getattr(event, "code", "")) <= 60
            assert len(getattr(event, "provider_id", "")) <= 128
            assert len(getattr(event, "kind", "")) <= 60
