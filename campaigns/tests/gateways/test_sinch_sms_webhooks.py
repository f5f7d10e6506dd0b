"""What callbacks of the SMS REST API tell."""

import json
from datetime import UTC, datetime

import pytest

from campaigns.gateways.base import DeliveryEvent, InboundEvent, NoticeEvent
from campaigns.gateways.sinch_sms.deliveries import CARRIER, PLATFORM, STATUS, judge
from campaigns.gateways.sinch_sms.webhooks import parse_post
from campaigns.rules.statuses import MessageStatus

S = MessageStatus
BATCH_ID = "01HW9X7Q6ZJ5T0K3V8M2N4P6R8"
#: As the reference and the SDKs' fixtures show them, with the numbers of fiction.
RECIPIENT = {
    "type": "recipient_delivery_report_mms",
    "batch_id": BATCH_ID,
    "recipient": "12015550123",
    "code": 0,
    "status": "Delivered",
    "at": "2026-04-24T12:30:47.152Z",
    "operator_status_at": "2026-04-24T12:30:00.000Z",
    "client_reference": "b0123",
    "operator": "310260",
}
FULL = {
    "type": "delivery_report_mms",
    "batch_id": BATCH_ID,
    "total_message_count": 3,
    "statuses": [
        {
            "code": 0,
            "status": "Delivered",
            "count": 2,
            "recipients": ["12015550101", "+12015550102"],
        },
        {"code": 418, "status": "Failed", "count": 1, "recipients": ["12015550103"]},
    ],
    "client_reference": "b0123",
}
TEXT = {
    "type": "mo_text",
    "id": "01HWAXB8Q6ZJ5T0K3V8M2N4P6R",
    "from": "+12015550123",
    "to": "12015550100",
    "body": "STOP",
    "received_at": "2026-04-24T12:31:00.000Z",
    "sent_at": "2026-04-24T12:30:59.000Z",
    "operator_id": "310260",
}
MEDIA = {
    "type": "mo_media",
    "id": "01HWAXC8Q6ZJ5T0K3V8M2N4P6R",
    "from": "12015550123",
    "to": "12015550100",
    "received_at": "2026-04-24T12:31:00",
    "body": {
        "subject": "Look",
        "message": "My roses",
        "media": [
            {
                "url": "https://media.sinch.example/1.jpg",
                "content_type": "image/jpeg",
                "status": "Uploaded",
                "code": 0,
            },
            {
                "url": "https://media.sinch.example/2.jpg",
                "content_type": "image/jpeg",
                "status": "a status",
                "code": 200,
            },
        ],
    },
}
FAILED_ITEM = {"content_type": "video/mp4", "status": "Failed", "code": 1}
POSTBACK = {
    "origin": "MMS_MO",
    "code": "N401",
    "from": "+12015550123",
    "to": "12015550100",
    "keyword": "SALE",
    "tracking-id": "MMS_77",
    "operator-id": "310260",
    "timestamp": "2026-04-24T12:31:00Z",
    "message-subject": "Look",
    "content": [{"file": "https://media.sinch.example/1.txt"}],
    "copy-to": [{"number": "+12015550124"}],
}


def read(sample, **changed):
    """The one event of a callback."""
    (event,) = parse_post(json.dumps(sample | changed).encode())
    return event


def read_all(sample, **changed):
    return parse_post(json.dumps(sample | changed).encode())


# --- Reports of one recipient --------------------------------------------------------------------


def test_a_report_is_about_one_message_of_a_batch():
    event = read(RECIPIENT)
    assert isinstance(event, DeliveryEvent)
    assert event.status == S.DELIVERED
    assert event.provider_id == f"{BATCH_ID}/12015550123"
    assert event.batch_name == "b0123/12015550123"
    assert event.reference == ""
    assert (event.code, event.to, event.operator) == ("0", "12015550123", "310260")
    assert event.at == datetime(2026, 4, 24, 12, 30, 47, 152000, tzinfo=UTC)
    assert (event.sent_as, event.known, event.parts) == ("MMS", True, None)


def test_a_report_about_an_sms_tells_its_parts():
    event = read(
        RECIPIENT,
        type="recipient_delivery_report_sms",
        number_of_message_parts=2,
        encoding="UNICODE",
    )
    assert (event.sent_as, event.parts) == ("SMS", 2)


def test_without_a_reference_there_is_no_batch_name():
    sample = {name: value for name, value in RECIPIENT.items() if name != "client_reference"}
    assert read(sample).batch_name == ""


@pytest.mark.parametrize("recipient", ["+12015550123", "0012015550123", 12015550123])
def test_numbers_lose_what_is_before_the_country_code(recipient):
    assert read(RECIPIENT, recipient=recipient).to == "12015550123"


def test_a_code_may_be_text_and_a_status_in_any_case():
    event = read(RECIPIENT, code="401", status="DISPATCHED")
    assert (event.code, event.status) == ("401", S.SENT)


def test_a_time_without_an_offset_is_utc():
    event = read(RECIPIENT, at="2026-04-24T12:30:47.152")
    assert event.at == datetime(2026, 4, 24, 12, 30, 47, 152000, tzinfo=UTC)


def test_sinchs_own_words_are_added():
    event = read(RECIPIENT, code=150, status="Failed", status_message="Absent <b>")
    assert event.text.endswith("(Sinch: Absent <b>)")


def test_a_repeat_has_the_key_of_the_first_however_it_is_written():
    key = read(RECIPIENT).key
    again = dict(reversed(RECIPIENT.items()))
    assert read(again, code="0", recipient="+12015550123", extra=1).key == key
    assert read(RECIPIENT, at="2026-04-24T14:30:47.152+02:00").key == key


@pytest.mark.parametrize(
    "changed",
    [
        {"batch_id": "other"},
        {"recipient": "12015550124"},
        {"code": 401},
        {"at": "2026-04-24T12:31:47.152Z"},
    ],
)
def test_another_report_has_another_key(changed):
    assert read(RECIPIENT, **changed).key != read(RECIPIENT).key


# --- What codes and statuses mean ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "word", "status"),
    [
        ("400", "Queued", S.ACCEPTED),
        ("401", "Dispatched", S.SENT),
        ("402", "Aborted", S.FAILED),
        ("405", "Aborted", S.FAILED),
        ("406", "Aborted", S.EXPIRED),
        ("407", "Aborted", S.FAILED),
        ("407", "Cancelled", S.FAILED),
        ("414", "Aborted", S.FAILED),
        ("415", "Rejected", S.FAILED),
        ("418", "Failed", S.FAILED),
        ("0", "Delivered", S.DELIVERED),
        ("0", "", S.DELIVERED),
        ("0", "Failed", S.FAILED),
        ("150", "Failed", S.FAILED),
        ("153", "Expired", S.EXPIRED),
        ("1000", "Delivered", S.DELIVERED),
        ("9999", "Deleted", S.FAILED),
        ("9999", "Rejected", S.FAILED),
        ("100", "Unknown", S.NO_RECEIPT),
        ("", "delivered", S.DELIVERED),
    ],
)
def test_codes_and_statuses_have_a_meaning(code, word, status):
    found, words, known = judge(code, word)
    assert (found, known) == (status, True)
    assert words


@pytest.mark.parametrize(("code", "word"), [("0", "Vanished"), ("77", ""), ("", "")])
def test_what_nobody_knows_changes_nothing_and_is_told(code, word):
    status, words, known = judge(code, word)
    assert (status, known) == (None, False)
    assert "do not know" in words


def test_every_code_of_the_reference_is_known():
    assert set(PLATFORM) == {*map(str, range(400, 419))} - {"409"}
    words = "queued dispatched delivered aborted cancelled rejected deleted failed expired unknown"
    assert set(words.split()) <= set(STATUS)


def test_a_carriers_code_says_more_than_the_status():
    assert "does not know the person" in judge("150", "Failed")[1]
    assert "later" in judge("3999", "Failed")[1]
    assert judge("150", "Delivered")[1] == STATUS["delivered"][1]


def test_of_two_ranges_the_narrower_comes_first():
    """Else it would never be found."""
    for place, (first, last, _) in enumerate(CARRIER):
        assert not any(a <= first and last <= b for a, b, _ in CARRIER[:place])


# --- Reports of a batch --------------------------------------------------------------------------


def test_a_full_report_is_one_event_for_each_recipient():
    events = read_all(FULL)
    assert [(e.to, e.status) for e in events] == [
        ("12015550101", S.DELIVERED),
        ("12015550102", S.DELIVERED),
        ("12015550103", S.FAILED),
    ]
    assert events[1].provider_id == f"{BATCH_ID}/12015550102"
    assert events[1].batch_name == "b0123/12015550102"
    assert len({event.key for event in events}) == 3


def test_a_summary_is_kept_and_changes_nothing():
    groups = [{key: v for key, v in s.items() if key != "recipients"} for s in FULL["statuses"]]
    event = read(FULL, statuses=groups)
    assert isinstance(event, NoticeEvent)
    assert event.kind == "delivery_report_mms"
    assert event.text == "A batch of 3: 2 Delivered (0), 1 Failed (418)."
    assert event.known
    assert event.key == read(FULL, statuses=groups).key


# --- What people write ---------------------------------------------------------------------------


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


def test_a_binary_message_is_told_as_such():
    event = read(TEXT, type="mo_binary", body="AAEC", udh="060504")
    assert (event.via, event.text) == ("SMS", "(A binary message, which cannot be shown.)")


def test_the_other_shape_of_an_mms_is_read_too():
    event = read(POSTBACK)
    assert isinstance(event, InboundEvent)
    assert (event.via, event.sender, event.provider_id) == ("MMS", "12015550123", "MMS_77")
    assert event.copied_to == ("12015550124",)
    assert event.media_urls == ("https://media.sinch.example/1.txt",)


def test_a_message_without_an_id_gets_one_of_its_own():
    sample = {name: value for name, value in TEXT.items() if name != "id"}
    assert read(sample).key == read(sample).key != read(sample, body="START").key


# --- What nobody expects -------------------------------------------------------------------------


def test_an_unknown_kind_is_kept():
    event = read({"type": "mo_hologram", "id": "x"})
    assert isinstance(event, NoticeEvent)
    assert (event.kind, event.known) == ("mo_hologram", False)


WRONG = [
    None,
    True,
    0,
    1.5,
    "",
    "x",
    "\x00",
    "\ud800",
    "٣",
    [],
    [[]],
    [None],
    {},
    {"a": 1},
    "9" * 999,
]


@pytest.mark.parametrize("wrong", WRONG, ids=ascii)
@pytest.mark.parametrize("sample", [RECIPIENT, FULL, TEXT, MEDIA, POSTBACK], ids=range(5))
def test_members_of_the_wrong_kind_are_an_event_or_a_value_error(sample, wrong):
    names = {*sample, *(f"body.{name}" for name in MEDIA["body"])}
    for name in sorted(names):
        outer, _, inner = name.partition(".")
        value = {**MEDIA["body"], inner: wrong} if inner else wrong
        try:
            events = read_all(sample, **{outer: value})
        except ValueError:
            continue
        told = repr(events)
        assert "\x00" not in told
        assert events
        for event in events:
            event.key.encode()
            assert getattr(event, "parts", None) is None or event.parts >= 0


@pytest.mark.parametrize("wrong", WRONG, ids=ascii)
@pytest.mark.parametrize("name", ["code", "status", "count", "recipients"])
def test_groups_of_a_batch_report_may_hold_anything(name, wrong):
    groups = [FULL["statuses"][0] | {name: wrong}, wrong]
    assert read_all(FULL, statuses=groups)


def test_who_is_not_named_cannot_be_reported_about():
    with pytest.raises(ValueError, match="about whom"):
        read(RECIPIENT, recipient="")
    with pytest.raises(ValueError, match="who wrote"):
        read(TEXT, **{"from": None})
