"""What an outcome of a request means for its row, its campaign and its channel."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns.gateways import errors
from campaigns.gateways.outcomes import Outcome
from campaigns.models import Campaign, Channel, OptOut
from campaigns.rules.statuses import MessageStatus
from campaigns.services.campaigns import pause_by_machine
from campaigns.services.channels import pause_channel
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import Claimed, Result
from campaigns.services.template_saving import resave_gone

S = MessageStatus
#: A reason of the message's own ("cannot fetch the picture") is tried again this often.
MOST_RETRIES = 5
#: Refused for its content this often in a row: every further copy would fail alike.
CONTENT_REFUSALS = 3
#: In doubt or unreachable this often in a row: the provider is in trouble, so hold the lane.
TROUBLES_IN_A_ROW = 5
FIRST_HOLD, LONGEST_HOLD = 5.0, 30.0
#: Asked to wait longer than this, the whole lane waits, but looks again after a minute.
LONG_WAIT, LONGEST_WAIT = 2.0, 60.0
TEMPLATE_GONE = (
    "The saved template {mms_id} was not at Sinch any more (E241): the others get the slides "
    "themselves, and the template is being saved again."
)


def result_of(parcel: Claimed, outcome: Outcome, now: datetime) -> Result:
    """The state of the row after an outcome."""
    if outcome.error is None:
        return Result(parcel.id, S.ACCEPTED, outcome.provider_id)
    return judge(parcel, outcome, now)


def judge(parcel: Claimed, outcome: Outcome, now: datetime) -> Result:
    """The state of the row after an outcome with an error (RELIABILITY §0.2)."""
    error = outcome.error
    if is_template_gone(outcome) and parcel.retry_count < MOST_RETRIES:
        return Result(parcel.id, S.QUEUED, code=error.code, reason=str(error), is_retry=True)
    if isinstance(error, errors.Refused):
        return Result(parcel.id, S.FAILED, code=error.code, reason=str(error))
    if isinstance(error, errors.OutcomeUnknown):
        return Result(parcel.id, S.UNKNOWN, code=error.code, reason=str(error))
    if isinstance(error, errors.Unreachable) and error.code:
        return _judge_retry(parcel, error, now)
    return Result(
        parcel.id,
        S.QUEUED,
        code=error.code,
        reason=str(error),
        send_after=now + _spread(error.retry_after or 1),
    )


def is_template_gone(outcome: Outcome | None) -> bool:
    """Whether the provider does not have the saved template: nothing was sent."""
    if outcome is None or not outcome.saved_id:
        return False
    return getattr(outcome.error, "is_template_gone", False)


def _judge_retry(parcel: Claimed, error: errors.Unreachable, now: datetime) -> Result:
    if parcel.retry_count >= MOST_RETRIES:
        return Result(parcel.id, S.FAILED, code=error.code, reason=str(error))
    wait = (error.retry_after or 10) * 2**parcel.retry_count
    return Result(
        parcel.id,
        S.QUEUED,
        code=error.code,
        reason=str(error),
        send_after=now + _spread(wait),
        is_retry=True,
    )


def _spread(seconds: float) -> timedelta:
    """Waiting rows must not all come back in the same instant."""
    return timedelta(seconds=seconds * random.uniform(1, 1.5))


@dataclass(slots=True)
class Troubles:
    """Counts doubts and failed connections in a row; `hold` > 0 asks to stop for that long.

    `text` says what is wrong, also from the run before: until a message goes through.
    """

    probing: bool = False
    in_a_row: int = 0
    hold: float = 0.0
    text: str = ""
    content_refusals: Counter[int] = field(default_factory=Counter)

    def note(self, outcome: Outcome) -> None:
        error = outcome.error
        if error is None:
            self.probing, self.in_a_row, self.text = False, 0, ""
            return
        if isinstance(error, errors.Throttled) and (error.retry_after or 0) > LONG_WAIT:
            # "At least so many seconds between calls": that is for all calls, not for this one.
            self.hold, self.text = min(error.retry_after, LONGEST_WAIT), str(error)
            return
        if not self._is_trouble(outcome):
            self.probing, self.in_a_row, self.text = False, 0, ""
            return
        self.in_a_row += 1
        if self.in_a_row >= TROUBLES_IN_A_ROW or self.probing:
            self.hold = LONGEST_HOLD if self.probing else FIRST_HOLD
            self.text = str(outcome.error)

    def stop(self, text: str) -> None:
        """Something on our side forbids to send for now."""
        self.hold, self.text = FIRST_HOLD, text

    def is_hopeless(self, campaign_id: int, outcome: Outcome) -> bool:
        """Refused for its content so often in a row that the campaign should wait for a person."""
        error = outcome.error
        if not getattr(error, "about_content", False):
            self.content_refusals[campaign_id] = 0
            return False
        self.content_refusals[campaign_id] += 1
        return self.content_refusals[campaign_id] == CONTENT_REFUSALS

    @staticmethod
    def _is_trouble(outcome: Outcome) -> bool:
        error = outcome.error
        if isinstance(error, errors.OutcomeUnknown):
            return True
        return isinstance(error, errors.Unreachable) and not error.code

    @staticmethod
    def was_throttled(outcome: Outcome) -> bool:
        return isinstance(outcome.error, errors.Throttled)


def act_on(channel: Channel, parcel: Claimed, outcome: Outcome, troubles: Troubles) -> None:
    """What an outcome means beyond its row: account, block list, content."""
    error = outcome.error
    if isinstance(error, errors.Misconfigured):
        pause_channel(channel, str(error), by=None)
    elif isinstance(error, errors.Refused) and error.is_blocked:
        record_optout(parcel.phone, source=OptOut.Source.PROVIDER, evidence=str(error))
    elif is_template_gone(outcome):
        _give_up_template(channel, parcel, outcome.saved_id)
    if parcel.campaign_id and troubles.is_hopeless(parcel.campaign_id, outcome):
        campaign = Campaign.objects.get(pk=parcel.campaign_id)
        pause_by_machine(campaign, f"Refused {CONTENT_REFUSALS} times in a row. {error}")


def _give_up_template(channel: Channel, parcel: Claimed, mms_id: str) -> None:
    """Campaigns that showed it go on with the slides themselves; it is saved again. A late answer
    about it says nothing about the one saved since."""
    sharing = Campaign.objects.filter(channel=channel, saved_id=mms_id)
    sharing.update(saved_id="", saved_note=TEMPLATE_GONE.format(mms_id=mms_id))
    resave_gone(parcel.revision_id, channel.pk, mms_id)
