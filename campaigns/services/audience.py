"""Whom a campaign reaches, and the lists and people it is made of."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Campaign, Contact, ContactList, Membership, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.audit import record

#: A campaign that is not through yet needs its lists.
_NEEDS_LISTS = (
    CampaignStatus.DRAFT,
    CampaignStatus.FILLING,
    CampaignStatus.SENDING,
    CampaignStatus.PAUSED,
)


@dataclass(frozen=True, slots=True)
class Ladder:
    """How many people are on the lists, and how many are left to write to."""

    total: int
    opted_out: int

    @property
    def remaining(self) -> int:
        return self.total - self.opted_out


def recipients_of(campaign: Campaign) -> QuerySet[Contact]:
    """Everybody on the campaign's lists, once, opted out or not."""
    members = Membership.objects.filter(contact_list__campaigns=campaign)
    return Contact.objects.filter(pk__in=members.order_by().values("contact_id"))


def count_ladder(campaign: Campaign) -> Ladder:
    recipients = recipients_of(campaign).order_by()
    opted_out = Exists(OptOut.objects.filter(phone=OuterRef("phone")))
    return Ladder(total=recipients.count(), opted_out=recipients.filter(opted_out).count())


def create_list(
    name: str, *, description: str = "", by: AbstractBaseUser | None = None
) -> ContactList:
    """A new, empty list; its name is not taken."""
    name = " ".join(name.split())
    check_list_name(name)
    try:
        with transaction.atomic():
            contact_list = ContactList.objects.create(name=name, description=description)
            record("list.created", contact_list, by=by)
    except IntegrityError:  # somebody made it this moment
        raise RuleBroken(_taken(name)) from None
    return contact_list


def check_list_name(name: str) -> None:
    """Raise `RuleBroken` unless a new list may be called this."""
    longest = ContactList._meta.get_field("name").max_length
    if not name:
        raise RuleBroken("Give the list a name.")
    if len(name) > longest:
        raise RuleBroken(f"The name of a list has at most {longest} characters: shorten it.")
    if ContactList.objects.filter(name__iexact=name).exists():
        raise RuleBroken(_taken(name))


def _taken(name: str) -> str:
    return f"There is already a list called “{name}”: choose it, or use another name."


def check_list_unused(contact_list: ContactList) -> None:
    """Raise `RuleBroken` while a campaign needs this list."""
    users = contact_list.campaigns.filter(status__in=_NEEDS_LISTS)
    if names := [f"“{name}”" for name in users.values_list("name", flat=True)]:
        raise RuleBroken(
            f"“{contact_list}” cannot be deleted: the {_campaigns(names)} it. Take it out of "
            "drafts; wait for what is being sent, or stop it."
        )


def _campaigns(names: list[str]) -> str:
    if len(names) == 1:
        return f"campaign {names[0]} needs"
    return f"campaigns {', '.join(names[:-1])} and {names[-1]} need"


@transaction.atomic
def delete_list(contact_list: ContactList, *, by: AbstractBaseUser) -> None:
    """Delete a list that no campaign needs; the people on it stay."""
    check_list_unused(contact_list)
    count = contact_list.memberships.count()
    record("list.deleted", contact_list, by=by, before={"contacts": count})
    contact_list.delete()


def remember_contact(
    phone: str, *, contact_list: ContactList | None = None, **fields: str
) -> Contact:
    """The person with this number (digits with country code), made when unknown, put on the list.

    `fields` are what a new contact starts with; a known one keeps what is known.
    """
    with transaction.atomic():
        contact, _ = Contact.objects.get_or_create(phone=phone, defaults=fields)
        if contact_list:
            Membership.objects.get_or_create(contact=contact, contact_list=contact_list)
    return contact
