"""Group messages: everybody on a list gets the MMS and sees the numbers of the others.

The provider knows no groups: each member gets a request of their own that displays the others
(reference/sinch-mms-json-api.md §3.6).
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from campaigns.models import Campaign, Contact, ContactList, Membership, Message, OptOut
from campaigns.rules.statuses import MessageStatus
from campaigns.services.outbox import Claimed

#: Phones and carriers set limits of their own; ten is what all of them take [assumed].
MOST_MEMBERS = 10


def members_of(contact_list: ContactList) -> QuerySet[Contact]:
    """Who gets a group message to this list, in the order in which it shows them."""
    gone = OptOut.objects.on(None).values("phone")
    return contact_list.contacts.exclude(phone__in=gone).order_by("pk")


def find_group_problems(campaign: Campaign, *, until: datetime | None = None) -> list[str]:
    """Why the campaign's lists cannot be groups, one sentence each. With `until`, the moment of
    the launch, only what cannot be sent at all: who is left of a group gets it alone."""
    joined = Q(memberships__added_at__lte=until) if until else Q()
    lists = campaign.lists.annotate(count=Count("memberships", filter=joined)).order_by("name")
    problems = [problem for found in lists if (problem := _about_size(found))]
    if until is None:
        problems += [problem for found in lists if (problem := _about_members(found))]
    twice = _count_people_in_two(campaign, Q(added_at__lte=until) if until else Q())
    if twice:
        who = f"{twice:,} people are" if twice > 1 else "One person is"
        problems.append(
            f"{who} in more than one of these groups, and a campaign writes to a person once: "
            "make a campaign for each group."
        )
    return problems


def _about_size(contact_list: ContactList) -> str:
    if contact_list.count > MOST_MEMBERS:
        return (
            f"“{contact_list}” has {contact_list.count:,} people; a group message reaches "
            f"{MOST_MEMBERS} at most. Use smaller lists, or send it to each person alone."
        )
    return ""


def _about_members(contact_list: ContactList) -> str:
    if len(members_of(contact_list)[:2]) < 2:
        return f"“{contact_list}” has nobody to make a group of: add people, or leave it out."
    return ""


def _count_people_in_two(campaign: Campaign, joined: Q) -> int:
    members = Membership.objects.filter(joined, contact_list__campaigns=campaign).order_by()
    several = members.values("contact_id").annotate(count=Count("id")).filter(count__gt=1)
    return several.count()


def sample_others(campaign: Campaign) -> list[Contact]:
    """Whom the first person of the first group sees."""
    contact_list = campaign.lists.order_by("name").first()
    return list(members_of(contact_list)[1:MOST_MEMBERS]) if contact_list else []


@transaction.atomic
def arrange_groups(campaign: Campaign) -> None:
    """Note in each waiting row who else is in its group; nothing of it has gone out yet."""
    for contact_list in campaign.lists.all():
        joined = Membership.objects.filter(
            contact_list=contact_list, added_at__lte=campaign.launched_at
        )
        rows = Message.objects.filter(campaign=campaign, status=MessageStatus.QUEUED)
        group = rows.filter(contact__in=joined.values("contact_id")).order_by("contact_id")
        _show_each_other(list(group))


def _show_each_other(group: list[Message]) -> None:
    for message in group:
        others = [other.phone for other in group if other.pk != message.pk]
        message.shown_to = ",".join(others)
    Message.objects.bulk_update(group, ["shown_to"])


def show_nobody_gone(claimed: list[Claimed]) -> list[Claimed]:
    """The rows without the numbers of who opted out, or went, since the group was made; noted in
    the outbox, so that it says what was shown."""
    shown = {phone for parcel in claimed for phone in parcel.shown_to.split(",") if phone}
    if not shown:
        return claimed
    gone = _find_gone(shown, {parcel.campaign_id for parcel in claimed})
    return [_without(parcel, gone) for parcel in claimed]


def _find_gone(phones: set[str], campaigns: set[int | None]) -> set[str]:
    """Who opted out; whom nothing is sent to after all; whose number is nobody's any more."""
    people = Contact.objects.filter(phone__in=phones).order_by()
    skipped = Message.objects.filter(
        campaign__in=campaigns, phone__in=phones, status=MessageStatus.SKIPPED
    )
    gone = phones - set(people.values_list("phone", flat=True))
    gone |= set(OptOut.objects.filter(phone__in=phones).values_list("phone", flat=True))
    return gone | set(skipped.order_by().values_list("phone", flat=True))


def _without(parcel: Claimed, gone: set[str]) -> Claimed:
    left = ",".join(phone for phone in parcel.shown_to.split(",") if phone not in gone)
    if left == parcel.shown_to:
        return parcel
    Message.objects.filter(pk=parcel.id).update(shown_to=left)
    return replace(parcel, shown_to=left)
