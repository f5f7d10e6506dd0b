"""Prints what the kill test found: a table for people, or one object."""

import json

from campaigns.management.chaos.verdict import Findings


def as_json(found: Findings) -> str:
    return json.dumps(found.as_dict())


def as_table(found: Findings) -> str:
    """Two columns; the verdict in words below."""
    blows = ", ".join(f"{count} × {what}" for what, count in sorted(found.blows.items()))
    rows = [
        ("on", f"{found.database}, {found.broker} broker" + _twin(found)),
        ("seed", found.seed),
        ("messages", found.messages),
        ("kills -9", f"{found.kills} ({blows})" if blows else 0),
        ("clusters asked to end, and started again", found.stops),
        ("restarts of servers", found.restarts),
        ("deliveries, counted by the provider", found.deliveries),
        ("doubled", found.doubled),
        ("lost", found.lost),
        ("ambiguous answers, injected", found.ambiguous),
        ("unknown, ever", f"{found.unknown} (at most {found.unknown_at_most})"),
        ("  of these reconciled by a report", found.reconciled),
        ("  of these never received", found.not_received),
        ("reports answered 200", found.posts),
        ("  of these without a row", found.posts_without_row),
        ("reports refused or unanswered, then repeated", found.posts_refused),
        ("messages unlike their reports", found.misjudged),
        ("states", ", ".join(f"{n} {name}" for name, n in found.statuses.items())),
        ("longest stall", f"{found.longest_stall} s (at most {found.longest_stall_at_most:.0f})"),
        ("  after which", ", ".join(_gaps(found))),
        ("fastest second", f"{found.fastest_second} requests (the rate is {found.rate:.0f})"),
        ("seconds faster than the rate", found.seconds_too_fast),
        ("seconds", found.seconds),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {value}" for name, value in rows]
    verdict = "FAILED: " + "; ".join(found.problems) if found.problems else "PASSED"
    return "\n".join([*lines, "", verdict])


def _gaps(found: Findings) -> list[str]:
    """Longest first."""
    ordered = sorted(found.gaps.items(), key=lambda each: -each[1])
    return [f"{what} {seconds:.1f} s" for what, seconds in ordered]


def _twin(found: Findings) -> str:
    return f", the bad twin “{found.twin}”" if found.twin else ""
