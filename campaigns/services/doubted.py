"""Rows that are skipped while a reply of their people waits to be judged: which they are, and how
they get their turn back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, TextField, Value, When

from campaigns.models import Campaign, Message, OptOut, OptOutReview
from campaigns.rules.ladder import REASONS, Rung
from campaigns.rules.quiethours import Table
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.detours import ring_lanes
from campaigns.services.ladder import rung_once_judged
from campaigns.services.outbox import OPTED_OUT, UNDER_REVIEW
from campaigns.services.planning import plan_turn
from campaigns.services.quiethours import read_table

S, Decision = MessageStatus, OptOutReview.Decision
#: Where a row that was skipped for a doubt may still go out.
GOES_ON = (
    CampaignStatus.FILLING,
    CampaignStatus.SCHEDULED,
    CampaignStatus.SENDING,
    CampaignStatus.PAUSED,
)


def _sure() -> Exists:
    return Exists(OptOut.objects.of_row().exclude(source=OptOut.Source.REVIEW))


# --- Which they are ------------------------------------------------------------------------------


def why_gone() -> Case:
    """The reason of rows whose people are left alone: they opted out, or only may have."""
    sure = When(_sure(), then=Value(OPTED_OUT))
    return Case(sure, default=Value(UNDER_REVIEW), output_field=TextField())


def note_doubted(campaign: Campaign) -> None:
    """Of the rows just made for who had opted out when the audience was frozen, those that a reply
    to judge alone kept away, also when it was judged while the rows were made."""
    meanwhile = Q(decision=Decision.NOT_ONE, decided_at__gte=campaign.frozen_at)
    reviews = OptOutReview.objects.filter(Q(decision=Decision.OPEN) | meanwhile).order_by()
    rows = Message.objects.filter(
        campaign=campaign,
        status=S.SKIPPED,
        rung=Rung.OPTED_OUT,
        reason=OPTED_OUT,
        phone__in=reviews.values("phone"),
    )
    rows.exclude(_sure()).update(reason=UNDER_REVIEW)


# --- How they get their turn back ----------------------------------------------------------------


@transaction.atomic
def give_back_to(phone: str, now: datetime) -> int:
    """What was skipped for a doubt about this number alone waits again, where its campaign is not
    over; how many messages that is.

    The campaigns are locked: none of them ends meanwhile, and one that is being filled either
    finds the judgement or has its rows found here.
    """
    theirs = Exists(Message.objects.filter(campaign=OuterRef("pk"), phone=phone))
    going_on = Campaign.objects.filter(Q(filled_at=None) | theirs, status__in=GOES_ON)
    locked = list(going_on.select_for_update(no_key=True).order_by("pk"))
    return sum(give_back(campaign, now, phone=phone) for campaign in locked)


def give_back(campaign: Campaign, now: datetime, **of_whom: Any) -> int:
    """The same for the rows of one campaign, which the caller has locked."""
    doubted = Message.objects.filter(campaign=campaign, status=S.SKIPPED, reason=UNDER_REVIEW)
    judged = doubted.exclude(Exists(OptOut.objects.of_row())).exclude(contact=None)
    table, count = read_table(), 0
    for row in judged.filter(**of_whom).select_related("contact").order_by("pk"):
        fields = _find_turn(campaign, row, table, now)
        if doubted.filter(pk=row.pk).update(changed_at=now, **fields):
            count += fields.get("status") == S.QUEUED
    if count:
        ring_lanes(campaign)
    return count


def _find_turn(campaign: Campaign, row: Message, table: Table, now: datetime) -> dict[str, Any]:
    """What the row says from now on. Its turn is that of the plan as it is now, at the place where
    they are now; and much may have happened since they were left alone."""
    rung = rung_once_judged(campaign, row.phone, now)
    if rung != Rung.WRITTEN_TO:
        return {"reason": REASONS[rung]} if rung else {}
    place = row.contact.place
    turn = plan_turn(campaign, place, table, campaign.planned_at or campaign.launched_at)
    planned = {"place": place, "send_after": turn.send_after}
    if turn.skipped:
        return {"reason": turn.skipped, **planned}
    return {"status": S.QUEUED, "reason": turn.held if turn.send_after > now else "", **planned}
