"""What a phone writes to a number of a plan: the inbound, its callback, the message on the phone
(§8)."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.sandbox import copies
from campaigns.sandbox.inbound import Picture, file_url, plan_reply
from campaigns.sandbox.models import Api, HandsetMessage, Postback, SandboxAccount
from campaigns.sandbox.sms.joining import join_and_leave
from campaigns.sandbox.sms.models import MoForm, SmsInbound, SmsPlan, new_id
from campaigns.sandbox.sms.moments import write_moment
from campaigns.sandbox.written import Binary

OPERATOR_ID = "310260"
UPLOADED, FAILED = ("Uploaded", 0), ("Failed", 1)


@dataclass
class Written:
    """An answer that is not saved yet."""

    message: HandsetMessage
    inbound: SmsInbound | None = None
    postbacks: list[Postback] = field(default_factory=list)


def save_answers(answers: Sequence[Written]) -> None:
    """To be called while writing."""
    inbounds = [answer.inbound for answer in answers if answer.inbound]
    HandsetMessage.objects.bulk_create(answer.message for answer in answers)
    SmsInbound.objects.bulk_create(inbounds)
    Postback.objects.bulk_create(row for answer in answers for row in answer.postbacks)
    join_and_leave(inbounds)


def plan_of(number: str) -> SmsPlan | None:
    """The plan that has this number, if any."""
    plans = SmsPlan.objects.order_by("pk")
    return next((plan for plan in plans if number in [*plan.senders, plan.default_sender]), None)


def plan_answer(
    plan: SmsPlan,
    *,
    phone: str,
    to: str,
    text: str,
    pictures: Sequence[Picture] = (),
    at: datetime,
    loses_one: bool = False,
    form: str = "",
    binary: Binary | None = None,
    reference: str = "",
) -> Written:
    """Text alone is an SMS (`mo_text`), pictures make it an MMS in the form that the plan has.
    `reference`: of the batch that it answers, where that is repeated."""
    if pictures and (form or plan.mo_form) == MoForm.POSTBACK:
        return _as_postback(plan, phone, to, text, pictures[0], at)
    media = [_file(picture) for picture in pictures]
    message = HandsetMessage(
        api=Api.SMS,
        provider_id=new_id(),
        token=secrets.token_urlsafe(12),
        phone=phone,
        other=to,
        is_reply=True,
        is_sms=not pictures,
        at=at,
        slides=[{"text": _shown(binary) if binary else text, "media": media}],
    )
    if binary:
        said = _binary(binary)
    else:
        said = _media(message, text, loses_one or plan.loses_an_item) if pictures else _text(text)
    body = said | {
        "id": message.provider_id,
        "from": phone,
        "to": to,
        "received_at": write_moment(at),
        "operator_id": OPERATOR_ID,
    }
    if reference:
        body["client_reference"] = reference
    inbound = SmsInbound(
        plan=plan,
        inbound_id=message.provider_id,
        to=to,
        client_reference=reference,
        received_at=at,
        body=body,
    )
    return Written(message, inbound, _callback(plan, body, phone, at))


def _text(text: str) -> dict:
    return {"type": "mo_text", "body": text}


def _binary(binary: Binary) -> dict:
    body = base64.b64encode(binary.content).decode()
    return {"type": "mo_binary", "body": body, "udh": binary.udh}


def _shown(binary: Binary) -> str:
    return f"(Binary message, {len(binary.content)} bytes)"


def _media(message: HandsetMessage, text: str, loses_one: bool) -> dict:
    items = []
    for number, file in enumerate(message.slides[0]["media"], 1):
        is_lost = loses_one and number == 1
        status, code = FAILED if is_lost else UPLOADED
        item = {"content_type": file["type"], "status": status, "code": code}
        if not is_lost:
            item["url"] = file_url(message, number, file["name"])
        items.append(item)
    words = {"message": text} if text else {}
    return {"type": "mo_media", "body": {**words, "media": items}}


def _file(picture: Picture) -> dict:
    name = copies.keep(picture.content, picture.type)
    return {"kind": "image", "name": name, "type": picture.type, "size": len(picture.content)}


def _callback(plan: SmsPlan, body: dict, phone: str, at: datetime) -> list[Postback]:
    if not plan.callback_url:
        return []
    postback = Postback(
        api=Api.SMS,
        url=plan.callback_url,
        secret=plan.callback_secret,
        body=body,
        code=body["type"],
        phone=phone,
        due_at=at,
    )
    return [postback]


def _as_postback(
    plan: SmsPlan, phone: str, to: str, text: str, picture: Picture, at: datetime
) -> Written:
    """The MMS_MO form of the MMS family, with that family's habits; it is not listed."""
    account = SandboxAccount(postback_url=plan.callback_url)
    message, postback = plan_reply(
        account, phone=phone, to=to, text=text, pictures=[picture], at=at
    )
    message.api = Api.SMS
    return Written(message, None, [postback] if plan.callback_url else [])
