"""What benchmarks measure with: a channel, a list of so many people, a launched campaign."""

from secrets import token_hex

from django.db import connection
from django.utils import timezone

from campaigns.management.benchmarks.kinds import ACCOUNTS
from campaigns.models import (
    Campaign,
    Channel,
    Contact,
    ContactList,
    Mms,
    MmsRevision,
    Sender,
    Slide,
)
from campaigns.rules.statuses import CampaignStatus
from campaigns.services.filling import fill_outbox

THREADS = 16
_PEOPLE = """
    INSERT INTO campaigns_contact (phone, first_name, last_name, email, time_zone, state,
        postal_code, attributes, consented_at, created_at, updated_at, country, line, place,
        first_folded, last_folded)
    SELECT CAST(12010000000 + n AS varchar(15)), 'Ann', 'Lee ' || n, '', '', '', '', '{}',
        %s, %s, %s, 'US', 0, 'US;NJ;America/New_York', 'ann', 'lee ' || n
    FROM (WITH RECURSIVE numbers(n) AS (
        SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) SELECT n FROM numbers) x
    WHERE true ON CONFLICT DO NOTHING
"""
_MEMBERS = """
    INSERT INTO campaigns_membership (contact_list_id, contact_id, added_at)
    SELECT %s, id, %s FROM campaigns_contact ORDER BY id LIMIT %s
"""


def make_channel(url: str, kind: str = "sinch_mms", connections: int = THREADS) -> Channel:
    """A channel of this kind at the stub's address."""
    path, settings, secrets = ACCOUNTS[kind]
    channel = Channel.objects.create(
        name=f"Bench {token_hex(3)}",
        kind=kind,
        base_url=f"{url}{path}",
        requests_per_second=1_000_000,
        connections=connections,
        settings={**settings, "auth_url": f"{url}oauth2/token"},
        secrets=secrets,
        hook_hash=token_hex(32),
    )
    Sender.objects.create(channel=channel, number="12015550100")
    return channel


def make_campaign(channel: Channel, contact_list: ContactList) -> Campaign:
    """Launched, and not filled yet."""
    mms = Mms.objects.create(name="Bench")
    revision = MmsRevision.objects.create(mms=mms, subject="Spring", fallback_text="See our offer:")
    Slide.objects.create(revision=revision, position=1, text="20 % off")
    campaign = Campaign.objects.create(
        name="Bench",
        channel=channel,
        sender=channel.senders.get(),
        mms=mms,
        revision=revision,
        key=token_hex(6),
        status=CampaignStatus.FILLING,
        launched_at=timezone.now(),
    )
    campaign.lists.add(contact_list)
    return campaign


def make_filled_campaign(channel: Channel, people: int) -> Campaign:
    """Every row waits."""
    campaign = make_campaign(channel, make_list(people))
    while Campaign.objects.get(pk=campaign.pk).status == CampaignStatus.FILLING:
        fill_outbox(campaign.pk, timezone.now())
    return campaign


def make_list(people: int) -> ContactList:
    """A list with so many people who agreed, made by the database itself."""
    contact_list, _ = ContactList.objects.get_or_create(name=f"Bench {people}")
    if not contact_list.memberships.exists():
        at = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(_PEOPLE, [at, at, at, people])
            cursor.execute(_MEMBERS, [contact_list.pk, at, people])
            if connection.vendor == "postgresql":
                cursor.execute("ANALYZE campaigns_contact; ANALYZE campaigns_membership")
    assert Contact.objects.count() >= people == contact_list.memberships.count()
    return contact_list
