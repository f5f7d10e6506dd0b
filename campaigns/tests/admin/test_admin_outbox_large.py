"""The outbox as it is asked for on its page: no index is left unused, and nothing is sorted."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox

S = MessageStatus


@pytest.fixture
def failed(make_campaign, marketer):
    """A campaign of which everybody failed."""
    campaign = make_campaign(3)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    Message.objects.update(status=S.FAILED, code="E1", reason="Refused.")
    return campaign


@pytest.fixture
def asked(failed, sign_in, approver):
    """The rows that the page of the outbox shows, and how the database finds them."""

    def asked(**parameters):
        url = reverse("admin:campaigns_message_changelist")
        found = sign_in(approver).get(url, parameters).context_data["cl"].queryset
        return {message.reference for message in found}, found.explain()

    return asked


def test_who_failed_by_a_code_is_found_by_its_index(failed, asked):
    of_campaign = {"campaign__id__exact": failed.pk, "status__exact": S.FAILED.value}
    assert asked(**of_campaign, code="E2")[0] == set()
    found, plan = asked(**of_campaign, code="E1")
    assert len(found) == 3
    if connection.vendor == "sqlite":  # PostgreSQL walks through tables as small as this one
        assert "message_gone_wrong (campaign_id=? AND status=? AND code=?)" in plan


def test_a_state_that_is_rare_is_looked_up(asked):
    found, plan = asked(status__exact=S.EXPIRED.value)
    assert found == set()
    if connection.vendor == "sqlite":
        assert "message_by_status (campaign_id=? AND status=?)" in plan


@pytest.mark.parametrize("order", ["1", "-2", "3.1"])
def test_an_order_that_millions_would_have_to_be_put_in_is_not_offered(asked, order):
    found, plan = asked(o=order)
    assert len(found) == 3
    assert "TEMP B-TREE" not in plan


def test_a_state_that_is_none_is_no_error(sign_in, approver):
    url = reverse("admin:campaigns_message_changelist")
    assert sign_in(approver).get(url, {"status__exact": "none"}).status_code == 302
