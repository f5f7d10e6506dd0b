"""Fixtures that several topics share: people and small makers of rows."""

import hashlib
import secrets

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.utils import timezone

from campaigns.models import (
    Campaign,
    Channel,
    Contact,
    ContactList,
    InboundMessage,
    Membership,
    Mms,
    MmsRevision,
    Sender,
    Slide,
)
from campaigns.services.guards import GUARDS
from campaigns.services.tallies_triggers import drop_triggers
from campaigns.services.threads import find_or_begin, note_inbound


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_between_tests():
    """Test databases may be flushed; guards and tally are set again by the `post_migrate` of it."""
    operations = type(connection.ops)
    flush = operations.sql_flush

    def sql_flush(self, style, tables, **options):
        guards = [sql for guard in GUARDS for sql in guard.drop(self.connection.vendor)]
        guards += drop_triggers(self.connection.vendor)
        guards = guards if {guard.table for guard in GUARDS} & set(tables) else []
        return [*guards, *flush(self, style, tables, **options)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def _own_flights(settings, tmp_path):
    """Each test has flight journals and a spool of its own."""
    settings.FLIGHTS_DIR = tmp_path / "flights"
    settings.SPOOL_DIR = tmp_path / "spool"


def agreeing(phone, **fields):
    """A contact (not saved) who agreed to be written to."""
    contact = Contact(phone=phone, consented_at=timezone.now(), **fields)
    contact.derive()
    return contact


def make_reply(*, channel, phone, received_at, to="12015550100", **fields):
    """A reply in its thread, unread unless it says when it was read."""
    thread = find_or_begin(phone, to, channel.pk, received_at)
    if fields.get("read_at") is None:
        note_inbound(thread, channel.pk, received_at)
    return InboundMessage.objects.create(
        thread=thread, channel=channel, phone=phone, to=to, received_at=received_at, **fields
    )


def _person(role):
    user = User.objects.create_user(role, password=f"{role} has a password", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def marketer(db):
    return _person("marketer")


@pytest.fixture
def approver(db):
    return _person("approver")


@pytest.fixture
def agent(db):
    return _person("agent")


@pytest.fixture
def administrator(db):
    return _person("administrator")


@pytest.fixture
def make_channel(db):
    def make(name="Main", **fields):
        channel = Channel.objects.create(
            name=name,
            kind=fields.pop("kind", "sinch_mms"),
            base_url=fields.pop("base_url", "https://api.example.net/ep/v2/"),
            hook_hash=hashlib.sha256(secrets.token_bytes(32)).hexdigest(),
            secrets=fields.pop("secrets", {"x_api_key": "test-key"}),
            settings=fields.pop("settings", {"service_id": "svc"}),
            **fields,
        )
        Sender.objects.create(channel=channel, number="12015550100")
        return channel

    return make


@pytest.fixture
def make_contacts(db):
    def make(count, list_name="Everybody"):
        contact_list, _ = ContactList.objects.get_or_create(name=list_name)
        first = 12015550000 + Contact.objects.count()
        contacts = Contact.objects.bulk_create(
            agreeing(str(first + number), first_name=f"Ann {number}") for number in range(count)
        )
        Membership.objects.bulk_create(
            Membership(contact_list=contact_list, contact=contact) for contact in contacts
        )
        return contact_list

    return make


@pytest.fixture
def make_mms(db):
    def make(name="Spring sale", text="20 % off", **fields):
        mms = Mms.objects.create(name=name)
        revision = MmsRevision.objects.create(
            mms=mms, fallback_text=fields.pop("fallback_text", "See our offer:"), **fields
        )
        Slide.objects.create(revision=revision, position=1, text=text)
        return mms

    return make


@pytest.fixture
def make_campaign(make_channel, make_contacts, make_mms):
    def make(contacts=3, channel=None, **fields):
        channel = channel or make_channel(f"Channel {Channel.objects.count() + 1}")
        campaign = Campaign.objects.create(
            name=fields.pop("name", "Spring"),
            channel=channel,
            sender=channel.senders.get(),
            mms=fields.pop("mms", None) or make_mms(),
            key=secrets.token_hex(5),
            **fields,
        )
        campaign.lists.add(make_contacts(contacts, f"List of {campaign.key}"))
        return campaign

    return make
