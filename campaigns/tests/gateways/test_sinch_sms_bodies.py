"""What batches of the SMS REST API say, and who shares one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from campaigns.gateways import GATEWAYS
from campaigns.gateways.http import Answer
from campaigns.gateways.outgoing import Content, OutgoingMedium, OutgoingSlide, OwnWords
from campaigns.rules.formats import Format
from campaigns.tests.gateways.canned import Canned
from campaigns.tests.gateways.contract import (
    CANARY,
    CONTENT,
    SENDER,
    outgoing,
)
from campaigns.tests.gateways.sinch_sms_samples import (
    ACCEPTED,
    PHONES,
    URL,
    WORDS,
    Opened,
    saying,
    to_each,
)


class TestBodies(Opened):
    def test_a_batch_has_the_fields_of_the_reference(self):
        assert self.said(to_each(PHONES[:2])) == [
            {
                "type": "mt_media",
                "to": PHONES[:2],
                "from": SENDER,
                "body": {
                    "url": "https://media.example.org/1.jpg",
                    "message": "20 % off ✿",
                    "subject": "Spring sale",
                },
                "client_reference": "b0123",
                "delivery_report": "per_recipient",
            }
        ]

    def test_the_token_goes_into_the_header_and_nowhere_else(self):
        gateway, wire = self.open(ACCEPTED)
        gateway.send([outgoing()])
        url, headers, body = wire.requests[0]
        assert url == f"{URL}batches"
        assert headers["Authorization"] == f"Bearer {CANARY}"
        assert headers["Content-Type"] == "application/json"
        assert CANARY.encode() not in body

    def test_what_the_channel_asks_for_is_said(self):
        values = {"strict": "Yes", "feedback": "yes", "callback_url": "https://here/hooks/x"}
        (said,) = self.said([outgoing()], **values)
        assert said["strict_validation"] is True
        assert said["feedback_enabled"] is True
        assert said["callback_url"] == "https://here/hooks/x"

    def test_a_text_is_an_sms_and_knows_no_media(self):
        (said,) = self.said([outgoing(content=WORDS)], strict="yes")
        assert (said["type"], said["body"]) == ("mt_text", "Hello")
        assert not {"strict_validation", "flash_message"} & set(said)

    def test_a_text_without_a_file_takes_its_subject_as_first_line(self):
        content = replace(WORDS, format=Format.SLIDES, subject="Spring sale")
        assert self.said([outgoing(content=content)])[0]["body"] == "Spring sale\nHello"

    def test_a_cards_title_is_its_subject(self):
        slide = replace(CONTENT.slides[0], title="Roses")
        content = replace(CONTENT, slides=(slide,), format=Format.CARD, subject="")
        assert self.said([outgoing(content=content)])[0]["body"]["subject"] == "Roses"
        own = OwnWords(titles=((1, "Tulips"),))
        assert self.said([outgoing(content=content, own=own)])[0]["body"]["subject"] == "Tulips"

    def test_a_file_alone_has_no_words(self):
        slide = OutgoingSlide(media=(OutgoingMedium("pdf", "https://media.example.org/1.pdf"),))
        content = Content(slides=(slide,), format=Format.MEDIA, sender=SENDER)
        body = self.said([outgoing(content=content)])[0]["body"]
        assert body == {"url": "https://media.example.org/1.pdf"}

    def test_the_moment_of_expiry_is_said_in_utc(self):
        at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
        (said,) = self.said([outgoing(content=replace(CONTENT, expires_at=at))])
        assert datetime.fromisoformat(said["expire_at"]) == at
        assert said["expire_at"].endswith(".000Z")

    def test_a_moment_after_three_days_is_left_to_the_default(self):
        at = datetime.now(UTC) + timedelta(days=4)
        (said,) = self.said([outgoing(content=replace(CONTENT, expires_at=at))])
        assert "expire_at" not in said

    def test_a_lone_surrogate_does_no_harm(self):
        slide = OutgoingSlide("\ud800!")
        (said,) = self.said([outgoing(content=replace(WORDS, slides=(slide,)))])
        assert said["body"] == "?!"


class TestWordsOfTheirOwn(Opened):
    def test_they_are_values_of_a_parameter(self):
        (said,) = self.said(saying("Hi Ann", "Hi Bob"))
        assert said["body"]["message"] == "${text}"
        assert said["parameters"] == {"text": {PHONES[0]: "Hi Ann", PHONES[1]: "Hi Bob"}}

    def test_who_has_none_gets_the_shared_ones(self):
        (said,) = self.said([*saying("Hi Ann"), *to_each(PHONES[1:2])])
        assert said["parameters"]["text"] == {PHONES[0]: "Hi Ann", PHONES[1]: "20 % off ✿"}

    def test_words_that_are_all_the_same_need_no_parameter(self):
        (said,) = self.said(saying("Hi", "Hi"))
        assert said["body"]["message"] == "Hi"
        assert "parameters" not in said

    def test_words_too_long_for_a_parameter_go_alone(self):
        said = self.said(saying("a" * 1601, "Hi Bob", "b" * 1600))
        assert [each["to"] for each in said] == [PHONES[1:3], PHONES[:1]]
        assert said[1]["body"]["message"] == "a" * 1601
        assert "parameters" not in said[1]

    def test_signs_outside_the_basic_plane_count_twice(self):
        said = self.said(saying("🌹" * 801, "Hi Bob"))
        assert [each["body"]["message"] for each in said] == ["Hi Bob", "🌹" * 801]

    def test_who_has_no_words_beside_the_file_goes_alone(self):
        said = self.said(saying("", "Hi Bob", "Hi Cleo"))
        assert [each["to"] for each in said] == [PHONES[1:3], PHONES[:1]]
        assert "message" not in said[1]["body"]

    def test_another_subject_is_another_batch(self):
        messages = [*saying("Hi", subject="One"), *to_each(PHONES[1:3])]
        said = self.said(messages)
        assert [each["body"]["subject"] for each in said] == ["One", "Spring sale"]
        assert [each["to"] for each in said] == [PHONES[:1], PHONES[1:3]]

    def test_all_requests_of_one_call_carry_its_reference(self):
        said = self.said(saying("a" * 1601, "Hi Bob", "Hi Cleo"))
        assert [each["client_reference"] for each in said] == ["b0123", "b0123"]

    def test_a_placeholder_of_the_authors_own_arrives_as_it_is(self):
        (said,) = self.said([outgoing(content=replace(WORDS, slides=(OutgoingSlide("${x}!"),)))])
        assert said["body"] == "${text}"
        assert said["parameters"] == {"text": {"default": "${x}!"}}

    def test_so_it_does_in_a_text_too_long_for_a_parameter(self):
        slide = OutgoingSlide("${x}" + "a" * 1600)
        (said,) = self.said([outgoing(content=replace(WORDS, slides=(slide,)))])
        assert said["body"] == "${dollar}{x}" + "a" * 1600
        assert said["parameters"] == {"dollar": {"default": "$"}}

    def test_other_dollars_are_what_they_are(self):
        (said,) = self.said([outgoing(content=replace(WORDS, slides=(OutgoingSlide("$5 {x}"),)))])
        assert (said["body"], "parameters" in said) == ("$5 {x}", False)


class TestLongAnswers(Opened):
    def test_an_answer_may_repeat_all_that_was_asked(self):
        """With every sign escaped, that is three times as long."""

        class Measured(Canned):
            def post(self, url, headers, body, *, limit=0):
                assert limit > 3 * len(body)
                return super().post(url, headers, body)

        gateway = GATEWAYS["sinch_sms"](self.config(), Measured(Answer(201, b'{"id":"x"}', 0.1)))
        outcomes = gateway.send(saying(*(f"{n} ✿🌹" * 200 for n in range(100, 200))))
        assert {each.error for each in outcomes} == {None}
