"""The interfaces that sending is measured on: their channels, and one request of each."""

from collections.abc import Mapping
from typing import Any

from campaigns.gateways import GATEWAYS
from campaigns.gateways.channels import ChannelConfig
from campaigns.gateways.http import Answer
from campaigns.gateways.outgoing import Content, OutgoingMms, OutgoingSlide
from campaigns.management.benchmarks.stub import ANSWERS

#: kind → (path of the base URL, settings, secrets).
ACCOUNTS: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "sinch_mms": ("ep/v2/", {"service_id": "svc"}, {"x_api_key": "k"}),
    "sinch_conversation": (
        "",
        {
            "project_id": "p1",
            "app_id": "01BENCHAPP0000000000000000",
            "region": "us",
            "key_id": "k1",
        },
        {"key_secret": "s"},
    ),
    "sinch_sms": ("", {"service_plan_id": "plan1"}, {"api_token": "t"}),
}


class Capture:
    """A wire that keeps what was posted and answers as the stub does."""

    def __init__(self, kind: str) -> None:
        status, body = ANSWERS[kind]
        self._answer = Answer(status, body % 1, 0.0)
        self.posted: tuple[str, dict[str, str], bytes] = ("", {}, b"")

    def post(self, url: str, headers: Mapping[str, str], body: bytes, **options: Any) -> Answer:
        self.posted = url, dict(headers), body
        return self._answer

    def close(self) -> None:
        """Nothing is open."""


class OneToken:
    """The token of a benchmark."""

    def read(self) -> str:
        return "bench"

    def renew(self, refused: str, fetch: Any) -> str:
        return "bench"


def one_request(kind: str, url: str) -> tuple[str, dict[str, str], bytes]:
    """Address, headers and body of a full request, as our gateway makes it."""
    _, settings, secrets = ACCOUNTS[kind]
    wire = Capture(kind)
    config = ChannelConfig(url, {**settings, **secrets}, tokens=OneToken())
    content = Content(
        slides=(OutgoingSlide("20 % off"),),
        subject="Spring",
        fallback_text="See our offer:",
        sender="12015550100",
    )
    gateway = GATEWAYS[kind](config, wire)
    numbers = range(12_010_000_000, 12_010_000_000 + GATEWAYS[kind].limits.batch)
    gateway.send(
        [
            OutgoingMms(str(number), f"0123456789ab-{number}", content, batch_reference="b1")
            for number in numbers
        ]
    )
    return wire.posted
