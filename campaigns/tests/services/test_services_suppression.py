"""Who opted out and was erased stays opted out when the number comes back."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from campaigns.models import AuditEntry, Channel, Consent, Message, OptOut, Policy
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.erasure import erase_person
from campaigns.services.optouts import has_opted_out
from campaigns.services.policy import get_policy
from campaigns.services.resending import send_one_again
from campaigns.services.suppression import CAME_BACK, find_hash, hash_number, restore_optouts
from campaigns.services.trying import send_campaign_test

ANN, BOB = "12015550123", "12015550124"

pytestmark = pytest.mark.django_db


def erased(phone, **fields):
    return OptOut.objects.create(phone=hash_number(phone), source=OptOut.Source.REPLY, **fields)


def test_a_number_has_one_hash_that_does_not_show_it():
    assert hash_number(ANN) == hash_number(ANN) != hash_number(BOB)
    assert hash_number(ANN).startswith("#")
    assert len(hash_number(ANN)) == 33


def test_the_key_is_encrypted_at_rest_and_made_once():
    hash_number(ANN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash_key FROM campaigns_policy")
        (stored,) = cursor.fetchone()
    key = Policy.objects.get().hash_key["key"]
    assert len(key) == 64
    assert key not in stored
    hash_number(BOB)
    assert Policy.objects.get().hash_key["key"] == key


def test_the_key_outlives_a_rotation_of_the_keys_at_rest(settings):
    first = hash_number(ANN)
    older = settings.FIELD_KEYS
    newer = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [newer, *older]
    assert hash_number(ANN) == first  # and it is written anew under the newest
    settings.FIELD_KEYS = [newer]
    assert hash_number(ANN) == first


def test_a_key_that_cannot_be_read_raises_and_is_not_replaced(settings):
    erased(ANN)
    before = Policy.objects.values_list("hash_key", flat=True).get()
    known = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    for use in (hash_number, find_hash, lambda phone: restore_optouts([phone])):
        with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
            use(ANN)
    settings.FIELD_KEYS = known
    assert Policy.objects.values_list("hash_key", flat=True).get() == before


def test_a_lost_key_raises_and_is_not_replaced():
    erased(ANN)
    Policy.objects.all().delete()
    for use in (hash_number, find_hash, lambda phone: restore_optouts([phone])):
        with pytest.raises(ImproperlyConfigured, match="restore the row"):
            use(ANN)


def test_rules_for_all_campaigns_are_read_without_the_key(settings):
    hash_number(ANN)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert get_policy().cap_days == 7


def test_an_erased_number_that_comes_back_is_opted_out_again():
    row = erased(ANN, evidence="")
    assert not has_opted_out(ANN)
    assert restore_optouts([BOB, ANN]) == {ANN}
    assert has_opted_out(ANN)
    assert not has_opted_out(BOB)
    back = OptOut.objects.get()
    assert (back.phone, back.asked_at, back.evidence) == (ANN, row.asked_at, CAME_BACK)
    entry = Consent.objects.get()
    assert (entry.phone, entry.kind, entry.at) == (ANN, Consent.Kind.OPTED_OUT, row.asked_at)
    assert ANN not in str(AuditEntry.objects.get(verb="optout.restored").after)
    assert restore_optouts([ANN]) == set()  # once


def test_of_many_erased_numbers_the_right_one_comes_back(monkeypatch):
    monkeypatch.setattr("campaigns.services.suppression.FEW", 2)
    for number in range(4):
        erased(str(12015550130 + number))
    assert restore_optouts([ANN, "12015550133"]) == {"12015550133"}
    assert OptOut.objects.count() == 4


def test_an_opt_out_of_one_channel_comes_back_for_that_channel(make_channel):
    channel: Channel = make_channel()
    erased(ANN, channel=channel)
    assert restore_optouts([ANN]) == {ANN}
    assert has_opted_out(ANN, channel.pk)
    assert not has_opted_out(ANN)


def test_a_number_that_opted_out_once_more_keeps_one_row():
    erased(ANN)
    OptOut.objects.create(phone=ANN, source=OptOut.Source.STAFF, evidence="Called")
    restore_optouts([ANN])
    assert OptOut.objects.get().evidence == "Called"


def test_as_long_as_nobody_was_erased_only_one_look_is_taken(django_assert_num_queries):
    OptOut.objects.create(phone=BOB, source=OptOut.Source.REPLY)
    with django_assert_num_queries(1):
        assert restore_optouts(str(12015550000 + n) for n in range(20_000)) == set()


def test_no_test_goes_to_a_number_that_opted_out_and_was_erased(make_campaign, marketer):
    campaign = make_campaign(contacts=0)
    erased(ANN)
    with pytest.raises(RuleBroken, match="opted out"):
        send_campaign_test(campaign, ANN, by=marketer)
    assert not Message.objects.exists()


def test_who_was_erased_is_not_sent_to_again(make_campaign, marketer, administrator):
    campaign = make_campaign(contacts=1, status=CampaignStatus.SENDING)
    contact = campaign.lists.get().contacts.get()
    message = Message.objects.create(
        campaign=campaign,
        channel=campaign.channel,
        revision=campaign.mms.head,
        sender="12015550100",
        contact=contact,
        phone=contact.phone,
        reference="r",
        status=MessageStatus.FAILED,
    )
    erase_person(contact.phone, by=administrator)
    message.refresh_from_db()
    with pytest.raises(RuleBroken):
        send_one_again(message, by=marketer)
    assert Message.objects.get().status == MessageStatus.FAILED
