"""Lists and the people on them."""

import re

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q

from campaigns.models import Campaign, ContactList, Segment
from campaigns.rules.problems import RuleBroken
from campaigns.rules.segments import Takes, numbers_named
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.audit import record

#: Persian words and families of emoji need them.
_JOINERS = re.compile("[\u200c\u200d]")
#: A campaign that is not through yet needs its lists.
_NEEDS_LISTS = (
    CampaignStatus.DRAFT,
    CampaignStatus.FILLING,
    CampaignStatus.SCHEDULED,
    CampaignStatus.SENDING,
    CampaignStatus.PAUSED,
)


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
    if not _JOINERS.sub("", name).isprintable():
        raise RuleBroken("The name has signs in it that nobody can read: write it anew.")
    if len(name) > longest:
        raise RuleBroken(f"The name of a list has at most {longest} characters: shorten it.")
    if ContactList.objects.filter(name__iexact=name).exists():
        raise RuleBroken(_taken(name))


def _taken(name: str) -> str:
    return f"There is already a list called “{name}”: choose it, or use another name."


def check_list_unused(contact_list: ContactList) -> None:
    """Raise `RuleBroken` while a campaign or a segment needs this list."""
    holds = Q(lists=contact_list) | Q(excluded_lists=contact_list)
    users = Campaign.objects.filter(holds, status__in=_NEEDS_LISTS).distinct()
    if names := [f"“{name}”" for name in users.values_list("name", flat=True)]:
        raise RuleBroken(
            f"“{contact_list}” cannot be deleted: the {_campaigns(names)} it. Take it out of "
            "drafts; wait for what is being sent, or stop it."
        )
    segments = Segment.objects.values_list("name", "definition")
    made_with = [n for n, tree in segments if contact_list.pk in numbers_named(tree, Takes.LIST)]
    if made_with:
        named = ", ".join(f"“{name}”" for name in made_with)
        raise RuleBroken(
            f"“{contact_list}” cannot be deleted: segments are made with it ({named}). Take it out "
            "of them first."
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
