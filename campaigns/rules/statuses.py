"""The states of messages, campaigns and saved templates, and which moves are allowed."""

from django.db.models import IntegerChoices, TextChoices

from campaigns.rules.problems import RuleBroken


class MessageStatus(IntegerChoices):
    """The life of one message to one recipient. The words are shown to people as they are."""

    QUEUED = 10, "Waiting"
    SENDING = 20, "Sending"
    UNKNOWN = 30, "In doubt"  # it may have gone; a machine never sends it again
    UNRESOLVED = 31, "Unresolved"  # in doubt, and every postback that could tell is overdue
    ACCEPTED = 40, "Accepted"  # the provider took it, nothing is known beyond that
    SENT = 50, "Sent"  # handed to the carrier
    NO_RECEIPT = 60, "No receipt"  # sent, and the carrier never said more
    EXPIRED = 70, "Expired"
    FAILED = 71, "Failed"
    DELIVERED = 80, "Delivered"
    DELIVERED_AS_SMS = 81, "Delivered as SMS"
    SKIPPED = 90, "Skipped"  # we decided not to send it, with the reason
    CANCELLED = 91, "Stopped"  # the campaign was stopped before its turn


_S = MessageStatus

# A report may raise the strength of a status, never lower it (RELIABILITY §0.1). "No receipt" is
# said by our clock and gives way to any real receipt. We never sent what is skipped or cancelled,
# so a report for such a row tells of something stronger than our intention.
STRENGTH: dict[int, int] = {
    _S.QUEUED: 0,
    _S.SKIPPED: 0,
    _S.CANCELLED: 0,
    _S.SENDING: 1,
    _S.UNKNOWN: 1,
    _S.UNRESOLVED: 1,
    _S.ACCEPTED: 2,
    _S.SENT: 3,
    _S.NO_RECEIPT: 4,
    _S.EXPIRED: 5,
    _S.FAILED: 5,
    _S.DELIVERED: 6,
    _S.DELIVERED_AS_SMS: 6,
}

#: Nothing more is expected of these; a campaign whose every row is one of them is done.
FINAL = frozenset(
    {
        _S.UNRESOLVED,
        _S.NO_RECEIPT,
        _S.EXPIRED,
        _S.FAILED,
        _S.DELIVERED,
        _S.DELIVERED_AS_SMS,
        _S.SKIPPED,
        _S.CANCELLED,
    }
)
#: Something is still expected of these.
OPEN = frozenset(MessageStatus) - FINAL
#: Why these are as they are is told in words, and counted by it.
GONE_WRONG = (_S.FAILED, _S.EXPIRED, _S.SKIPPED, _S.UNKNOWN, _S.UNRESOLVED)
#: What a person may send again, asked first; the unresolved are told that it may have arrived.
RESENDABLE = frozenset({_S.FAILED, _S.EXPIRED, _S.UNRESOLVED})


class CampaignStatus(TextChoices):
    DRAFT = "draft", "Draft"
    FILLING = "filling", "Preparing recipients"
    SCHEDULED = "scheduled", "Scheduled"  # the rows are made, the first wave has not begun
    SENDING = "sending", "Sending"
    PAUSED = "paused", "Paused"
    SENT = "sent", "Sent, receipts coming in"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Stopped"


_C = CampaignStatus
CAMPAIGN_MOVES: dict[str, frozenset[str]] = {
    _C.DRAFT: frozenset({_C.FILLING}),
    _C.FILLING: frozenset({_C.SCHEDULED, _C.SENDING, _C.PAUSED, _C.CANCELLED}),
    _C.SCHEDULED: frozenset({_C.FILLING, _C.SENDING, _C.PAUSED, _C.CANCELLED}),
    _C.SENDING: frozenset({_C.PAUSED, _C.SENT, _C.DONE, _C.CANCELLED}),
    _C.PAUSED: frozenset({_C.SENDING, _C.SCHEDULED, _C.FILLING, _C.CANCELLED, _C.DONE}),
    _C.SENT: frozenset({_C.DONE}),
    _C.DONE: frozenset(),
    _C.CANCELLED: frozenset(),
}
_VERBS = {
    _C.FILLING: "launched",
    _C.SCHEDULED: "scheduled",
    _C.SENDING: "resumed",
    _C.PAUSED: "paused",
    _C.CANCELLED: "stopped",
    _C.SENT: "marked as sent",
    _C.DONE: "finished",
}


def check_campaign_move(old: str, new: str) -> None:
    """Raise `RuleBroken` unless a campaign may go from `old` to `new`."""
    if new not in CAMPAIGN_MOVES[old]:
        raise RuleBroken(
            f"A campaign that is “{CampaignStatus(old).label.lower()}” cannot be {_VERBS[new]}."
        )


class FitStatus(TextChoices):
    """A file being made to fit."""

    WAITING = "waiting", "Waiting"
    WORKING = "working", "Working"
    DONE = "done", "Done"
    FAILED = "failed", "Cannot be fitted"


class SavedStatus(TextChoices):
    """A saved template at the provider (reference/sinch-mms-json-api.md §3.3)."""

    SAVING = "saving", "Saving"
    TRANSCODING = "transcoding", "Transcoding"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    IN_DOUBT = "in_doubt", "In doubt"
