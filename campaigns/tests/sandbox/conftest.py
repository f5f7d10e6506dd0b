"""An account of the pretend Sinch, a way to call it, and a host whose answers a test writes."""

import io
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from campaigns.sandbox.models import SandboxAccount

PHONE = "12015550123"
SENDER = "12015550100"


@pytest.fixture(autouse=True)
def sandbox_process(settings, tmp_path):
    """What `campaigns.sandbox.settings` changes, and a folder for the copies."""
    settings.ROOT_URLCONF = "campaigns.sandbox.urls"
    settings.DATA_DIR = tmp_path
    settings.SANDBOX_SPEED = 1
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"


@pytest.fixture
def account(db):
    return SandboxAccount.objects.create(
        key=secrets.token_hex(8),
        service_id="svc",
        senders=[SENDER],
        postback_url="http://127.0.0.1:9/hooks/",
        rate=1000,
    )


@pytest.fixture
def send_body():
    """A sendmms that is accepted, with what a test changes; None takes a field away."""

    def make(**changes):
        body = {
            "action": "sendmms",
            "service-id": "svc",
            "to": PHONE,
            "from": SENDER,
            "fallback-sms-text": "See our offer:",
            "client-reference": "order-1",
            "slide": [{"message-text": "20 % off"}],
        }
        body |= {field.replace("_", "-"): value for field, value in changes.items()}
        return {field: value for field, value in body.items() if value is not None}

    return make


@pytest.fixture
def call(client, account):
    """POST a body with the account's key; answers the JSON."""

    def post(body, key=None, **extra):
        headers = {"x-api-key": account.key if key is None else key}
        response = client.post(
            "/ep/v2/", body, content_type="application/json", headers=headers, **extra
        )
        return response.json()

    return post


@pytest.fixture
def code_of(call, send_body):
    """The code of a sendmms with these changes; "" for success."""
    return lambda **changes: call(send_body(**changes)).get("error-code", "")


@pytest.fixture
def host():
    """A web server on loopback that writes the bytes it was given for a path."""
    answers = {}

    class Host(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self.wfile.write(answers[self.path])

        def log_message(self, *args):
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()

    def serve(path, *lines, content=b"", status="200 OK", length=True):
        head = [f"HTTP/1.1 {status}", "Connection: close", *lines]
        head += [f"Content-Length: {len(content)}"] if length else []
        answers[path] = "\r\n".join([*head, "", ""]).encode() + content
        return f"http://127.0.0.1:{server.server_port}{path}"

    serve.asked = server.asked
    yield serve
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def picture():
    """A small JPEG made by code."""
    stream = io.BytesIO()
    Image.effect_noise((64, 64), 80).save(stream, "JPEG")
    return stream.getvalue()
