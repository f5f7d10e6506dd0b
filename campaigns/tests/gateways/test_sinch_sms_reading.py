"""What is asked of the SMS REST API: reports, replies, a lost batch, a rehearsal."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from campaigns.gateways.errors import Misconfigured, Throttled, Unreachable
from campaigns.gateways.outcomes import Rehearsal
from campaigns.gateways.outgoing import (
    Content,
    OutgoingMedium,
    OutgoingMms,
    OutgoingSlide,
    OwnWords,
)
from campaigns.gateways.sinch_sms.rehearsing import NOT_ASKED
from campaigns.rules.formats import Format
from campaigns.tests.gateways.contract import CONTENT, HOSTILE, NOW, outgoing
from campaigns.tests.gateways.sinch_sms_samples import (
    MEDIA,
    PHONES,
    RECIPIENT,
    TEXT,
    Opened,
    error,
    saying,
    to_each,
)

SINCE = NOW - timedelta(hours=1)


def page(name, items, count=None, number=0):
    """A page as the reference has it: `page_size` is how many are on it."""
    count = len(items) if count is None else count
    return {"count": count, "page": number, "page_size": len(items), name: items}


def batch(batch_id, *to, reference="b0123"):
    return {"id": batch_id, "client_reference": reference, "to": list(to), "type": "mt_media"}


def asked(wire):
    """(path below the plan, its query) of each request."""
    parts = [urlsplit(url) for url, _, _ in wire.requests]
    return [(each.path.rpartition("/")[2], parse_qs(each.query)) for each in parts]


class TestPolling(Opened):
    def poll(self, *answers):
        gateway, self.wire = self.open(*answers)
        return gateway, list(gateway.poll(SINCE, NOW))

    def test_it_asks_for_reports_and_replies_of_that_time(self):
        self.poll(page("delivery_reports", []), page("inbounds", []))
        (reports, query), (replies, other) = asked(self.wire)
        assert (reports, replies) == ("delivery_reports", "inbounds")
        assert query == other
        assert (query["page"], query["page_size"]) == (["0"], ["100"])
        assert datetime.fromisoformat(query["start_date"][0]) == SINCE
        assert datetime.fromisoformat(query["end_date"][0]) == NOW

    def test_each_object_is_read_as_a_callback_is(self):
        gateway, bodies = self.poll(
            page("delivery_reports", [RECIPIENT]), page("inbounds", [MEDIA, TEXT])
        )
        polled = [gateway.parse_post(body) for body in bodies]
        assert polled == [
            gateway.parse_post(json.dumps(sample).encode()) for sample in (RECIPIENT, TEXT, MEDIA)
        ]

    def test_replies_come_in_the_order_in_which_they_were_written(self):
        newest_first = [TEXT | {"id": "2", "body": "START"}, TEXT | {"id": "1", "body": "STOP"}]
        gateway, bodies = self.poll(page("delivery_reports", []), page("inbounds", newest_first))
        assert [gateway.parse_post(body)[0].text for body in bodies] == ["STOP", "START"]

    def test_page_after_page_is_asked_for_until_all_were_seen(self):
        many = [RECIPIENT | {"recipient": str(12015550000 + n)} for n in range(150)]
        _, bodies = self.poll(
            page("delivery_reports", many[:100], 150),
            page("delivery_reports", many[100:], 150, 1),
            page("inbounds", []),
        )
        assert len(bodies) == 150
        assert [query["page"] for _, query in asked(self.wire)] == [["0"], ["1"], ["0"]]

    def test_an_empty_page_is_the_last_whatever_the_count_says(self):
        _, bodies = self.poll(
            page("delivery_reports", [RECIPIENT], 500),
            page("delivery_reports", [], 500, 1),
            page("inbounds", []),
        )
        assert len(bodies) == 1

    def test_what_is_no_object_is_handed_on_to_be_kept_as_unreadable(self):
        gateway, bodies = self.poll(
            page("delivery_reports", [None, "\ud800"]), page("inbounds", [])
        )
        assert len(bodies) == 2
        for body in bodies:
            with pytest.raises(ValueError, match="not a JSON object"):
                gateway.parse_post(body)

    @pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
    def test_a_page_that_cannot_be_read_is_asked_for_again_later(self, body):
        with pytest.raises(Unreachable):
            self.poll((200, body))

    @pytest.mark.parametrize(("status", "kind"), [(401, Misconfigured), (429, Throttled)])
    def test_errors_are_raised(self, status, kind):
        with pytest.raises(kind):
            self.poll((status, b""))


class TestLookingUp(Opened):
    def look_up(self, *answers, reference="b0123"):
        gateway, self.wire = self.open(*answers)
        return gateway.look_up(reference)

    def test_who_is_in_which_batch_of_our_reference_is_found(self):
        found = [
            batch("x", PHONES[0], f"+{PHONES[1]}"),
            batch("y", PHONES[2]),
        ]
        assert self.look_up(page("batches", found)) == {
            PHONES[0]: "x",
            PHONES[1]: "x",
            PHONES[2]: "y",
        }
        ((path, query),) = asked(self.wire)
        assert path == "batches"
        assert query["client_reference"] == ["b0123"]
        assert datetime.fromisoformat(query["start_date"][0]).tzinfo is not None

    def test_a_list_that_does_not_heed_the_reference_is_looked_through(self):
        others = [batch(str(n), PHONES[0], reference=f"b{n}") for n in range(10)]
        mine = [{"id": "1", "to": PHONES}, None, batch("x", PHONES[1])]
        pages = page("batches", others, 13), page("batches", mine, 13)
        assert self.look_up(*pages) == {PHONES[1]: "x"}

    def test_whoever_is_in_several_stays_in_doubt(self):
        several = [batch("x", PHONES[0], PHONES[1]), batch("y", PHONES[0])]
        assert self.look_up(page("batches", several)) == {PHONES[0]: "", PHONES[1]: "x"}

    def test_nothing_is_nothing(self):
        assert self.look_up(page("batches", [])) == {}
        assert self.look_up(page("batches", [batch("", PHONES[0])])) == {}

    def test_without_a_reference_nothing_is_asked(self):
        assert self.look_up(reference="") == {}
        assert self.wire.requests == []

    def test_a_list_without_end_is_left(self):
        others = [page("batches", [batch("x", reference="b9")], 10**9)] * 100
        assert self.look_up(*others) == {}

    def test_what_cannot_be_asked_is_raised(self):
        with pytest.raises(Unreachable):
            self.look_up((500, b""))


class TestRehearsing(Opened):
    def rehearse(self, messages, *answers):
        gateway, self.wire = self.open(*answers)
        return gateway.rehearse(messages)

    def test_subjects_of_their_own_do_not_ask_once_for_each_of_many(self):
        slide = OutgoingSlide("x", (OutgoingMedium("image", "https://example.org/1.jpg"),))
        content = Content(slides=(slide,), sender="12015550100")
        messages = [
            OutgoingMms(to, to, content, OwnWords(subject=f"Hi {to}")) for to in PHONES[:25]
        ]
        answer = {"number_of_recipients": 1, "number_of_messages": 1}
        found = self.rehearse(messages, *[answer] * 25)
        assert len(self.wire.requests) == 20
        assert (found.recipients, found.problems) == (20, (f"5 people: {NOT_ASKED}",))

    def test_it_is_a_dry_run_of_what_would_be_sent(self):
        answer = {
            "number_of_recipients": 2,
            "number_of_messages": 3,
            "per_recipient": [
                {"recipient": to, "number_of_parts": 1, "body": "x", "encoding": "text"}
                for to in PHONES[:2]
            ],
        }
        assert self.rehearse(to_each(PHONES[:2]), answer) == Rehearsal(2, 3)
        ((path, query),) = asked(self.wire)
        assert path == "dry_run"
        assert query == {"per_recipient": ["true"], "number_of_recipients": ["1000"]}
        assert self.wire.sent[0]["to"] == PHONES[:2]

    def test_all_requests_count_together(self):
        answers = [{"number_of_recipients": n, "number_of_messages": n} for n in (2, 1)]
        assert self.rehearse(saying("a" * 1601, "Hi", "Ho"), *answers) == Rehearsal(3, 3)

    def test_who_would_read_a_placeholder_is_counted(self):
        people = [
            {"recipient": f"+{PHONES[0]}", "body": "Hi ${name}"},
            {"recipient": PHONES[1], "body": "${text}"},
        ]
        answer = {"number_of_recipients": 2, "number_of_messages": 2, "per_recipient": people}
        found = self.rehearse(saying("Hi ${name}", "Ho"), answer)
        assert found.problems == ("1 person: A placeholder would arrive in place of the words.",)

    def test_who_would_be_left_out_is_counted(self):
        found = self.rehearse(to_each(PHONES[:3]), {"number_of_recipients": 1})
        assert found == Rehearsal(1, 0, ("2 people: Sinch would leave this person out.",))

    def test_bad_numbers_are_counted_before_anything_is_asked(self):
        found = self.rehearse([outgoing("x"), outgoing("+1")])
        assert found.problems[0].startswith("2 people: The number is not one")
        assert self.wire.requests == []

    def test_a_refused_content_is_a_problem_and_no_error(self):
        found = self.rehearse(to_each(PHONES), error("syntax_constraint_violation", "body.url"))
        assert found.problems[0].startswith("100 people: Sinch does not take a value")

    def test_a_format_it_does_not_carry_is_a_problem(self):
        found = self.rehearse([outgoing(content=replace(CONTENT, format=Format.CHOICE))])
        assert "choose another format" in found.problems[0]

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            ((401, b""), Misconfigured),
            ((429, b""), Throttled),
            ((500, b""), Unreachable),
            (error("missing_callback_url", "x", 403), Misconfigured),
        ],
    )
    def test_what_concerns_the_account_is_raised(self, answer, kind):
        with pytest.raises(kind):
            self.rehearse([outgoing()], answer)

    @pytest.mark.parametrize("wrong", [None, "x", [None, 1], {}, [{"recipient": {}, "body": []}]])
    def test_an_answer_of_the_wrong_shape_does_no_harm(self, wrong):
        answer = {"number_of_recipients": 1, "number_of_messages": wrong, "per_recipient": wrong}
        assert self.rehearse([outgoing()], answer) == Rehearsal(1, 0)
