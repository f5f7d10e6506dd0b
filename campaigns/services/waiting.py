"""Messages that wait, when something happens to their people: they go or move, or a consent of
theirs does not hold any more."""

from collections.abc import Collection, Iterable

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from campaigns.models import Campaign, Contact, Message, Recipient
from campaigns.rules.ladder import REASONS, Rung
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.outbox import UNDER_REVIEW
from campaigns.services.planning import PLANNED_AWAY

S = MessageStatus
#: Who was left out for their time waits too: a moved start brings them back; and who may have
#: opted out: a judgement brings them back.
WAITING = Q(status=S.QUEUED) | Q(status=S.SKIPPED, reason__in=(*PLANNED_AWAY, UNDER_REVIEW))
_MOVED = [rung for rung in Rung if rung != Rung.EXCLUDED]


def skip_waiting(messages: QuerySet[Message], reason: str) -> None:
    """They are not sent, whatever happens to their campaign."""
    waiting = messages.filter(WAITING)
    waiting.update(status=S.SKIPPED, reason=reason, changed_at=timezone.now())


def skip_without_consent(phones: Collection[str]) -> None:
    """Whose consent was taken back gets no campaign."""
    unknown = Contact.objects.filter(phone__in=phones, consented_at=None).order_by()
    messages = Message.objects.filter(
        purpose=Message.Purpose.CAMPAIGN, phone__in=unknown.values("phone")
    )
    skip_waiting(messages, REASONS[Rung.NO_CONSENT])


def place_waiting(contacts: Iterable[int]) -> None:
    """The quiet hours of these contacts' new places hold for what waits for them."""
    campaign = Message.objects.filter(WAITING, purpose=Message.Purpose.CAMPAIGN).order_by()
    if not (ids := list(contacts)) or not campaign.filter(status=S.QUEUED).exists():
        return
    place = Contact.objects.filter(pk=OuterRef("contact_id")).order_by().values("place")
    moved = campaign.filter(contact__in=ids).exclude(place=F("contact__place"))
    moved.update(place=Subquery(place))


def in_preparation() -> QuerySet[Recipient]:
    """People of frozen audiences that are on their way into the outbox; who is left out by choice
    stays there."""
    over = (CampaignStatus.DRAFT, CampaignStatus.CANCELLED)
    campaigns = Campaign.objects.filter(filled_at=None).exclude(status__in=over).order_by()
    return Recipient.objects.filter(campaign__in=campaigns.values("pk"), rung__in=_MOVED)
