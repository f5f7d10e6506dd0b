"""The callback address under the real web server: what is thrown at it, and what people see."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from running import wait_for
from visitor import find

pytestmark = pytest.mark.journey
CALLBACKS = "admin/campaigns/webhookpost/"


def post(address: str, body, **headers: str) -> int:
    """The status of the answer; an iterable body goes out in chunks."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=10)
    connection.request("POST", parts.path, body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_token_nobody_gave_out_is_not_found(hook, visitor):
    assert post(f"{visitor.portal.address}/hooks/{'x' * 43}/", b"{}") == 404


def test_a_post_of_five_megabytes_is_refused(hook):
    """As soon as it is announced: nobody reads it to its end."""
    assert post(hook, None, **{"Content-Length": "5000000"}) == 413


def test_garbage_is_kept_and_shown_as_unreadable(hook, visitor):
    assert post(hook, b"\xff\xfe this is no report") == 200

    rows = f"{CALLBACKS}?status__exact=unreadable"
    wait_for("it to be read", lambda: "field-name" in visitor.read(rows))
    page = visitor.read(find(r'class="field-name"><a href="/([^"?]+)', visitor.read(rows)))
    assert "this is no report" in page


def test_a_late_report_posted_in_chunks_reaches_its_message(hook, sender, visitor):
    page = visitor.launch("Late report", ["12095550160"], sender=sender)
    visitor.wait_until_done(page)
    row = visitor.messages_to("12095550160")[0]
    assert row["state"] == "No receipt"
    message = visitor.read(row["path"])
    report = {
        "origin": "MMS_MT",
        "code": "N102",
        "status": "Message delivered",
        "to": "12095550160",
        "from": sender,
        "sent-as": "MMS",
        "tracking-id": find(r"provider's id</dt><dd[^>]*>([^<]+)<", message),
        "client-reference": find(r"Our reference</dt><dd[^>]*>([^<]+)<", message),
        "timestamp": "2026-01-05T10:00:00Z",
    }
    body = json.dumps(report).encode()
    pieces = (body[start : start + 40] for start in range(0, len(body), 40))
    assert post(hook, pieces) == 200
    wait_for("the receipt", lambda: visitor.state_of("12095550160") == "Delivered")
