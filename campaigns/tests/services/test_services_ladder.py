"""Whom a campaign reaches: everybody once, and every number of the ladder is its rows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import (
    Campaign,
    Contact,
    ContactImport,
    ContactList,
    Membership,
    Message,
    Policy,
    Recipient,
)
from campaigns.rules.ladder import REASONS, Rung
from campaigns.rules.lines import LineKind
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.audience import create_list
from campaigns.services.campaigns import launch_campaign
from campaigns.services.contact_changes import delete_contacts
from campaigns.services.erasure import erase_person
from campaigns.services.filling import fill_outbox, freeze_audience
from campaigns.services.import_undo_parts import remove
from campaigns.services.ladder import (
    count_ladder,
    find_duplicates,
    frozen_on,
    ladder_at_launch,
    people_on,
    recipients_of,
)
from campaigns.services.merging import merge_contacts
from campaigns.services.optouts import record_optout
from campaigns.tests.conftest import agreeing

NOW = timezone.now()


def put_on(name, *contacts):
    contact_list, _ = ContactList.objects.get_or_create(name=name)
    Membership.objects.bulk_create(
        Membership(contact_list=contact_list, contact=contact) for contact in contacts
    )
    return contact_list


def change(contact, **fields):
    Contact.objects.filter(pk=contact.pk).update(**fields)


@pytest.fixture
def full(make_campaign):
    """A campaign with people on every rung: 20 people, 23 entries."""
    campaign = make_campaign(contacts=20)
    people = list(Contact.objects.order_by("pk"))
    campaign.lists.add(put_on("Second", *people[:3]))
    campaign.excluded_lists.add(put_on("Staff", people[0], people[1]))
    record_optout(people[1].phone, source="staff")  # excluded already
    for person in people[2:5]:
        record_optout(person.phone, source="reply")
    for person in people[4:7]:  # the first of them opted out already
        change(person, consented_at=None)
    change(people[7], line=LineKind.LANDLINE)
    change(people[8], line=LineKind.TOLL_FREE, country="")
    change(people[9], country="DE")
    Policy.objects.create(pk=1, cap_count=1, cap_days=7)
    other = make_campaign(contacts=0, name="Earlier", launched_at=NOW)
    for person in people[10:12]:
        write(other, person, MessageStatus.QUEUED)
    return campaign


def write(campaign, contact, status, **fields):
    return Message.objects.create(
        campaign=campaign,
        channel=campaign.channel,
        revision=campaign.mms.head,
        sender="12015550100",
        contact=contact,
        phone=contact.phone,
        reference=f"{campaign.key}-{contact.pk}",
        status=status,
        **fields,
    )


COUNTS = {
    Rung.EXCLUDED: 2,
    Rung.OPTED_OUT: 3,
    Rung.NO_CONSENT: 2,
    Rung.LINE: 2,
    Rung.COUNTRY: 1,
    Rung.CAPPED: 2,
    Rung.WRITTEN_TO: 8,
}


def test_everybody_stands_on_one_rung_and_the_numbers_add_up(full):
    ladder = count_ladder(full, timezone.now())
    assert ladder.counts == COUNTS
    assert (ladder.entries, ladder.duplicates, ladder.total) == (23, 3, 20)
    taken = sum(count for _, count in ladder.subtracted)
    assert ladder.entries - ladder.duplicates - taken == ladder.remaining == 8


def test_every_number_is_the_count_of_its_rows(full):
    now = timezone.now()
    ladder = count_ladder(full, now)
    for rung, count in ladder.counts.items():
        assert people_on(full, rung, now).count() == count, rung
    assert sum(rows.count() for _, rows in find_duplicates(full, now)) == ladder.duplicates


def test_every_number_at_the_launch_is_the_count_of_its_rows_in_the_outbox(full, marketer):
    launch_campaign(full, by=marketer)
    fill_outbox(full.pk, timezone.now())
    full.refresh_from_db()
    rows = Message.objects.filter(campaign=full)
    assert full.ladder == {"entries": 23, **{rung.name.lower(): n for rung, n in COUNTS.items()}}
    for rung, words in REASONS.items():
        skipped = rows.filter(status=MessageStatus.SKIPPED, reason=words)
        assert skipped.count() == COUNTS[rung] == skipped.filter(rung=rung).count(), rung
    assert rows.filter(status=MessageStatus.QUEUED).count() == COUNTS[Rung.WRITTEN_TO]
    left_out = Recipient.objects.filter(campaign=full)
    assert [each.rung for each in left_out] == [Rung.EXCLUDED, Rung.EXCLUDED]


def test_somebody_on_two_lists_is_reached_once(make_campaign):
    campaign = make_campaign(contacts=3)
    second = create_list("Second")
    for contact in Contact.objects.all()[:2]:
        Membership.objects.create(contact_list=second, contact=contact)
    campaign.lists.add(second)
    now = timezone.now()
    assert recipients_of(campaign, now).count() == 3
    ladder = count_ladder(campaign, now)
    assert (ladder.entries, ladder.duplicates, ladder.remaining) == (5, 2, 3)


def test_an_optout_of_another_channel_takes_nobody_away(make_campaign, make_channel):
    campaign = make_campaign(contacts=3)
    first, second, _ = Contact.objects.order_by("pk")
    record_optout(first.phone, source="staff", channel=make_channel("Another"))
    record_optout(second.phone, source="staff", channel=campaign.channel)
    assert count_ladder(campaign, timezone.now()).counts[Rung.OPTED_OUT] == 1


@pytest.mark.parametrize(
    ("status", "fields", "is_capped"),
    [
        (MessageStatus.QUEUED, {}, True),
        (MessageStatus.UNKNOWN, {}, True),
        (MessageStatus.DELIVERED, {"accepted_at": NOW - timedelta(days=6)}, True),
        (MessageStatus.DELIVERED, {"accepted_at": NOW - timedelta(days=8)}, False),
        (MessageStatus.SKIPPED, {}, False),
        (MessageStatus.CANCELLED, {}, False),
        (MessageStatus.FAILED, {}, False),
    ],
)
def test_only_what_somebody_got_or_will_get_counts_for_the_cap(
    make_campaign, status, fields, is_capped
):
    campaign = make_campaign(contacts=1)
    Policy.objects.create(pk=1, cap_count=1, cap_days=7)
    other = make_campaign(contacts=0, name="Earlier", launched_at=NOW - timedelta(days=9))
    write(other, Contact.objects.get(), status, **fields)
    counts = count_ladder(campaign, NOW).counts
    assert counts == ({Rung.CAPPED: 1} if is_capped else {Rung.WRITTEN_TO: 1})


def test_a_campaign_without_lists_reaches_nobody(make_campaign, make_contacts):
    campaign = make_campaign(contacts=0)
    campaign.lists.clear()
    make_contacts(2, "Others")
    assert count_ladder(campaign, timezone.now()).total == 0


# --- Frozen at the launch ------------------------------------------------------------------------


def test_what_changes_after_the_freezing_changes_nothing(make_campaign, marketer):
    campaign = make_campaign(contacts=3)
    launch_campaign(campaign, by=marketer)
    campaign.refresh_from_db()
    freeze_audience(campaign, timezone.now())
    gone, moved, _ = Contact.objects.order_by("pk")
    Membership.objects.filter(contact=gone).delete()
    change(moved, country="DE", line=LineKind.LANDLINE)
    fill_outbox(campaign.pk, timezone.now())
    waiting = Message.objects.filter(campaign=campaign, status=MessageStatus.QUEUED)
    assert waiting.count() == 3


def test_whose_consent_is_gone_after_the_freezing_gets_nothing(make_campaign, marketer):
    campaign = make_campaign(contacts=3)
    launch_campaign(campaign, by=marketer)
    campaign.refresh_from_db()
    freeze_audience(campaign, timezone.now())
    change(Contact.objects.first(), consented_at=None)
    fill_outbox(campaign.pk, timezone.now())
    row = Message.objects.get(campaign=campaign, status=MessageStatus.SKIPPED)
    assert row.reason == REASONS[Rung.NO_CONSENT]


def test_who_opts_out_after_the_freezing_gets_nothing(make_campaign, marketer):
    campaign = make_campaign(contacts=3)
    launch_campaign(campaign, by=marketer)
    campaign.refresh_from_db()
    freeze_audience(campaign, timezone.now())
    phone = Contact.objects.first().phone
    record_optout(phone, source="reply")
    fill_outbox(campaign.pk, timezone.now())
    row = Message.objects.get(campaign=campaign, phone=phone)
    assert (row.status, row.reason) == (MessageStatus.SKIPPED, REASONS[Rung.OPTED_OUT])


@pytest.fixture
def left_out(make_campaign, marketer):
    """A frozen campaign of ten people that leaves four of them out; who those four are."""
    campaign = make_campaign(contacts=10)
    people = list(Contact.objects.order_by("pk")[:4])
    campaign.excluded_lists.add(put_on("Staff", *people))
    launch_campaign(campaign, by=marketer)
    freeze_audience(Campaign.objects.get(pk=campaign.pk), timezone.now())
    return people


def _import_of(person):
    now = timezone.now()
    done = ContactImport.objects.create(
        file_name="x.csv", contact_list=create_list("New"), started_at=now, finished_at=now
    )
    Membership.objects.filter(contact=person).update(made_by_import=done.pk)
    return done


GONE = {
    "deleted": lambda person, by: delete_contacts([person], by=by),
    "erased": lambda person, by: erase_person(person.phone, by=by),
    "merged": lambda person, by: merge_contacts(Contact.objects.get(phone=OTHER), person, by=by),
    "taken back with their import": lambda person, by: remove(_import_of(person), [person]),
}
OTHER = "12015550199"


@pytest.mark.parametrize("is_filled", [True, False])
@pytest.mark.parametrize("how", GONE)
def test_who_was_left_out_counts_also_when_they_are_gone(left_out, marketer, how, is_filled):
    agreeing(OTHER).save()
    campaign = Campaign.objects.get()
    if is_filled:
        fill_outbox(campaign.pk, timezone.now())
    GONE[how](left_out[1], marketer)
    fill_outbox(campaign.pk, timezone.now())
    rows = list(frozen_on(campaign, Rung.EXCLUDED))
    campaign.refresh_from_db()
    assert len(rows) == ladder_at_launch(campaign).counts[Rung.EXCLUDED] == 4
    left = [left_out[0], left_out[2], left_out[3]]
    assert [row.contact for row in rows] == [*left, None]
    assert campaign.status == CampaignStatus.SENDING
    assert Message.objects.filter(campaign=campaign).count() == 6


def test_a_filling_that_was_killed_goes_on_where_it_stopped(make_campaign, marketer, monkeypatch):
    from campaigns.services import filling

    campaign = make_campaign(contacts=25)
    launch_campaign(campaign, by=marketer)
    monkeypatch.setattr(filling, "CHUNK", 4)
    real, done = filling._fill_chunk, []

    def killed(*args):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(args)
        return real(*args)

    monkeypatch.setattr(filling, "_fill_chunk", killed)
    with pytest.raises(KeyboardInterrupt):
        fill_outbox(campaign.pk, timezone.now())
    assert Message.objects.count() == 12
    monkeypatch.setattr(filling, "_fill_chunk", real)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    phones = Message.objects.values_list("phone", flat=True)
    assert (len(phones), len(set(phones)), campaign.recipient_count) == (25, 25, 25)
    assert campaign.ladder == {"entries": 25, "written_to": 25}
