"""What the client of the SMS REST API says and understands."""

import pytest

from campaigns.tests.gateways.contract import GatewayContract

ACCEPTED = (
    201,
    {
        "id": "01HW9X7Q6ZJ5T0K3V8M2N4P6R8",
        "type": "mt_media",
        "to": ["12015550123"],
        "from": "12015550100",
        "canceled": False,
        "body": {"url": "https://media.example.org/1.jpg", "message": "20 % off ✿"},
        "client_reference": "camp-1-1",
        "delivery_report": "per_recipient",
        "created_at": "2026-04-24T12:00:00.000Z",
        "modified_at": "2026-04-24T12:00:00.000Z",
    },
)
NO_PAGES = {"count": 0, "page": 0, "page_size": 0}


class TestSinchSms(GatewayContract):
    kind = "sinch_sms"
    accepted = ACCEPTED
    settings = {"service_plan_id": "plan1"}
    polled = ({**NO_PAGES, "delivery_reports": []}, {**NO_PAGES, "inbounds": []})
