"""Two contacts that are one person."""

import pytest
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    ContactList,
    Message,
    OptOut,
    Recipient,
)
from campaigns.rules.ladder import Rung
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services import merging
from campaigns.services.consent import record_consent
from campaigns.services.merging import (
    find_choices,
    find_duplicates,
    merge_contacts,
    optouts_to_take_over,
)
from campaigns.services.optouts import has_opted_out, record_optout
from campaigns.tests.conftest import agreeing, make_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    kept = agreeing("12015550101", first_name="Ann", email="ann@example.com")
    other = agreeing("12015550102", first_name="Anne", last_name="Lee", postal_code="02134")
    kept.attributes, other.attributes = {"City": "Boston", "Size": ""}, {"City": "Rome", "Size": 4}
    kept.save()
    other.save()
    return kept, other


def message_to(contact, campaign, **fields):
    return Message.objects.create(
        channel=campaign.channel,
        revision=campaign.mms.head,
        sender="12015550100",
        contact=contact,
        phone=contact.phone,
        reference=f"r-{Message.objects.count()}",
        **fields,
    )


def test_only_what_contradicts_is_asked_about(two):
    assert [(c.name, c.kept, c.other) for c in find_choices(*two)] == [
        ("first_name", "Ann", "Anne"),
        ("City", "Boston", "Rome"),
    ]


def test_what_one_lacks_comes_from_the_other(two, administrator):
    merge_contacts(*two, by=administrator)
    contact = Contact.objects.get()
    assert (contact.phone, str(contact), contact.email) == (
        "12015550101",
        "Ann Lee",
        "ann@example.com",
    )
    assert contact.attributes == {"City": "Boston", "Size": 4}
    assert contact.last_folded == "lee"


def test_a_chosen_value_is_taken(two, administrator):
    merge_contacts(*two, take=[("first_name", False), ("City", True)], by=administrator)
    contact = Contact.objects.get()
    assert (contact.first_name, contact.attributes["City"]) == ("Anne", "Rome")


def test_an_attribute_named_like_a_column_is_no_column(two, administrator):
    kept, other = two
    other.attributes = {"first_name": "nobody"}
    other.save()
    merge_contacts(kept, other, take=[("first_name", True)], by=administrator)
    assert Contact.objects.get().first_name == "Ann"


def test_lists_messages_and_replies_move_over(two, make_campaign, administrator):
    kept, other = two
    both, theirs = (ContactList.objects.create(name=name) for name in ("Both", "Theirs"))
    both.contacts.add(kept, other)
    theirs.contacts.add(other)
    campaign = make_campaign(contacts=0)
    sent = message_to(other, campaign, status=MessageStatus.DELIVERED)
    reply = make_reply(
        channel=campaign.channel,
        contact=other,
        phone=other.phone,
        to="1",
        provider_id="p",
        received_at=timezone.now(),
    )
    merge_contacts(kept, other, by=administrator)
    sent.refresh_from_db()
    reply.refresh_from_db()
    assert {each.name for each in kept.lists.all()} == {"Both", "Theirs"}
    assert sent.contact == reply.contact == kept
    assert sent.phone == other.phone


def test_what_waits_for_the_other_number_is_not_sent(two, make_campaign, administrator):
    kept, other = two
    campaign = make_campaign(contacts=0)
    waiting, own = message_to(other, campaign), message_to(kept, campaign)
    merge_contacts(kept, other, by=administrator)
    waiting.refresh_from_db()
    own.refresh_from_db()
    assert waiting.status == MessageStatus.SKIPPED
    assert waiting.reason == merging.TO_OLD_NUMBER
    assert own.status == MessageStatus.QUEUED


def test_an_opt_out_of_the_other_number_holds_for_the_kept_one(two, agent, make_channel):
    kept, other = two
    channel = make_channel()
    record_optout(other.phone, source=OptOut.Source.STAFF, channel=channel, by=agent)
    merge_contacts(kept, other, by=agent)
    assert has_opted_out(kept.phone, channel.pk)
    assert not has_opted_out(kept.phone)
    assert has_opted_out(other.phone, channel.pk)


def test_a_person_may_know_that_only_the_other_number_opted_out(two, agent):
    kept, other = two
    record_optout(other.phone, source=OptOut.Source.STAFF, by=agent)
    merge_contacts(kept, other, opt_out=False, by=agent)
    assert not has_opted_out(kept.phone)
    assert has_opted_out(other.phone)


def test_an_opt_out_of_the_kept_number_stays(two, agent):
    kept, other = two
    record_optout(kept.phone, source=OptOut.Source.STAFF, by=agent)
    record_optout(other.phone, source=OptOut.Source.STAFF, by=agent)
    assert optouts_to_take_over(kept, other) == []
    merge_contacts(kept, other, opt_out=False, by=agent)
    assert has_opted_out(kept.phone)


def test_a_consent_stays_with_its_number(two, administrator):
    kept, other = two
    Contact.objects.filter(pk=kept.pk).update(consented_at=None)
    record_consent(other.phone, method="web", source="x", by=administrator)
    merge_contacts(kept, other, by=administrator)
    assert Contact.objects.get().consented_at is None
    assert Consent.objects.get().phone == other.phone


def test_a_merge_is_audited_with_what_was_lost(two, administrator):
    kept, other = two
    merge_contacts(kept, other, by=administrator)
    entry = AuditEntry.objects.get(verb="contact.merged")
    assert (entry.actor, entry.target_id) == (administrator, str(kept.pk))
    assert entry.before["contact"] == str(other.pk)
    assert entry.before["values"]["City"] == "Rome"


def test_the_undo_of_an_import_does_not_take_both_away(two, administrator):
    kept, other = two
    Contact.objects.update(made_by_import=7)
    merge_contacts(kept, other, by=administrator)
    assert Contact.objects.get().made_by_import is None


def test_all_of_it_or_nothing(two, administrator, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("campaigns.services.merging.record", fail)
    with pytest.raises(RuntimeError):
        merge_contacts(*two, by=administrator)
    assert Contact.objects.count() == 2
    assert Contact.objects.get(pk=two[0].pk).last_name == ""


def test_a_contact_is_not_merged_with_itself(two, administrator):
    with pytest.raises(RuleBroken, match="one contact"):
        merge_contacts(two[0], two[0], by=administrator)


def test_a_contact_that_is_gone_meanwhile_is_told(two, administrator):
    Contact.objects.filter(pk=two[1].pk).delete()
    with pytest.raises(RuleBroken, match="look at them again"):
        merge_contacts(*two, by=administrator)


def test_nobody_is_merged_while_an_audience_is_being_filled(two, make_campaign, administrator):
    campaign = make_campaign(contacts=0, status=CampaignStatus.FILLING)
    Recipient.objects.create(campaign=campaign, contact=two[1], rung=Rung.WRITTEN_TO)
    with pytest.raises(RuleBroken, match="is being prepared"):
        merge_contacts(*two, by=administrator)


def test_who_is_left_out_of_a_campaign_can_be_merged(two, make_campaign, administrator):
    campaign = make_campaign(contacts=0, status=CampaignStatus.SENDING, filled_at=timezone.now())
    Recipient.objects.create(campaign=campaign, contact=two[1], rung=Rung.EXCLUDED)
    assert merge_contacts(*two, by=administrator)


# --- Likely duplicates ---------------------------------------------------------------------------


def pairs(found):
    return [(pair.newer.phone[-2:], pair.older.phone[-2:], pair.why) for pair in found.pairs]


def test_the_same_address_in_any_case_is_a_likely_duplicate(two):
    agreeing("12015550103", email="ANN@Example.com").save()
    assert pairs(find_duplicates()) == [("03", "01", "the same e-mail address")]


def test_the_same_name_and_postal_code_is_a_likely_duplicate(two):
    agreeing("12015550103", first_name="ANNÉ", last_name="Lee", postal_code="02134").save()
    agreeing("12015550104", first_name="Anne", last_name="Lee", postal_code="02135").save()
    assert pairs(find_duplicates()) == [("03", "02", "the same name and postal code")]


def test_people_without_a_name_are_no_duplicates():
    for number in (1, 2):
        agreeing(f"1201555010{number}", postal_code="02134").save()
    assert find_duplicates().pairs == ()


def test_so_many_are_looked_at_and_then_the_earlier_ones(monkeypatch):
    monkeypatch.setattr(merging, "LOOKED_AT", 2)
    for number in range(5):
        agreeing(f"1201555010{number}", email="ann@example.com").save()
    first = find_duplicates()
    second = find_duplicates(first.earlier)
    third = find_duplicates(second.earlier)
    told = [pairs(found) for found in (first, second, third)]
    assert [[pair[:2] for pair in page] for page in told] == [
        [("04", "03"), ("03", "02")],
        [("02", "01"), ("01", "00")],
        [],
    ]
    assert (third.looked_at, third.earlier) == (1, None)


def test_a_page_of_very_many_pairs_ends_and_goes_on(monkeypatch):
    monkeypatch.setattr(merging, "MOST_PAIRS", 2)
    for number in range(5):
        agreeing(f"1201555010{number}", email="ann@example.com").save()
    first = find_duplicates()
    second = find_duplicates(first.earlier)
    assert [pair[0] for pair in pairs(first) + pairs(second)] == ["04", "03", "02", "01"]
