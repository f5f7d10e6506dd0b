"""What a Django team would write first: one queue task per message with `requests.post`."""

import json

import requests

from campaigns.models import Message


def send_one(message_id: int, url: str, certificate: str) -> None:
    message = Message.objects.select_related("channel").get(pk=message_id)
    body = {
        "action": "sendmms",
        "to": message.phone,
        "from": message.sender,
        "client-reference": message.reference,
        "slide": [{"message-text": "20 % off"}],
    }
    answer = requests.post(
        url, data=json.dumps(body), headers={"x-api-key": "k"}, verify=certificate, timeout=60
    ).json()
    message.provider_id = answer["tracking-id"]
    message.status = 40
    message.save()
