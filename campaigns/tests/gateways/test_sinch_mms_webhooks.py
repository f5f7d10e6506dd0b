"""Postbacks of the MMS JSON API, as the reference shows them (§5.4, §6)."""

import json
from datetime import UTC, datetime

import pytest

from campaigns.gateways.events import DeliveryEvent, InboundEvent, SavedEvent
from campaigns.gateways.sinch_mms.webhooks import parse_post
from campaigns.rules.statuses import MessageStatus

S = MessageStatus
DELIVERED = {
    "origin": "MMS_MT",
    "code": "N102",
    "sent-as": "MMS",
    "status": "Delivered",
    "status-details": "Message Delivered",
    "to": "12015550111",
    "from": "28444",
    "timestamp": "2026-04-24T18:34:00Z",
    "tracking-id": "DrXAFP-Ylpc-JZL=",
    "client-reference": "order-981",
    "operator-id": "0001470",
    "operator-name": "AT&T",
}
INBOUND = {
    "origin": "MMS_MO",
    "code": "N401",
    "from": "12015550111",
    "to": "18885550100",
    "copy-to": [{"number": "12015550112"}],
    "keyword": "INFO",
    "tracking-id": "MMS_MO_iLnCRrL6",
    "operator-id": "310012",
    "timestamp": "2026-04-24T18:34:00Z",
    "message-subject": "Question",
    "content": [
        {"file": "https://mo.example.net/x/1.jpg"},
        {"file": "https://mo.example.net/x/2.txt"},
    ],
}


def event_of(data, **changes):
    (event,) = parse_post(json.dumps({**data, **changes}).encode())
    return event


def without(data, *names):
    return {name: value for name, value in data.items() if name not in names}


# --- Delivery ----------------------------------------------------------------------------------


def test_a_delivery_report_is_read_whole():
    event = event_of(DELIVERED)
    assert event == DeliveryEvent(
        key=event.key,
        code="N102",
        status=S.DELIVERED,
        reference="order-981",
        provider_id="DrXAFP-Ylpc-JZL=",
        text="The carrier reports the delivery.",
        at=datetime(2026, 4, 24, 18, 34, tzinfo=UTC),
        sent_as="MMS",
        operator="AT&T",
        to="12015550111",
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("N101", S.SENT),
        ("N103", S.EXPIRED),
        ("N202", S.DELIVERED_AS_SMS),
        ("N013", S.ACCEPTED),
        ("E100", S.FAILED),
        ("E101", S.FAILED),
        ("E102", S.FAILED),
        ("E202", S.FAILED),
        ("E011", S.FAILED),
        ("E012", S.FAILED),
        ("E013", S.FAILED),
        ("E999", S.FAILED),
        *[(code, None) for code in ["N501", "N502", "E501", "E502", "N201", "E201", "N211"]],
    ],
)
def test_every_code_of_the_reference_is_known(code, status):
    event = event_of(DELIVERED, code=code)
    assert (event.status, event.known) == (status, True)
    assert event.text[-1] == "."


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Delivered", S.DELIVERED),
        ("Message Sent/Delivered", S.DELIVERED),
        ("", S.DELIVERED),
        (None, S.DELIVERED),
        ("Message Sent", S.SENT),
        ("Failed", S.FAILED),
        ("Message Sent/Failed", S.FAILED),
        ("Message Sent/Rejected", S.FAILED),
        ("Message Sent/Not Supported", S.FAILED),
        ("Unrecognised", S.FAILED),
        ("Message Sent/Expired", S.EXPIRED),
    ],
)
@pytest.mark.parametrize("sent_as", ["MMS", "SMS"])
def test_n102_means_what_its_last_word_says(word, status, sent_as):
    expected = S.DELIVERED_AS_SMS if (status, sent_as) == (S.DELIVERED, "SMS") else status
    event = event_of(DELIVERED, status=word, **{"sent-as": sent_as})
    assert event.status == expected


def test_a_message_handed_over_as_sms_is_sent():
    event = event_of(DELIVERED, code="N101", **{"sent-as": "SMS"})
    assert (event.status, event.sent_as) == (S.SENT, "SMS")


def test_e101_without_time_and_kind_is_read():
    bare = without(DELIVERED, "sent-as", "timestamp", "status", "status-details")
    event = event_of(bare, code="E101")
    assert (event.status, event.at, event.sent_as) == (S.FAILED, None, "")


def test_the_carriers_reason_is_told():
    event = event_of(
        DELIVERED, code="E102", **{"status-details": "Recipient blocked by mobile operator"}
    )
    assert "Recipient blocked by mobile operator" in event.text


@pytest.mark.parametrize("code", ["N999", "E777", "hello"])
def test_an_unknown_code_changes_nothing_and_says_so(code):
    event = event_of(DELIVERED, code=code)
    assert (event.status, event.known, event.reference) == (None, False, "order-981")


def test_another_products_report_is_not_taken_for_ours():
    event = event_of(DELIVERED, origin="SMS_MT")
    assert (event.status, event.known) == (None, False)


def test_keys_are_read_in_any_case_and_spelling():
    upper = {name.upper(): value for name, value in DELIVERED.items()}
    upper["TRACKINGID"] = upper.pop("TRACKING-ID")
    assert event_of(upper) == event_of(DELIVERED)


def test_a_byte_order_mark_does_not_hide_a_report():
    body = b"\xef\xbb\xbf" + json.dumps(DELIVERED).encode()
    assert parse_post(body) == [event_of(DELIVERED)]


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-04-24T18:34:00Z", datetime(2026, 4, 24, 18, 34, tzinfo=UTC)),
        ("2026-04-24T18:34:00.990498+00:00", datetime(2026, 4, 24, 18, 34, 0, 990498, UTC)),
        ("2026-04-24T13:34:00-05:00", datetime(2026, 4, 24, 18, 34, tzinfo=UTC)),
        ("2026-04-24T18:34:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1777055640, None),
        (["2026"], None),
    ],
)
def test_times_have_an_offset_or_are_none(written, at):
    assert event_of(DELIVERED, timestamp=written).at == at


# --- Repeats -----------------------------------------------------------------------------------


def test_a_repeat_has_the_same_key_and_fits_its_column():
    first, again = event_of(DELIVERED), event_of(dict(reversed(DELIVERED.items())))
    assert first.key == again.key
    assert len(first.key) <= 64


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "N101"},
        {"timestamp": "2026-04-24T18:35:00Z"},
        {"tracking-id": "other"},
        {"client-reference": "other"},
        {"origin": "MMS_MO"},
    ],
)
def test_another_report_has_another_key(changes):
    assert event_of(DELIVERED, **changes).key != event_of(DELIVERED).key


def test_values_do_not_run_into_each_other_in_the_key():
    one = event_of(DELIVERED, **{"client-reference": "a", "tracking-id": "bc"})
    two = event_of(DELIVERED, **{"client-reference": "ab", "tracking-id": "c"})
    assert one.key != two.key


# --- Templates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mms_id", ["35674", 35674])
def test_a_ready_template_is_known_by_its_id(mms_id):
    event = event_of({"origin": "MMS_MT", "code": "N003", "mms-id": mms_id})
    assert isinstance(event, SavedEvent)
    assert (event.saved_id, event.ready) == ("35674", True)


@pytest.mark.parametrize(
    ("code", "member"), [("E002", "audio-name"), ("E003", "video-name"), ("E004", "image-name")]
)
def test_a_failed_template_tells_the_file(code, member):
    url = "https://media.example.org/a/1.mp3"
    event = event_of({"origin": "MMS_MT", "code": code, "mms-id": "35674", member: url})
    assert (event.saved_id, event.ready, event.url) == ("35674", False, url)
    assert event.text


def test_invalid_content_of_a_template_is_about_the_template():
    event = event_of({"origin": "MMS_MT", "code": "E011", "mms-id": "35674"})
    assert isinstance(event, SavedEvent)
    assert event.ready is False


@pytest.mark.parametrize("member", ["client-reference", "tracking-id"])
def test_invalid_content_of_a_message_is_about_the_message(member):
    event = event_of({"origin": "MMS_MT", "code": "E011", "mms-id": "35674", member: "x"})
    assert isinstance(event, DeliveryEvent)
    assert event.status == S.FAILED


# --- Inbound -----------------------------------------------------------------------------------


def test_an_inbound_message_is_read_whole():
    event = event_of(INBOUND)
    assert event == InboundEvent(
        key=event.key,
        provider_id="MMS_MO_iLnCRrL6",
        sender="12015550111",
        to="18885550100",
        subject="Question",
        keyword="INFO",
        operator="310012",
        media_urls=("https://mo.example.net/x/1.jpg", "https://mo.example.net/x/2.txt"),
        copied_to=("12015550112",),
        at=datetime(2026, 4, 24, 18, 34, tzinfo=UTC),
    )


def test_an_inbound_message_needs_only_its_sender():
    event = event_of({"origin": "MMS_MO", "code": "N401", "from": "+12015550111"})
    assert event.sender == "12015550111"
    assert event.provider_id == event.key


def test_an_inbound_message_without_sender_cannot_be_read():
    with pytest.raises(ValueError, match="who wrote"):
        parse_post(b'{"origin":"MMS_MO","code":"N401"}')


@pytest.mark.parametrize("content", [None, "x", 1, {}, [1, None, "x", {}, {"file": 1.5}]])
def test_content_of_another_shape_is_no_content(content):
    assert event_of(INBOUND, content=content).media_urls == ()


# --- Hostile values ----------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["N102", "N401", "N003"])
def test_texts_fit_their_columns_and_databases(event):
    long = rb"\u0000\ud800" + b"x" * 9000
    names = [*DELIVERED, *INBOUND, "mms-id", "audio-name"]
    members = {name.encode(): b'"' + long + b'"' for name in names}
    members[b"code"] = b'"' + event.encode() + b'"'
    members[b"content"] = b'[{"file":"' + long + b'"}]'
    members[b"copy-to"] = b'[{"number":"' + long + b'"}]'
    body = b"{" + b",".join(b'"%s":%s' % pair for pair in members.items()) + b"}"
    (found,) = parse_post(body)
    limits = {
        "code": 20,
        "reference": 64,
        "provider_id": 128,
        "saved_id": 64,
        "sent_as": 10,
        "operator": 60,
        "to": 20,
        "sender": 20,
        "subject": 300,
        "keyword": 60,
    }
    for name, limit in limits.items():
        value = getattr(found, name, "")
        assert len(value) <= limit, name
    told = repr([getattr(found, name) for name in found.__slots__])
    assert "\\x00" not in told
    assert "\\ud800" not in told
