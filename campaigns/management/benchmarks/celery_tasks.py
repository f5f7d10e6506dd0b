"""What a team that knows Celery would write: a task per message, a session per thread."""

import json
import os
from threading import local

import django
import requests
from celery import Celery

django.setup()

from campaigns.models import Message  # noqa: E402
from campaigns.rules.statuses import MessageStatus  # noqa: E402

app = Celery("bench", broker=os.environ.get("BENCH_BROKER", ""))
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)
_own = local()


@app.task
def send_one(message_id: int, url: str, certificate: str) -> None:
    if not hasattr(_own, "session"):
        _own.session = requests.Session()
    message = Message.objects.get(pk=message_id)
    body = {
        "action": "sendmms",
        "to": message.phone,
        "from": message.sender,
        "client-reference": message.reference,
        "slide": [{"message-text": "20 % off"}],
    }
    answer = _own.session.post(
        url, data=json.dumps(body), headers={"x-api-key": "k"}, verify=certificate, timeout=60
    ).json()
    Message.objects.filter(pk=message_id).update(
        provider_id=answer["tracking-id"], status=MessageStatus.ACCEPTED
    )
