"""Who has had as many messages as one person may get."""

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Message, Policy
from campaigns.rules.statuses import MessageStatus
from campaigns.services.limits import count_capped
from campaigns.services.policy import change_policy, get_policy

pytestmark = pytest.mark.django_db


def test_without_a_limit_nobody_is_capped():
    assert count_capped(timezone.now()) is None


def test_who_had_as_many_as_one_may_get_is_counted(make_campaign):
    now = timezone.now()
    campaign = make_campaign(contacts=2, launched_at=now)
    contact = campaign.lists.get().contacts.first()
    Policy.objects.create(pk=1, cap_count=1)
    assert count_capped(now) == 0
    Message.objects.create(
        campaign=campaign,
        channel=campaign.channel,
        revision=campaign.mms.head,
        sender="1",
        phone=contact.phone,
        reference="r",
        status=MessageStatus.DELIVERED,
        accepted_at=now,
    )
    assert count_capped(now) == 1


def test_a_change_of_the_limits_is_in_the_audit_and_nothing_is_without_one(marketer):
    policy = get_policy()
    change_policy(policy, by=marketer)
    assert not AuditEntry.objects.exists()
    policy.cap_count = 3
    change_policy(policy, by=marketer)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.before, entry.after) == (
        "policy.changed",
        {"cap_count": None},
        {"cap_count": 3},
    )
