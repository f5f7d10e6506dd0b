"""Group messages: everybody on a list gets the MMS and sees the numbers of the others.

The provider knows no groups: each member gets a request of their own that displays the others
(reference/sinch-mms-json-api.md §3.6).
"""

from django.db import transaction
from django.db.models import Count, QuerySet

from campaigns.models import Campaign, Contact, ContactList, Membership, Message, OptOut
from campaigns.rules.statuses import MessageStatus

#: Phones and carriers set limits of their own; ten is what all of them take [assumed].
MOST_MEMBERS = 10


def members_of(contact_list: ContactList) -> QuerySet[Contact]:
    """Who gets a group message to this list, in the order in which it shows them."""
    gone = OptOut.objects.values("phone")
    return contact_list.contacts.exclude(phone__in=gone).order_by("pk")


def find_group_problems(campaign: Campaign) -> list[str]:
    """Why the campaign's lists cannot be groups, one sentence each."""
    lists = list(campaign.lists.annotate(count=Count("contacts")).order_by("name"))
    problems = [problem for found in lists if (problem := _about_size(found))]
    twice = _count_people_in_two(campaign)
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
    if len(members_of(contact_list)[:2]) < 2:
        return f"“{contact_list}” has nobody to make a group of: add people, or leave it out."
    return ""


def _count_people_in_two(campaign: Campaign) -> int:
    members = Membership.objects.filter(contact_list__campaigns=campaign).order_by()
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
