"""The numbers a phone can write to: whose they are, and how an answer reaches them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from campaigns.sandbox.conversation.models import ConversationApp
from campaigns.sandbox.conversation.replies import save_reply
from campaigns.sandbox.conversation.transcoding import map_link
from campaigns.sandbox.inbound import plan_reply
from campaigns.sandbox.models import Api, HandsetMessage, SandboxAccount, SmsPlan
from campaigns.sandbox.sms.answered import repeated_reference
from campaigns.sandbox.sms.answers import plan_answer, save_answers
from campaigns.sandbox.writing import writing
from campaigns.sandbox.written import Written


@dataclass(frozen=True)
class Line:
    """One number of one account; several interfaces may have the same number."""

    api: str
    account: int
    number: str

    @property
    def key(self) -> str:
        """The number alone names the oldest interface."""
        is_plain = self.api == Api.MMS
        return self.number if is_plain else f"{self.api}-{self.account}-{self.number}"

    @property
    def label(self) -> str:
        return f"{self.number} · {Api(self.api).label.removesuffix(' API')}"

    @property
    def takes_binary(self) -> bool:
        """Only this interface says how a binary message looks."""
        return self.api == Api.SMS


def every_line() -> list[Line]:
    return [
        Line(api, account.pk, number)
        for api, accounts in _accounts()
        for account in accounts
        for number in account.senders
    ]


def lines_of(phone: str) -> list[Line]:
    """Whom this phone can write to: who wrote last comes first, then everybody else."""
    wrote = HandsetMessage.objects.filter(phone=phone).order_by("-pk")
    recent = list(dict.fromkeys(wrote.values_list("api", "other")[:20]))
    places = {who: place for place, who in enumerate(recent)}
    lines = every_line()
    return sorted(lines, key=lambda line: places.get((line.api, line.number), len(places)))


def send(line: Line, phone: str, written: Written, at: datetime) -> None:
    SENDS[line.api](line, phone, written, at)


def _accounts() -> Iterable[tuple[str, Iterable]]:
    yield Api.MMS, SandboxAccount.objects.order_by("pk")
    yield Api.CONVERSATION, ConversationApp.objects.order_by("pk")
    yield Api.SMS, SmsPlan.objects.order_by("pk")


def _send_mms(line: Line, phone: str, written: Written, at: datetime) -> None:
    account = SandboxAccount.objects.get(pk=line.account)
    message, postback = plan_reply(
        account,
        phone=phone,
        to=line.number,
        text=_words(written),
        pictures=written.pictures,
        at=at,
    )
    with writing():
        message.save()
        if postback.url:
            postback.save()


def _send_conversation(line: Line, phone: str, written: Written, at: datetime) -> None:
    app = ConversationApp.objects.select_related("project").get(pk=line.account)
    save_reply(app, phone, line.number, written, at)


def _send_sms(line: Line, phone: str, written: Written, at: datetime) -> None:
    plan = SmsPlan.objects.get(pk=line.account)
    answer = plan_answer(
        plan,
        phone=phone,
        to=line.number,
        text=_words(written),
        pictures=written.pictures,
        at=at,
        binary=written.binary,
        reference=repeated_reference(plan, phone, line.number, at),
    )
    with writing():
        save_answers([answer])


def _words(written: Written) -> str:
    """Where a place cannot be told as one, the link to it is."""
    return f"{written.place['title']}: {map_link(written.place)}" if written.place else written.text


SENDS: dict[str, Callable[[Line, str, Written, datetime], None]] = {
    Api.MMS: _send_mms,
    Api.CONVERSATION: _send_conversation,
    Api.SMS: _send_sms,
}
