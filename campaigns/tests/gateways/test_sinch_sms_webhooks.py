"""What reports of the SMS REST API tell, and what nobody expects in them."""

from datetime import UTC, datetime

import pytest

from campaigns.gateways.events import DeliveryEvent, NoticeEvent
from campaigns.rules.statuses import MessageStatus
from campaigns.tests.gateways.sinch_sms_samples import (
    BATCH_ID,
    FULL,
    MEDIA,
    POSTBACK,
    RECIPIENT,
    TEXT,
    read,
    read_all,
)

S = MessageStatus


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
