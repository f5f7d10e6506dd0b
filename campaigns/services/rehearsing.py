"""A dry run of a campaign: its provider says what would become of the first people's messages."""

import hashlib
import json
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache

from campaigns.gateways.base import Gateway
from campaigns.gateways.errors import GatewayError
from campaigns.gateways.outcomes import Rehearsal
from campaigns.gateways.outgoing import OutgoingMms
from campaigns.models import Campaign
from campaigns.rules.mergefields import MissingValue, names_of
from campaigns.services.channel_kinds import kinds_that
from campaigns.services.channels import open_gateway
from campaigns.services.drafts import draft_of
from campaigns.services.journal import keep_exchanges
from campaigns.services.personal import fields_of, values_of, written_to
from campaigns.services.wording import letter_of

MOST = 1000
#: A page waits so long for the provider at most.
WAIT_SECONDS = 12
#: The same question is not asked again so soon.
KEPT_SECONDS = 300
#: Somebody mends it at the provider and checks again.
KEPT_BAD_SECONDS = 60
TOO_SLOW = "The provider did not answer in time. Nothing was sent; try again in a minute."


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the provider said of `asked` people's messages, or why it could not be asked."""

    asked: int
    recipients: int = 0
    parts: int = 0
    problems: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def nobody(self) -> str:
        """That it would reach nobody, in words; "" where it reaches somebody, or was not asked."""
        if self.trouble or self.recipients or not self.asked:
            return ""
        people = "1 person" if self.asked == 1 else f"{self.asked:,} people"
        found = " ".join(self.problems)
        return f"Sinch rehearsed the messages of the first {people}: none would arrive. {found}"


def is_offered(campaign: Campaign) -> bool:
    """Whether the campaign's provider rehearses, and there is something to rehearse."""
    if not (campaign.channel and campaign.sender and campaign.mms and campaign.mms.head):
        return False
    return campaign.channel.kind in kinds_that("rehearse")


def rehearse_campaign(
    campaign: Campaign, now: datetime, *, wait: float = WAIT_SECONDS
) -> Rehearsed | None:
    """What would become of its first messages; None where the provider rehearses nothing. It
    never sends."""
    batch = _write(campaign) if is_offered(campaign) else []
    if not batch:
        return None
    key = _mark_of(campaign, batch)
    known = cache.get(key)
    if known is None:
        known = _rehearse(campaign, batch, now, wait)
        if not known.trouble:
            cache.set(key, known, KEPT_BAD_SECONDS if known.nobody else KEPT_SECONDS)
    return known


def tell_nobody(campaign: Campaign) -> str:
    """That the last rehearsal of the very same messages reached nobody, in words; "" otherwise,
    and where there was none. Asks nobody."""
    batch = _write(campaign) if is_offered(campaign) else []
    known = cache.get(_mark_of(campaign, batch)) if batch else None
    return known.nobody if known else ""


def _write(campaign: Campaign) -> list[OutgoingMms]:
    """The messages of the first people, as they would go out. Whose would hold a gap is told by
    the check beside."""
    head = campaign.mms.head
    letter = letter_of(head, sender=campaign.sender.number, channel=campaign.channel)
    names = names_of(fields_of(draft_of(head)))
    batch = []
    for number, contact in enumerate(written_to(campaign)[:MOST], 1):
        values = json.dumps(values_of(contact, names)) if names else ""
        try:
            batch.append(
                letter.to(
                    contact.phone, f"rehearsal.{number}", merge_values=values, batch_reference="r"
                )
            )
        except MissingValue:
            continue
    return batch


def _mark_of(campaign: Campaign, batch: Sequence[OutgoingMms]) -> str:
    """The same as long as the same would be asked of the same account."""
    channel = campaign.channel
    said = [(mms.to, mms.own) for mms in batch]
    told = (channel.pk, channel.base_url, channel.settings, batch[0].content, said)
    return f"rehearsed:{hashlib.sha256(repr(told).encode()).hexdigest()}"


def _rehearse(
    campaign: Campaign, batch: list[OutgoingMms], now: datetime, wait: float
) -> Rehearsed:
    """Asked by a thread of its own: somebody waits for the page."""
    answer: list[Rehearsal | GatewayError | None] = []
    gateway = open_gateway(campaign.channel)
    thread = threading.Thread(target=_ask, args=(gateway, batch, answer), daemon=True)
    thread.start()
    thread.join(wait)
    if not answer:
        return Rehearsed(len(batch), trouble=TOO_SLOW)
    if isinstance(answer[0], GatewayError):
        keep_exchanges(campaign.channel_id, [answer[0].exchange], now)
        return Rehearsed(len(batch), trouble=str(answer[0]))
    if answer[0] is None:
        return Rehearsed(len(batch), trouble="The provider offers no rehearsal.")
    found = answer[0]
    return Rehearsed(len(batch), found.recipients, found.parts, found.problems)


def _ask(
    gateway: Gateway, batch: list[OutgoingMms], answer: list[Rehearsal | GatewayError | None]
) -> None:
    with closing(gateway):
        try:
            answer.append(gateway.rehearse(batch))
        except GatewayError as error:
            answer.append(error)
