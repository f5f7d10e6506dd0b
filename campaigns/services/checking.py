"""What stands in the way of a campaign, and what is only worth knowing before it goes out."""

from datetime import datetime

from campaigns.models import Campaign, MmsRevision
from campaigns.services.content_checks import find_mms_problems
from campaigns.services.drafts import draft_of
from campaigns.services.groups import find_group_problems
from campaigns.services.hearing import find_route_warning
from campaigns.services.ladder import Ladder, count_ladder
from campaigns.services.personal import find_personal_problems, written_to
from campaigns.services.planning import find_start_problems
from campaigns.services.rehearsing import tell_nobody
from campaigns.services.segments import problems_of


def find_campaign_problems(
    campaign: Campaign, now: datetime, *, ladder: Ladder | None = None
) -> tuple[list[str], list[str]]:
    """(what stops the launch, what is only worth knowing), each a full sentence. The `ladder` need
    not be counted twice."""
    problems = _find_gaps(campaign, ladder or count_ladder(campaign, now), now)
    warnings = []
    if campaign.mms and campaign.channel:
        found, warnings = _look_at_content(campaign)
        problems += found
    if not problems and (nobody := tell_nobody(campaign)):
        problems.append(nobody)
    if warning := find_route_warning(campaign.sender):
        warnings = [*warnings, warning]
    return problems, warnings


def _look_at_content(campaign: Campaign) -> tuple[list[str], list[str]]:
    head = campaign.mms.head
    if head is None:
        return ["The MMS is empty: compose it first."], []
    problems, warnings = find_mms_problems(head, campaign.channel)
    missing, doubts = _find_missing_values(campaign, head)
    return [*problems, *missing], [*warnings, *doubts]


def _find_missing_values(campaign: Campaign, head: MmsRevision) -> tuple[list[str], list[str]]:
    """What the merge fields say of the very people it would go to."""
    found = find_personal_problems(draft_of(head), written_to(campaign), campaign.channel)
    return [str(problem) for problem in found[0]], [str(warning) for warning in found[1]]


def _find_gaps(campaign: Campaign, ladder: Ladder, now: datetime) -> list[str]:
    problems = []
    if campaign.channel and campaign.channel.paused_at:
        problems.append(
            f"The channel “{campaign.channel}” is paused: {campaign.channel.paused_reason} "
            "Resume it first."
        )
    if campaign.sender is None:
        problems.append("Choose the number it comes from.")
    elif campaign.channel and campaign.sender.channel_id != campaign.channel_id:
        problems.append("The number belongs to another channel: choose one of this channel.")
    if campaign.mms is None:
        problems.append("Choose the MMS to send.")
    if campaign.not_after and campaign.not_after <= now:
        problems.append("“Not after” is in the past: choose a later time.")
    problems += find_start_problems(campaign, now)
    problems += _find_audience_problems(campaign, ladder)
    return problems


def _find_audience_problems(campaign: Campaign, ladder: Ladder) -> list[str]:
    if not campaign.lists.exists() and not campaign.segments.exists():
        return ["Choose at least one list or segment."]
    segments = [*campaign.segments.all(), *campaign.excluded_segments.all()]
    if problems := [problem for segment in segments for problem in problems_of(segment)]:
        return problems
    if ladder.remaining == 0:
        return [_say_nobody(ladder)]
    if not campaign.as_group:
        return []
    if campaign.segments.exists():
        return ["A group message goes to lists, since a segment changes: take the segments out."]
    return find_group_problems(campaign)


def _say_nobody(ladder: Ladder) -> str:
    if not ladder.total:
        return "There are no recipients: the lists and segments are empty."
    why = ", ".join(f"{rung.label.lower()} {count:,}" for rung, count in ladder.subtracted)
    return f"There are no recipients: of {ladder.total:,} people, {why}."
