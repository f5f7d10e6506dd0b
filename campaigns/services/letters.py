"""What a lane sends to whom: who is awake, each person's words, and what goes in one request."""

from datetime import datetime

from campaigns.gateways.outgoing import OutgoingMms
from campaigns.models import Campaign, Channel, MmsRevision
from campaigns.rules.mergefields import MissingValue, say_name
from campaigns.rules.statuses import MessageStatus
from campaigns.services.crew import Job
from campaigns.services.groups import show_nobody_gone
from campaigns.services.hours import OpenHours, expiry_of
from campaigns.services.outbox import Claimed, Result
from campaigns.services.templates import find_ready_id
from campaigns.services.wording import Letter, letter_of

WITHOUT_VALUE = "The message calls for {name}, and nothing is known there for this person."


class Letters:
    """The letters of one slice. A version is made ready once and then filled in for each person.

    `campaigns` are those that send now, by id; the lookout replaces them.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.campaigns: dict[int, Campaign] = {}
        self.hours = OpenHours()
        self._ready: dict[tuple[int | None, int, str, str, float], Letter] = {}

    def write(self, claimed: list[Claimed], now: datetime) -> tuple[Job, list[Result]]:
        """What goes out, as each person reads it, and what became of the others: asleep, or the
        message would hold a gap."""
        written: Job = []
        awake, others = self.hours.part(claimed, self._not_after, now)
        for parcel in show_nobody_gone(awake):
            try:
                written.append((parcel, self._outgoing(parcel)))
            except MissingValue as missing:
                reason = WITHOUT_VALUE.format(name=say_name(missing.name))
                others.append(Result(parcel.id, MessageStatus.SKIPPED, reason=reason))
        return written, others

    def _not_after(self, parcel: Claimed) -> datetime | None:
        campaign = self.campaigns.get(parcel.campaign_id or 0)
        return campaign.not_after if campaign else None

    def _outgoing(self, parcel: Claimed) -> OutgoingMms:
        saved_id = self._saved_id(parcel)
        key = (parcel.campaign_id, parcel.revision_id, parcel.sender, saved_id, parcel.closes_at)
        if key not in self._ready:
            self._ready[key] = self._letter(parcel, saved_id)
        return self._ready[key].to(
            parcel.phone,
            parcel.wire_reference,
            merge_values=parcel.merge_values,
            shown_to=parcel.shown_to,
            batch_reference=parcel.batch_reference,
        )

    def _is_sms(self, parcel: Claimed) -> bool:
        """It makes a detour: its campaign belongs to another channel."""
        if parcel.campaign_id is None:
            return False
        campaign = self.campaigns.get(parcel.campaign_id)
        campaign = campaign or Campaign.objects.get(pk=parcel.campaign_id)
        return campaign.channel_id != self.channel.pk

    def _saved_id(self, parcel: Claimed) -> str:
        """Tests, which are few, ask anew each time."""
        if self._is_sms(parcel):
            return ""
        if campaign := self.campaigns.get(parcel.campaign_id or 0):
            return campaign.saved_id
        return find_ready_id(parcel.revision_id, self.channel.pk)

    def _letter(self, parcel: Claimed, saved_id: str) -> Letter:
        return letter_of(
            MmsRevision.objects.select_related("mms").get(pk=parcel.revision_id),
            sender=parcel.sender,
            channel=self.channel,
            expires_at=expiry_of(parcel, self._not_after(parcel)),
            saved_id=saved_id,
            is_sms=self._is_sms(parcel),
        )


def jobs_of(written: Job, most: int) -> list[Job]:
    """What goes in one request: of one content, at most so many."""
    if most == 1:
        return [[each] for each in written]
    alike: dict[tuple[object, ...], Job] = {}
    for parcel, mms in written:
        key = id(mms.content), mms.batch_reference, _own_heading(mms)
        alike.setdefault(key, []).append((parcel, mms))
    return [job[at : at + most] for job in alike.values() for at in range(0, len(job), most)]


def _own_heading(mms: OutgoingMms) -> tuple[object, ...]:
    """A subject of their own beside a file is a request of its own: each waits for its slot, so
    that a stop or an opt-out still counts for it."""
    has_file = any(slide.media for slide in mms.content.slides)
    return (mms.own.subject, mms.own.titles) if mms.own and has_file else ()
