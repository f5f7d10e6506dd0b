"""What a phone answers: an MO message, its files hosted here, its callback (§6)."""

import io
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from PIL import Image, ImageDraw

from campaigns.sandbox import copies, postbacks
from campaigns.sandbox.models import HandsetMessage, Postback, SandboxAccount

#: First words that are passed on as `keyword`.
KEYWORDS = {"STOP", "HELP", "INFO", "START"}


@dataclass(frozen=True)
class Picture:
    content: bytes
    type: str


def plan_reply(
    account: SandboxAccount,
    *,
    phone: str,
    to: str,
    text: str,
    pictures: Sequence[Picture] = (),
    others: Iterable[str] = (),
    at: datetime,
) -> tuple[HandsetMessage, Postback]:
    """The unsaved message on the phone and its callback, both at that moment."""
    message = HandsetMessage(
        token=secrets.token_urlsafe(12), phone=phone, other=to, is_reply=True, at=at
    )
    message.slides = [{"text": text, "media": list(_files(text, pictures))}]
    body = _inbound(message, text, others)
    return message, postbacks.plan_inbound(account, body, at)


def file_url(message: HandsetMessage, number: int, name: str) -> str:
    return f"{settings.SANDBOX_URL}/mo/{message.token}/{number}.{name.rpartition('.')[2]}"


@cache
def draw_picture(sky: str = "#9fd3e6") -> Picture:
    """A bird on a wire, so that nothing needs to be downloaded."""
    image = Image.new("RGB", (480, 360), sky)
    draw = ImageDraw.Draw(image)
    draw.ellipse((370, 30, 440, 100), fill="#ffd75e")
    draw.line((0, 270, 480, 250), fill="#3a4454", width=5)
    draw.polygon((160, 225, 80, 250, 170, 250), fill="#1d2330")
    draw.ellipse((150, 150, 290, 262), fill="#1d2330")
    draw.ellipse((180, 190, 280, 262), fill="#fbfbf8")
    draw.ellipse((250, 110, 325, 185), fill="#1d2330")
    draw.polygon((320, 140, 360, 152, 320, 160), fill="#e0a030")
    draw.ellipse((290, 132, 302, 144), fill="#fbfbf8")
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=85)
    return Picture(stream.getvalue(), "image/jpeg")


def _files(text: str, pictures: Sequence[Picture]) -> Iterable[dict]:
    for picture in pictures:
        name = copies.keep(picture.content, picture.type)
        yield {"kind": "image", "name": name, "type": picture.type}
    if text:
        yield {
            "kind": "text",
            "name": copies.keep(text.encode(), "text/plain"),
            "type": "text/plain",
        }


def _inbound(message: HandsetMessage, text: str, others: Iterable[str]) -> dict:
    body = {
        "origin": "MMS_MO",
        "code": "N401",
        "from": message.phone,
        "to": message.other,
        "tracking-id": f"MMS_MO_{secrets.token_urlsafe(6)}",
        "operator-id": "310012",
        "timestamp": message.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "content": [
            {"file": file_url(message, number, file["name"])}
            for number, file in enumerate(message.slides[0]["media"], 1)
        ],
    }
    first_word = text.split()[0].upper() if text.split() else ""
    if first_word in KEYWORDS:
        body["keyword"] = first_word
    if copied := [{"number": number} for number in others]:
        body["copy-to"] = copied
    return body
