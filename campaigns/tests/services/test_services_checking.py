"""What stands in the way of a campaign because of whom it goes to."""

import pytest
from django.utils import timezone

from campaigns.models import Contact, Segment
from campaigns.services.checking import find_campaign_problems
from campaigns.services.ladder import count_ladder

EVERYBODY = {"all": [{"about": "first_name", "how": "begins", "value": "Ann"}]}
GONE = {"all": [{"about": "list", "how": "on", "value": 999}]}


def problems_of(campaign):
    return " ".join(find_campaign_problems(campaign, timezone.now())[0])


def segment(definition):
    return Segment.objects.create(name="Anns", definition=definition)


def test_a_segment_alone_is_an_audience(make_campaign):
    campaign = make_campaign(contacts=3)
    campaign.lists.clear()
    assert "at least one list or segment" in problems_of(campaign)
    campaign.segments.add(segment(EVERYBODY))
    assert problems_of(campaign) == ""
    assert count_ladder(campaign, timezone.now()).remaining == 3


@pytest.mark.parametrize("place", ["segments", "excluded_segments"])
def test_a_damaged_segment_stops_the_launch_wherever_it_stands(make_campaign, place):
    campaign = make_campaign(contacts=3)
    getattr(campaign, place).add(segment(GONE))
    assert "“Anns”" in problems_of(campaign)


def test_a_group_message_goes_to_lists_only(make_campaign):
    campaign = make_campaign(contacts=3, as_group=True)
    campaign.segments.add(segment(EVERYBODY))
    assert "take the segments out" in problems_of(campaign)


def test_nobody_left_is_told_with_every_reason(make_campaign):
    campaign = make_campaign(contacts=3)
    Contact.objects.update(consented_at=None)
    assert "of 3 people, no consent 3" in problems_of(campaign)


def test_a_number_whose_stops_do_not_reach_us_is_told(make_campaign):
    campaign = make_campaign(contacts=1)
    _, warnings = find_campaign_problems(campaign, timezone.now())
    assert any("STOP" in warning for warning in warnings)
    campaign.sender.replies_reach_us = True
    _, warnings = find_campaign_problems(campaign, timezone.now())
    assert not any("plain text" in warning for warning in warnings)
