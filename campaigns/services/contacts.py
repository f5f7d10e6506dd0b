"""Whether a person may be written to, and why not: for one in a sentence, for many in a word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from campaigns.models import Channel, Contact, Message, OptOut, Policy, Sender
from campaigns.rules.countries import name_of
from campaigns.rules.ladder import Rung
from campaigns.rules.lines import UNREACHABLE_LINES, LineKind
from campaigns.rules.statuses import MessageStatus
from campaigns.services.policy import get_policy
from campaigns.services.whereabouts import find_window, local_clock

YOU_CAN = "You can write to them."
RECORD_IT = "record how they agreed"
NO_CONSENT = f"There is no consent of theirs: {RECORD_IT}, then you can write to them."
NO_CONSENT_EITHER = "There is no consent of theirs either"
NO_CONTACT = "No contact has this number: add one, then campaigns can reach it."
FROM_OTHERS = "No contact has this number: add one, then campaigns of other channels can reach it."
NEVER_OPEN = "Quiet hours leave no time to write to them within the next 14 days."
#: Rows in these states are no message to anybody.
_NEVER_SENT = (MessageStatus.SKIPPED, MessageStatus.CANCELLED, MessageStatus.FAILED)
_EVIDENCE_SHOWN = 80
#: How evidence begins that is their own words.
_THEY_WROTE = ("Replied “", "They replied “")
_INNER_QUOTES = str.maketrans("“”", "‘’")
_LINES = {
    LineKind.LANDLINE: "is a landline",
    LineKind.TOLL_FREE: "is toll-free",
    LineKind.OTHER: "is no person’s phone",
}


def explain_reach(contact: Contact, now: datetime) -> str:
    """Why nobody can write to this person, or that one can. Every lasting cause, beginning with
    what nobody can mend; without any, how often and quiet hours."""
    optouts = list(OptOut.objects.filter(phone=contact.phone).select_related("channel", "by"))
    gone = _tell_gone(optouts)
    if contact.line in UNREACHABLE_LINES:
        consent = "" if contact.consented_at else f"{NO_CONSENT_EITHER}."
        return " ".join(filter(None, (_tell_line(contact), gone, consent)))
    if gone and _is_gone_everywhere(optouts):
        return gone if contact.consented_at else f"{gone} {NO_CONSENT_EITHER}."
    rest = _explain_rest(contact, now)
    return f"{gone.rstrip('.')}; from other channels: {_begin_small(rest)}" if gone else rest


def explain_number(phone: str, now: datetime) -> str:
    """The same for a number, which may be no contact’s."""
    if contact := Contact.objects.filter(phone=phone).first():
        return explain_reach(contact, now)
    optouts = list(OptOut.objects.filter(phone=phone).select_related("channel", "by"))
    if not optouts:
        return NO_CONTACT
    gone = _tell_gone(optouts)
    return gone if _is_gone_everywhere(optouts) else f"{gone} {FROM_OTHERS}"


def _tell_line(contact: Contact) -> str:
    return f"Their number {_LINES[LineKind(contact.line)]}: an MMS does not arrive there."


def _tell_gone(optouts: Sequence[OptOut]) -> str:
    """What they opted out of; "" when of nothing."""
    for optout in optouts:
        if optout.channel is None:
            return f"They opted out on {tell_optout(optout)}."
    told = " and ".join(f"from {optout.channel} on {tell_optout(optout)}" for optout in optouts)
    if not told:
        return ""
    if _is_gone_everywhere(optouts):
        return f"They opted out of every channel: {told}."
    return f"They opted out of messages {told}."


def _is_gone_everywhere(optouts: Sequence[OptOut]) -> bool:
    channels = {optout.channel_id for optout in optouts}
    return None in channels or not Channel.objects.exclude(pk__in=channels).exists()


def tell_optout(optout: OptOut) -> str:
    """3 May 2026 by replying “STOP”"""
    wrote, words = _read_evidence(optout)
    by = f"as {optout.by or 'staff'} entered"
    source = OptOut.Source(optout.source)
    if wrote and source == OptOut.Source.STAFF:
        return f"{_day(optout.asked_at)} by replying “{wrote}”, {by}"
    if wrote and source == OptOut.Source.REPLY:
        return f"{_day(optout.asked_at)} by replying “{wrote}”"
    told = {
        OptOut.Source.REPLY: "by a reply",
        OptOut.Source.STAFF: by,
        OptOut.Source.PROVIDER: "by the provider’s block list",
        OptOut.Source.FILE: "by a file of opt-outs",
        OptOut.Source.REVIEW: "by a reply that waits to be judged",
    }[source]
    words = wrote or words
    return f"{_day(optout.asked_at)} {told}" + (f": “{words}”" if words else "")


def _read_evidence(optout: OptOut) -> tuple[str, str]:
    """(what they wrote themselves, what else was noted), short and without quotes of its own."""
    words = " ".join(optout.evidence.split()).rstrip(".")
    opening = next((each for each in _THEY_WROTE if words.startswith(each)), "")
    words = words.removeprefix(opening).removesuffix("”") if opening else words
    words = f"{words[:_EVIDENCE_SHOWN]}…" if len(words) > _EVIDENCE_SHOWN else words
    words = words.translate(_INNER_QUOTES)
    return (words, "") if opening else ("", words)


def _explain_rest(contact: Contact, now: datetime) -> str:
    """Every cause but opt-outs and the kind of line."""
    reach, country = _read_reach(), name_of(contact.country)
    far = reach.not_reaching(contact.country)
    if reach.is_nowhere(contact.country):
        told = f"None of your numbers reaches {country}: add a sender that does."
        return told if contact.consented_at else f"{told} {NO_CONSENT_EITHER}: {RECORD_IT}."
    if contact.consented_at is None:
        return NO_CONSENT
    told = _explain_cap(contact, now) or _explain_hours(contact, now) or YOU_CAN
    if not far:
        return told
    names = " and ".join(far.values())
    return f"{told.rstrip('.')}; but not from {names}, whose numbers do not reach {country}."


def _begin_small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%-d %B %Y}"


# --- Countries -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """The channels (id → name), and the countries that their numbers reach; None: all."""

    channels: dict[int, str]
    countries: dict[int, set[str] | None]

    def not_reaching(self, country: str) -> dict[int, str]:
        """Channels whose every number is for other countries."""
        return {
            pk: self.channels[pk]
            for pk, reached in self.countries.items()
            if country and reached is not None and country not in reached
        }

    def is_nowhere(self, country: str) -> bool:
        """Whether no channel reaches this country."""
        far = self.not_reaching(country)
        return bool(far) and far.keys() == self.channels.keys()


def _read_reach() -> Reach:
    channels = dict(Channel.objects.values_list("pk", "name"))
    countries: dict[int, set[str] | None] = {}
    for channel_id, text in Sender.objects.values_list("channel_id", "countries"):
        listed = {each.strip() for each in text.upper().split(",")} - {""}
        known = countries.get(channel_id, set())
        countries[channel_id] = known | listed if listed and known is not None else None
    return Reach(channels, countries)


# --- How often ----------------------------------------------------------------------------------


def _counted(policy: Policy, now: datetime) -> QuerySet[Message]:
    """Messages that count towards the most that one person may get, as on the ladder."""
    since = now - timedelta(days=policy.cap_days)
    recent = Q(campaign__finished_at=None) | Q(campaign__finished_at__gt=since)
    rows = Message.objects.filter(recent, campaign__launched_at__isnull=False).order_by()
    lately = Q(accepted_at=None) | Q(accepted_at__gt=since)
    return rows.filter(lately).exclude(status__in=_NEVER_SENT)


def _explain_cap(contact: Contact, now: datetime) -> str:
    """Until when they have had enough messages; "" when they have not."""
    policy = get_policy()
    if not policy.cap_count:
        return ""
    times = _counted(policy, now).filter(phone=contact.phone).values_list("accepted_at", flat=True)
    times = list(times)
    if len(times) < policy.cap_count:
        return ""
    many = "1 message" if len(times) == 1 else f"{len(times)} messages"
    told = f"They have {many} in {_days(policy)}, and may get {policy.cap_count} at most"
    gone = sorted(time for time in times if time is not None)
    too_many = len(times) - policy.cap_count  # besides the one that must make room
    if too_many >= len(gone):
        return f"{told}; what waits for them must go out first."
    until = gone[too_many] + timedelta(days=policy.cap_days)
    return f"{told}: you can write to them again from {local_clock(contact, until, now)} on."


def _days(policy: Policy) -> str:
    return "one day" if policy.cap_days == 1 else f"{policy.cap_days} days"


# --- Quiet hours --------------------------------------------------------------------------------


def _explain_hours(contact: Contact, now: datetime) -> str:
    window = find_window(contact, now)
    if window is None:
        return NEVER_OPEN
    if window.opens_at <= now:
        return ""
    opens = local_clock(contact, window.opens_at, now)
    return f"It is quiet hours where they are: you can write to them from {opens} on."


# --- Many people --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """What the list says of somebody: the first rung that holds, and the channels they opted out
    of, if not of all."""

    rung: Rung
    channels: tuple[str, ...] = ()


def find_standings(contacts: Iterable[Contact], now: datetime) -> dict[int, Standing]:
    """Contact id → where they stand for all channels, by a few queries for all of them."""
    contacts = list(contacts)
    gone: dict[str, list[str | None]] = {}
    phones = [contact.phone for contact in contacts]
    optouts = OptOut.objects.filter(phone__in=phones).order_by()
    for phone, channel in optouts.values_list("phone", "channel__name"):
        gone.setdefault(phone, []).append(channel)
    capped, reach = _capped_among(phones, now), _read_reach()
    far = {each for each in {contact.country for contact in contacts} if reach.is_nowhere(each)}
    return {
        contact.pk: _standing(contact, gone.get(contact.phone, []), far, capped)
        for contact in contacts
    }


def _standing(
    contact: Contact, gone: list[str | None], far: set[str], capped: set[str]
) -> Standing:
    if None in gone:
        return Standing(Rung.OPTED_OUT)
    channels = tuple(sorted(name for name in gone if name))
    if contact.consented_at is None:
        return Standing(Rung.NO_CONSENT, channels)
    if contact.line in UNREACHABLE_LINES:
        return Standing(Rung.LINE, channels)
    if contact.country in far:
        return Standing(Rung.COUNTRY, channels)
    return Standing(Rung.CAPPED if contact.phone in capped else Rung.WRITTEN_TO, channels)


def _capped_among(phones: list[str], now: datetime) -> set[str]:
    policy = get_policy()
    if not policy.cap_count:
        return set()
    rows = _counted(policy, now).filter(phone__in=phones).values("phone").annotate(n=Count("pk"))
    return set(rows.filter(n__gte=policy.cap_count).values_list("phone", flat=True))
