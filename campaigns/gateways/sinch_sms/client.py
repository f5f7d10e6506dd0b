"""Speaks the SMS REST API (reference/sinch-sms-rest-api.md §1–5)."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import quote

from campaigns.gateways import signature
from campaigns.gateways.channels import ChannelConfig, Field, Limits
from campaigns.gateways.errors import GatewayError, Misconfigured, OutcomeUnknown, Refused
from campaigns.gateways.events import Event, Seal
from campaigns.gateways.http import Transport
from campaigns.gateways.lacking import Lacking
from campaigns.gateways.outcomes import Exchange, Outcome, Rehearsal
from campaigns.gateways.outgoing import OutgoingMms
from campaigns.gateways.payload import clean, text
from campaigns.gateways.sinch_sms import reading, rehearsing, webhooks
from campaigns.gateways.sinch_sms.batches import FORMATS, MOST_RECIPIENTS, Batch, halve, part
from campaigns.gateways.sinch_sms.bodies import Options, batch_fields, encode, shorten
from campaigns.gateways.sinch_sms.codes import is_about_a_number
from campaigns.gateways.sinch_sms.members import digits, members
from campaigns.gateways.sinch_sms.serviceplan import Request, ServicePlan, in_doubt

LEFT_OUT = "Sinch took the batch, but its answer does not name this number: it may not have gone."
_SIZE = 1_000_000
#: What Sinch's best practices allow without conversion, and with it (§4).
_SIZES = {"image": 740_000, "gif": 600_000, "video": 740_000}
_SIZES_CONVERTED = {"image": _SIZE, "gif": 740_000, "video": 10_000_000}
_KINDS = ("image", "gif", "audio", "video", "contact", "calendar", "pdf", "excel")
_REGIONS = ("us", "eu", "au", "br", "ca")
_NO_OR_YES = (("", "No (usual)"), ("yes", "Yes"))
_YES = frozenset({"yes", "y", "true", "on", "1"})


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SinchSms(Lacking):
    """Sinch's SMS REST API: one request for up to 1,000 people, results by callback or polled."""

    label = "Sinch SMS REST API (MMS batches)"
    default_base_url = "https://us.sms.api.sinch.com/"
    regions = MappingProxyType({name: f"https://{name}.sms.api.sinch.com/" for name in _REGIONS})
    fields = (
        Field(
            "service_plan_id",
            "Service plan id",
            help="In the Sinch dashboard: SMS, APIs. Sinch plans to end MMS in this API: for "
            "something new choose the Conversation API.",
            is_account=True,
        ),
        Field(
            "region",
            "Region",
            required=False,
            help="Where the service plan is: its address below follows.",
            choices=(("", "As the base URL says"), *((name, name.upper()) for name in _REGIONS)),
        ),
        Field("api_token", "API token", secret=True, help="Beside the service plan id."),
        Field(
            "callback_secret",
            "Callback secret",
            secret=True,
            required=False,
            help="Only if Sinch signs your callbacks: then nothing else is taken.",
            overlaps=True,
        ),
        Field(
            "strict",
            "Strict validation",
            required=False,
            help="Sinch refuses a file that does not keep to its best practices.",
            choices=_NO_OR_YES,
        ),
        Field(
            "feedback",
            "Delivery feedback",
            required=False,
            help="Sinch is told who has surely got a message because they answered.",
            choices=_NO_OR_YES,
        ),
    )
    limits = Limits(
        slides=1,
        text=2000,
        subject=80,
        sizes=MappingProxyType(dict.fromkeys(_KINDS, _SIZE) | _SIZES),
        sizes_transcoded=MappingProxyType(dict.fromkeys(_KINDS, _SIZE) | _SIZES_CONVERTED),
        total=_SIZE,
        types=frozenset(
            {
                "image/jpeg",
                "image/png",
                "image/gif",
                "video/mp4",
                "video/quicktime",
                "text/vcard",
                "application/pdf",
            }
        ),
        batch=MOST_RECIPIENTS,
        formats=FORMATS,
        media=1,
        has_sms=True,
    )
    signature_headers = signature.HEADERS

    def __init__(
        self, config: ChannelConfig, wire: Transport, clock: Callable[[], datetime] = _utc_now
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._secrets = signature.read_secrets(config.values.get("callback_secret"))
        callback_url = str(config.values.get("callback_url") or "").strip()
        escaped = callback_url.replace("/", "\\/")  # as some servers write JSON
        self._plan = ServicePlan(config, wire, [*self._secrets, callback_url, escaped])
        self._options = Options(
            strict=_says_yes(config, "strict"),
            feedback=_says_yes(config, "feedback"),
            callback_url=callback_url,
        )

    def send(self, batch: Sequence[OutgoingMms]) -> list[Outcome]:
        """Send each message once, many in one request; never raises a `GatewayError`.

        No request is repeated but one that Sinch refused whole for a number in it: then its halves
        are sent, so that one bad number does not stop the others.
        """
        outcomes = [Outcome(message.reference) for message in batch]
        batches, refused = part(batch)
        for place, problem in refused.items():
            outcomes[place].error = problem
        queue, left = deque(batches), MOST_SPLITS
        while queue:
            each = queue.popleft()
            error = self._send_batch(each, outcomes)
            if isinstance(error, Misconfigured):  # every further request would fail alike
                for other in queue:
                    _fail(other, outcomes, error)
                break
            if left and is_about_a_number(error) and len(each.places) > 1:
                left -= 1
                queue.extendleft(reversed(halve(each)))
        return outcomes

    def rehearse(self, batch: Sequence[OutgoingMms]) -> Rehearsal | None:
        """Sinch's dry run: nothing is sent."""
        return rehearsing.rehearse(self._plan, batch, self._options, self._clock())

    def look_up(self, batch_reference: str) -> Mapping[str, str]:
        """Who is in which of the batches that carry our reference."""
        return reading.find_people(self._plan, batch_reference, self._clock())

    def poll(self, since: datetime, until: datetime) -> Iterator[bytes]:
        """Final reports and replies of that time, as callbacks would have brought them."""
        return reading.poll(self._plan, since, until)

    def cancel(self, batch_id: str) -> bool:
        """Stop what Sinch still has of a batch; messages on their way arrive all the same."""
        try:
            data, _ = self._plan.ask(
                Request("cancel", "DELETE", _path(batch_id), is_about_one=True)
            )
        except Refused:  # it is too late, or there is no such batch any more
            return False
        return str(data.get("canceled")).lower() == "true"  # it has been seen as text (§4.1)

    def tell_received(self, batch_id: str, phones: Sequence[str]) -> None:
        """Feedback, where the channel asks for it. Nobody named would mean everybody (§5)."""
        if not (self._options.feedback and phones):
            return
        body = encode({"recipients": list(phones)})
        path = f"{_path(batch_id)}/delivery_feedback"
        request = Request("feedback", "POST", path, body, is_about_one=True)
        self._plan.ask(request, reads=False)

    def check_credentials(self, sender: str) -> Exchange:
        """Raise a `GatewayError` unless the service plan shows us its batches."""
        return self._plan.ask(Request("check", "GET", "batches?page=0&page_size=1"))[1]

    def close(self) -> None:
        """Let the connections go."""
        self._wire.close()

    def verify_post(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Seal:
        """Where a secret is agreed; else the unguessable address is the proof (§7)."""
        return signature.verify(headers, body, now, self._secrets)

    def parse_post(self, body: bytes) -> list[Event]:
        return webhooks.parse_post(body)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._plan.url!r})"

    def _send_batch(self, batch: Batch, outcomes: list[Outcome]) -> GatewayError | None:
        """One request, and what was wrong with it. Its exchange is told once: a journal needs no
        thousand copies."""
        fields = batch_fields(batch, self._options, self._clock())
        request = Request(
            fields["type"],
            "POST",
            "batches",
            encode(fields),
            reference=batch.reference,
            kept=shorten(fields),
        )
        first = outcomes[batch.places[0]]
        try:
            data, exchange = self._plan.send(request)
            batch_id = text(data, "id", limit=100)
            if not batch_id:
                raise in_doubt(exchange)
        except GatewayError as error:
            first.exchange = error.exchange
            _fail(batch, outcomes, error)
            return error
        # As its rows are known from now on; the rest of the answer says again what was asked.
        news = encode({name: data[name] for name in _NEWS if name in data})
        first.exchange = replace(exchange, reference=batch_id, answer=clean(news, 2000))
        taken = {digits(number) for number in members(data, "to")}
        for phone, place in zip(batch.words, batch.places, strict=True):
            if taken and phone not in taken:
                outcomes[place].error = OutcomeUnknown(LEFT_OUT)
            else:
                outcomes[place].error = None
                outcomes[place].provider_id = f"{batch_id}/{phone}"
        return None


def _fail(batch: Batch, outcomes: list[Outcome], error: GatewayError) -> None:
    for place in batch.places:
        outcomes[place].error = error


#: So often at most a request is halved in one call: a list of bad numbers is no batch.
MOST_SPLITS = 60
#: What the answer to a batch says besides the batch.
_NEWS = ("id", "type", "created_at", "expire_at", "canceled")


def _says_yes(config: ChannelConfig, name: str) -> bool:
    return str(config.values.get(name) or "").strip().lower() in _YES


def _path(batch_id: str) -> str:
    return f"batches/{quote(batch_id, safe='')}"
