"""Whom the kill test sends to: a channel at its provider, two lists, two campaigns, launched."""

from django.contrib.auth.models import User
from django.db import connection

from campaigns.management.benchmarks.rows import make_list
from campaigns.models import Campaign, Channel, ContactList, Membership, Mms, Sender
from campaigns.services.campaigns import launch_campaign, save_draft
from campaigns.services.channels import save_channel
from campaigns.services.content_writing import save_draft as save_mms
from campaigns.services.drafts import DraftSlide, MmsDraft

CONNECTIONS = 16
SENDER = "12015550100"
SECONDS, SLOWEST, FASTEST = 15, 60, 200
#: Every message that was ever in doubt, whoever says so and however short it lasted.
_DOUBTED = "CREATE TABLE chaos_doubted (message_id bigint PRIMARY KEY)"
_NOTE = "INSERT INTO chaos_doubted VALUES (NEW.id) ON CONFLICT DO NOTHING"
_TRIGGERS = {
    "sqlite": [
        f"""CREATE TRIGGER chaos_note AFTER UPDATE OF status ON campaigns_message
        WHEN NEW.status = 30 BEGIN {_NOTE}; END""",
    ],
    "postgresql": [
        f"""CREATE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN {_NOTE}; RETURN NULL; END $$""",
        """CREATE TRIGGER chaos_note AFTER UPDATE OF status ON campaigns_message
        FOR EACH ROW WHEN (NEW.status = 30) EXECUTE FUNCTION chaos_note()""",
    ],
}


def watch_doubts() -> None:
    """From now on the database itself writes down what is in doubt."""
    with connection.cursor() as cursor:
        for statement in (_DOUBTED, *_TRIGGERS[connection.vendor]):
            cursor.execute(statement)


def doubted_ids() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT message_id FROM chaos_doubted")
        return {message_id for (message_id,) in cursor.fetchall()}


def rate_for(messages: int) -> float:
    """Requests per second of its channel."""
    return min(FASTEST, max(SLOWEST, messages / SECONDS))


def make_channel(base_url: str, messages: int, user: User) -> Channel:
    channel = Channel(
        name="Chaos",
        base_url=base_url,
        requests_per_second=rate_for(messages),
        connections=CONNECTIONS,
    )
    save_channel(channel, values={}, secrets={"x_api_key": "chaos"}, by=user)
    Sender.objects.create(channel=channel, number=SENDER, kind=Sender.Kind.TEN_DLC)
    return channel


def make_campaigns(channel: Channel, messages: int, user: User) -> list[Campaign]:
    """Two drafts that share the people between them."""
    draft = MmsDraft(
        name="Chaos", subject="Spring", slides=(DraftSlide("20 % off"),), fallback=False
    )
    mms = save_mms(None, draft, by=user).mms
    first = make_list(messages)
    second = ContactList.objects.create(name="Chaos, the others")
    half = first.memberships.order_by("pk").values_list("pk", flat=True)[: messages // 2]
    Membership.objects.filter(pk__in=list(half)).update(contact_list=second)
    return [
        _draft(channel, mms, each, f"chaos{number}", user)
        for number, each in enumerate((first, second), 1)
    ]


def _draft(channel: Channel, mms: Mms, people: ContactList, key: str, user: User) -> Campaign:
    """Its references are the same in every run: what becomes of them is drawn by these."""
    campaign = Campaign(name=people.name, channel=channel, sender=channel.senders.get(), mms=mms)
    save_draft(campaign, by=user)
    campaign.lists.add(people)
    campaign.key = key
    campaign.save(update_fields=["key"])
    return campaign


def launch(campaigns: list[Campaign], user: User) -> None:
    for campaign in campaigns:
        launch_campaign(campaign, by=user)
