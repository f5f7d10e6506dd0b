"""What the SMS REST API is given, and says, in tests: batches, reports, replies."""

import json

from campaigns.gateways.outgoing import Content, OutgoingSlide, OwnWords
from campaigns.gateways.sinch_sms.webhooks import parse_post
from campaigns.rules.formats import Format
from campaigns.tests.gateways.contract import CONTENT, SENDER, GatewayContract, outgoing

BATCH_ID = "01HW9X7Q6ZJ5T0K3V8M2N4P6R8"
ACCEPTED = (
    201,
    {
        "id": BATCH_ID,
        "type": "mt_media",
        "to": [],  # filled by Sinch with whom it took; where it names nobody, it took all
        "from": SENDER,
        "canceled": False,
        "body": {"url": "https://media.example.org/1.jpg", "message": "20 % off ✿"},
        "client_reference": "camp-1-1",
        "delivery_report": "per_recipient",
        "created_at": "2026-04-24T12:00:00.000Z",
        "modified_at": "2026-04-24T12:00:00.000Z",
    },
)
NO_PAGES = {"count": 0, "page": 0, "page_size": 0}
PHONES = [str(12015550100 + number) for number in range(100)]
WORDS = Content(slides=(OutgoingSlide("Hello"),), sender=SENDER, format=Format.TEXT)
URL = "https://us.sms.api.sinch.com/xms/v1/plan1/"


def to_each(phones, content=CONTENT, **fields):
    """A message to each of these numbers, in one batch of ours."""
    return [
        outgoing(to, f"camp-1-{n}", content, batch_reference="b0123", **fields)
        for n, to in enumerate(phones)
    ]


def saying(*texts, content=CONTENT, subject=None):
    """A message with words of their own for one person after the other."""
    return [
        outgoing(
            to,
            f"camp-1-{to}",
            content,
            own=OwnWords(subject=subject, texts=((1, text),)),
            batch_reference="b0123",
        )
        for to, text in zip(PHONES, texts, strict=False)
    ]


def error(code, text="", status=400):
    return status, {"code": code, "text": text}


class Opened:
    kind = "sinch_sms"
    settings = {"service_plan_id": "plan1", "callback_url": ""}
    config, open = GatewayContract.config, GatewayContract.open

    def said(self, messages, *answers, **values):
        """The bodies that sending makes."""
        gateway, wire = self.open(*(answers or [ACCEPTED] * 9), **values)
        gateway.send(messages)
        return wire.sent

    def outcome(self, answer):
        gateway, _ = self.open(answer)
        (found,) = gateway.send([outgoing()])
        return found


# --- Callbacks ----------------------------------------------------------------------------------

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
