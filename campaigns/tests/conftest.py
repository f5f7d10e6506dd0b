"""Fixtures that several topics share: people and small makers of rows."""

import hashlib
import secrets

import pytest
from django.contrib.auth.models import Group, User

from campaigns.models import (
    Campaign,
    Channel,
    Contact,
    ContactList,
    Membership,
    Mms,
    MmsRevision,
    Sender,
    Slide,
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
            Contact(phone=str(first + number), first_name=f"Ann {number}")
            for number in range(count)
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
