"""“Why can’t I text them?”: one sentence per cause, in the order of the ladder."""

from datetime import UTC, datetime, time, timedelta

import pytest

from campaigns.models import Channel, Contact, Message, OptOut, QuietHours, Sender
from campaigns.rules.ladder import Rung
from campaigns.rules.statuses import MessageStatus
from campaigns.services.contacts import (
    FROM_OTHERS,
    Standing,
    explain_number,
    explain_reach,
    find_standings,
)
from campaigns.services.ladder import with_rungs
from campaigns.services.optouts import record_optout
from campaigns.services.policy import get_policy
from campaigns.tests.conftest import agreeing

pytestmark = pytest.mark.django_db
#: A Saturday; 17:00 in New York.
NOW = datetime(2025, 11, 22, 22, 0, tzinfo=UTC)
NEW_YORK = {"time_zone": "America/New_York", "state": "NY"}


@pytest.fixture
def person():
    contact = agreeing("12015550123", first_name="Ann", **NEW_YORK)
    contact.save()
    return contact


@pytest.fixture
def cap():
    policy = get_policy()
    policy.cap_count, policy.cap_days = 1, 7
    policy.save()


def say(person):
    return explain_reach(Contact.objects.get(pk=person.pk), NOW)


def send(campaign, person, accepted_at):
    campaign.launched_at = NOW - timedelta(days=3)
    campaign.save()
    return Message.objects.create(
        campaign=campaign,
        channel=campaign.channel,
        revision=campaign.mms.head,
        sender="12015550100",
        contact=person,
        phone=person.phone,
        reference=f"r-{Message.objects.count()}",
        status=MessageStatus.DELIVERED,
        accepted_at=accepted_at,
    )


def test_nothing_is_in_the_way(person):
    assert say(person) == "You can write to them."


def test_who_opted_out_by_a_reply_is_told_with_their_words(person):
    record_optout(
        person.phone, source=OptOut.Source.REPLY, evidence="STOP.", asked_at=NOW - timedelta(days=2)
    )
    assert say(person) == "They opted out on 20 November 2025 by a reply: “STOP”."


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ("Replied “please stop”", "by replying “please stop”."),
        ("They replied “no “thanks””.", "by replying “no ‘thanks’”."),
        ("She said “no” twice.", "by a reply: “She said ‘no’ twice”."),
    ],
)
def test_quotes_in_quotes_are_single_ones(evidence, words, person):
    record_optout(person.phone, source=OptOut.Source.REPLY, evidence=evidence, asked_at=NOW)
    assert say(person).endswith(words)


def test_what_staff_entered_of_a_reply_is_one_sentence(person, agent):
    record_optout(
        person.phone,
        source=OptOut.Source.STAFF,
        asked_at=NOW,
        evidence="They replied “Leave me alone”.",
        by=agent,
    )
    assert say(person) == (
        "They opted out on 22 November 2025 by replying “Leave me alone”, as agent entered."
    )


def test_who_opted_out_and_is_no_contact_is_promised_nothing(make_channel):
    channel = make_channel("Main")
    make_channel("Other")
    record_optout("12015550177", source=OptOut.Source.PROVIDER, channel=channel, asked_at=NOW)
    told = explain_number("12015550177", NOW)
    assert told.startswith("They opted out of messages from Main on")
    assert told.endswith(FROM_OTHERS)
    record_optout("12015550177", source=OptOut.Source.FILE, asked_at=NOW)
    told = explain_number("12015550177", NOW)
    assert told == "They opted out on 22 November 2025 by a file of opt-outs."


def test_who_was_opted_out_by_staff_is_told_with_the_name(person, agent):
    record_optout(person.phone, source=OptOut.Source.STAFF, asked_at=NOW, by=agent)
    assert say(person) == "They opted out on 22 November 2025 as agent entered."


def test_an_opt_out_of_one_channel_says_what_holds_on_the_others(person, make_channel):
    main = make_channel("Main")
    make_channel("Offers")
    record_optout(person.phone, source=OptOut.Source.FILE, channel=main, asked_at=NOW)
    assert say(person) == (
        "They opted out of messages from Main on 22 November 2025 by a file of opt-outs; "
        "from other channels: you can write to them."
    )


def test_opt_outs_of_every_channel_are_told_as_such(person, make_channel):
    for name in ("Main", "Offers"):
        record_optout(
            person.phone, source=OptOut.Source.FILE, channel=make_channel(name), asked_at=NOW
        )
    assert say(person).startswith("They opted out of every channel: from ")


def test_without_consent_it_says_what_to_do(person):
    Contact.objects.update(consented_at=None)
    assert say(person) == (
        "There is no consent of theirs: record how they agreed, then you can write to them."
    )


@pytest.mark.parametrize(
    ("phone", "words"), [("18005550123", "is toll-free"), ("390612345678", "is a landline")]
)
def test_a_number_no_mms_arrives_at(phone, words):
    contact = agreeing(phone)
    contact.save()
    assert say(contact) == f"Their number {words}: an MMS does not arrive there."


def test_a_country_no_sender_reaches(make_channel):
    make_channel("Main")
    contact = agreeing("393471234567")
    contact.save()
    assert say(contact) == "None of your numbers reaches Italy: add a sender that does."
    assert find_standings([contact], NOW)[contact.pk].rung == Rung.COUNTRY


def test_a_country_that_one_channel_does_not_reach(make_channel):
    make_channel("Main")
    Sender.objects.filter(channel=make_channel("World")).update(countries="")
    contact = agreeing("393471234567")
    contact.save()
    assert say(contact) == (
        "You can write to them; but not from Main, whose numbers do not reach Italy."
    )


def test_a_channel_without_numbers_hides_nobody(person):
    Channel.objects.create(name="Empty", kind="sinch_mms", hook_hash="x", base_url="https://x.net")
    assert say(person) == "You can write to them."


def test_who_got_enough_is_told_until_when(person, make_campaign, cap):
    send(make_campaign(contacts=0), person, NOW - timedelta(days=2))
    assert say(person) == (
        "They have 1 message in 7 days, and may get 1 at most: you can write to them again from "
        "Thu 27 Nov, 17:00 EST on."
    )


def test_what_waits_counts_towards_the_most(person, make_campaign, cap):
    send(make_campaign(contacts=0), person, None)
    assert say(person).endswith("may get 1 at most; what waits for them must go out first.")


def test_a_message_that_was_never_sent_does_not_count(person, make_campaign, cap):
    message = send(make_campaign(contacts=0), person, NOW - timedelta(days=2))
    Message.objects.filter(pk=message.pk).update(status=MessageStatus.FAILED)
    assert say(person) == "You can write to them."


def test_quiet_hours_are_told_with_their_end(person):
    QuietHours.objects.all().delete()
    QuietHours.objects.create(opens_at=time(9), closes_at=time(16))
    assert say(person) == (
        "It is quiet hours where they are: you can write to them from Sun 23 Nov, 09:00 EST on."
    )


def test_quiet_hours_that_never_end(person):
    QuietHours.objects.all().delete()
    QuietHours.objects.create(opens_at=None, closes_at=None)
    assert "no time to write to them within the next 14 days" in say(person)


def test_every_lasting_cause_is_told(person, agent):
    """Everything at once: what nobody can mend comes first, and nothing is promised."""
    person.phone = "18005550123"
    person.save()
    Contact.objects.update(consented_at=None)
    record_optout(
        person.phone, source=OptOut.Source.STAFF, asked_at=NOW, evidence="Called", by=agent
    )
    line = "Their number is toll-free: an MMS does not arrive there."
    optout = "They opted out on 22 November 2025 as agent entered: “Called”."
    assert say(person) == f"{line} {optout} There is no consent of theirs either."
    OptOut.objects.all().delete()
    assert say(person) == f"{line} There is no consent of theirs either."


def test_who_opted_out_and_never_agreed_is_told_with_both(person, agent):
    Contact.objects.update(consented_at=None)
    record_optout(person.phone, source=OptOut.Source.STAFF, by=agent)
    assert say(person).startswith("They opted out")
    assert say(person).endswith("There is no consent of theirs either.")


def test_a_consent_is_no_promise_where_no_number_reaches(make_channel):
    make_channel("Main")
    contact = Contact.objects.create(phone="393471234567")
    assert say(contact) == (
        "None of your numbers reaches Italy: add a sender that does. There is no consent of "
        "theirs either: record how they agreed."
    )


@pytest.mark.parametrize("cause", ["none", "opted_out", "no_consent", "line", "capped"])
def test_the_list_and_the_ladder_agree(cause, person, make_campaign, cap, agent):
    campaign = make_campaign(contacts=0)
    campaign.lists.get().contacts.add(person)
    if cause == "opted_out":
        record_optout(person.phone, source=OptOut.Source.STAFF, by=agent)
    elif cause == "no_consent":
        Contact.objects.update(consented_at=None)
    elif cause == "line":
        person.phone = "18005550123"
        person.save()
    elif cause == "capped":
        send(make_campaign(contacts=0), person, NOW - timedelta(days=2))
    person = Contact.objects.get(pk=person.pk)
    rung = with_rungs(campaign, NOW).get(pk=person.pk).rung
    assert find_standings([person], NOW)[person.pk].rung == rung
    assert (explain_reach(person, NOW) == "You can write to them.") is (rung == Rung.WRITTEN_TO)


def test_the_list_names_the_channels_somebody_opted_out_of(person, make_channel):
    record_optout(person.phone, source=OptOut.Source.FILE, channel=make_channel("Main"))
    assert find_standings([person], NOW)[person.pk] == Standing(Rung.WRITTEN_TO, ("Main",))


def test_many_people_cost_a_few_questions(make_contacts, cap, django_assert_max_num_queries):
    make_contacts(60)
    with django_assert_max_num_queries(6):
        find_standings(Contact.objects.all(), NOW)
