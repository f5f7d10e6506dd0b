"""An account of the pretend Sinch, a way to call it, and a host whose answers a test writes."""

import io
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from campaigns.sandbox.conversation.setup import ensure_project
from campaigns.sandbox.conversation.tokens import make_token
from campaigns.sandbox.conversation.webhooks import TRIGGERS
from campaigns.sandbox.models import SandboxAccount, SmsPlan

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


@pytest.fixture
def sms_plan(db):
    return SmsPlan.objects.create(
        service_plan_id=f"plan-{secrets.token_hex(4)}",
        token=secrets.token_hex(8),
        senders=[SENDER],
        callback_url="http://127.0.0.1:9/hooks/sms/",
    )


@pytest.fixture
def text_batch():
    """A text batch that is accepted, with what a test changes; None takes a field away."""

    def make(**changes):
        body = {"to": [PHONE], "from": SENDER, "body": "20 % off"}
        body |= {field.rstrip("_"): value for field, value in changes.items()}
        return {field: value for field, value in body.items() if value is not None}

    return make


@pytest.fixture
def sms_call(client, sms_plan):
    """Ask below the plan's address, with its token."""

    def ask(method, path, body=None, *, token=None, kind="application/json"):
        content = body if isinstance(body, bytes) else json.dumps(body)
        return client.generic(
            method,
            f"/sms/us/xms/v1/{sms_plan.service_plan_id}/{path}",
            b"" if body is None else content,
            content_type=kind,
            headers={"Authorization": f"Bearer {token or sms_plan.token}"},
        )

    return ask


@pytest.fixture
def app(db):
    """An app of the pretend Conversation API with one webhook that wants everything."""
    made = ensure_project(
        "pretend-project",
        app_id="01HZX3VQJ4T8M2N6P9R5S7W1YB",
        key_id="pretend-key-id",
        key_secret="pretend-key-secret",
        senders=[SENDER],
        switches={"dispatch_days": 7},
    )
    made.webhooks.create(
        webhook_id="01HZX3VQJ4T8M2N6P9R5S7W1YC",
        target="http://127.0.0.1:9/hooks/",
        target_type="HTTP",
        secret="sesame",
        triggers=sorted(TRIGGERS),
    )
    return made


@pytest.fixture
def ask(client, app):
    """Call an address of the project with a token of its own."""

    def send(method, path, body=None, *, region="us", token=None, query=""):
        bearer = make_token(app.project, time.time()) if token is None else token
        return client.generic(
            method,
            f"/conversation/{region}/v1/projects/{app.project.project_id}/{path}{query}",
            b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {bearer}"},
        )

    return send


@pytest.fixture
def make_order(app):
    """The body of a `messages:send` that is accepted, with what a test changes; None takes away."""

    def make(message=None, *, to=PHONE, channels=("MMS", "SMS"), **changes):
        identities = [{"channel": channel, "identity": to} for channel in channels]
        body = {
            "app_id": app.app_id,
            "recipient": {"identified_by": {"channel_identities": identities}},
            "message": message or {"text_message": {"text": "20 % off"}},
            "channel_properties": {"MMS_SENDER": SENDER, "SMS_SENDER": SENDER},
            "message_metadata": "ours-1",
            "correlation_id": "ours-1",
        }
        return {key: value for key, value in (body | changes).items() if value is not None}

    return make
