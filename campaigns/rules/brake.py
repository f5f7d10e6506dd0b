"""When a campaign that is sending must wait for a person: too many failures or opt-outs, or no
report at all."""

from dataclasses import dataclass
from datetime import timedelta

#: Fewer messages than this say nothing about the rest.
LEAST_GONE = 100
LEAST_FAILED = 20
LEAST_OPTED_OUT = 5
#: So many must be out, and old enough, before silence means anything.
LEAST_UNREPORTED = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of a campaign's messages since its brake was released last, or ever.

    `gone` left or failed, `failed` of them failed or expired; `reached` were taken by the
    provider and did not fail, `opted_out` of their people opted out by reply.
    """

    gone: int
    failed: int
    reached: int
    opted_out: int


def fails_too_much(counted: Counted, per_cent: int | None) -> bool:
    enough = counted.gone >= LEAST_GONE and counted.failed >= LEAST_FAILED
    return enough and _is_more(counted.failed, counted.gone, per_cent)


def repels_too_many(counted: Counted, per_cent: int | None) -> bool:
    enough = counted.reached >= LEAST_GONE and counted.opted_out >= LEAST_OPTED_OUT
    return enough and _is_more(counted.opted_out, counted.reached, per_cent)


def _is_more(part: int, whole: int, per_cent: int | None) -> bool:
    return per_cent is not None and 100 * part > per_cent * whole


# --- In words ------------------------------------------------------------------------------------

_GO_ON = "Then resume it: only what happens from then on counts."


def say_failing(counted: Counted, per_cent: int) -> str:
    return (
        f"{counted.failed:,} of {counted.gone:,} messages failed or expired, more than "
        f"{per_cent} %. See why below, and put it right. {_GO_ON}"
    )


def say_repelling(counted: Counted, per_cent: int) -> str:
    return (
        f"{counted.opted_out:,} of the {counted.reached:,} people it reached opted out by reply, "
        f"more than {per_cent} %. Look again at who gets it, and at what it says. {_GO_ON}"
    )


def say_silent(count: int, quiet: timedelta, channel: str) -> str:
    minutes = int(quiet.total_seconds() // 60)
    return (
        f"No report at all has come back on “{channel}” for {minutes} minutes, and {count} or more "
        "messages wait for theirs. See on the channel's page whether callbacks arrive, and set its "
        f"callback address at the provider. {_GO_ON}"
    )
