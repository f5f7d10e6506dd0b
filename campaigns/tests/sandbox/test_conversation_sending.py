"""The pretend Conversation API takes messages and reports what became of them."""

import pytest

from campaigns.sandbox.models import Postback

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


def reports():
    rows = Postback.objects.filter(code__in=STATUSES).order_by("due_at", "pk")
    found = [row.body["message_delivery_report"] for row in rows]
    return [(report["status"], report["channel_identity"]["channel"]) for report in found]


STATUSES = ["QUEUED_ON_CHANNEL", "DELIVERED", "FAILED", "SWITCHING_CHANNEL", "HELD_ON_CHANNEL"]


def test_smoke(ask, make_order):
    answer = ask("POST", "messages:send", make_order())
    assert answer.status_code == 200, answer.content
    assert reports() == [("QUEUED_ON_CHANNEL", "MMS"), ("DELIVERED", "MMS")]
