"""What callbacks tell: reports, replies, changes of consent, notices; and their signature."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.rules.formats import Place

#: Ends the words of a report after which one more try is of no use.
NO_USE_AGAIN = "Sending it again does not help."


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """A report about a message we sent.

    `status` is a `MessageStatus` value, or None where the code changes nothing or is not known;
    `known` tells these two apart. `key` is the same for a repeat of the same report. Of a batch,
    `provider_id` is its id, a slash, and the number, and `batch_name` the same with our reference
    of the batch. `parts`: of an SMS.
    """

    key: str
    code: str
    status: int | None
    reference: str = ""
    provider_id: str = ""
    text: str = ""
    at: datetime | None = None
    sent_as: str = ""
    operator: str = ""
    to: str = ""
    known: bool = True
    batch_name: str = ""
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """A message from a person. `media_urls` are files at the provider, soon deleted.

    `via`: "MMS" or "SMS". `comes_in_parts`: further files of the same message come as events of
    their own, and nothing ties them together. `postback` and `answered_id`: what a chosen answer
    carries, and the provider's id of the message it was offered in. `batch_reference`: ours, of
    the batch they answer, where the provider repeats it.
    """

    key: str
    provider_id: str
    sender: str
    to: str
    subject: str = ""
    text: str = ""
    keyword: str = ""
    operator: str = ""
    media_urls: tuple[str, ...] = ()
    copied_to: tuple[str, ...] = ()
    at: datetime | None = None
    via: str = "MMS"
    comes_in_parts: bool = False
    postback: str = ""
    answered_id: str = ""
    place: Place | None = None
    batch_reference: str = ""


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """The provider's own list changed: somebody opted out there, or in again."""

    key: str
    phone: str
    opted_out: bool
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeEvent:
    """Something that is kept and changes nothing: `kind` as the provider names it, `text` in
    words; `known` is False for what no reference lists."""

    key: str
    kind: str
    text: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class SavedEvent:
    """A report about a saved template: `ready`, or failed with `text` and the file's `url`, or
    at least its `kind`."""

    key: str
    code: str
    saved_id: str
    ready: bool
    text: str = ""
    url: str = ""
    kind: str = ""
    reference: str = ""
    provider_id: str = ""


Event = DeliveryEvent | InboundEvent | SavedEvent | ConsentEvent | NoticeEvent


@dataclass(frozen=True, slots=True)
class Seal:
    """What the signature of a callback says: why it is not genuine ("" when it is, or when this
    provider signs nothing), and the nonce that must not come twice."""

    problem: str = ""
    nonce: str = ""
