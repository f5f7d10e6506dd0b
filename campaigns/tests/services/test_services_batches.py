"""Batches: one request for many, and every person still exactly one row."""

import threading
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
from django.utils import timezone

from campaigns.gateways import errors
from campaigns.gateways.events import DeliveryEvent
from campaigns.gateways.outcomes import Outcome
from campaigns.gateways.outgoing import (
    Content,
    OutgoingMedium,
    OutgoingMms,
    OutgoingSlide,
    OwnWords,
)
from campaigns.models import EarlierSend, Message, OptOut, WebhookPost
from campaigns.rules.statuses import MessageStatus
from campaigns.services import dispatch, slices
from campaigns.services.channel_kinds import channel_limits
from campaigns.services.flights import new_owner
from campaigns.services.letters import jobs_of
from campaigns.services.optouts import record_optout
from campaigns.services.outbox import claim, count_statuses
from campaigns.services.receipts import Report, apply_reports
from campaigns.services.resending import send_one_again
from campaigns.services.sweep import sweep

S = MessageStatus


class BatchGateway:
    """Takes batches; `answer(batch)` gives an error for all of it, or None."""

    def __init__(self, answer=None):
        self.answer = answer or (lambda batch: None)
        self.batches = []
        self.lock = threading.Lock()

    def send(self, batch):
        with self.lock:
            self.batches.append(list(batch))
            number = len(self.batches)
        error = self.answer(batch)
        return [
            Outcome(mms.reference, provider_id="" if error else f"B{number}/{mms.to}", error=error)
            for mms in batch
        ]

    @property
    def sent(self):
        return Counter(mms.to for batch in self.batches for mms in batch)


@pytest.fixture(autouse=True)
def _batches_of_three(monkeypatch, quick):
    known = channel_limits
    monkeypatch.setattr(slices, "channel_limits", lambda channel: replace(known(channel), batch=3))


@pytest.fixture
def launch(launch):
    """To seven people: two full batches, and one person more."""
    return partial(launch, contacts=7)


def report(campaign, **fields):
    post = WebhookPost.objects.create(
        channel=campaign.channel, body=b"{}", received_at=timezone.now()
    )
    known = {"key": "k", "code": "0", "status": S.DELIVERED, **fields}
    return apply_reports(
        [Report(post, DeliveryEvent(**known), (campaign.channel_id,))], timezone.now()
    )


def test_everybody_is_in_one_batch(launch):
    campaign, gateway = launch(contacts=7), BatchGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert sorted(map(len, gateway.batches)) == [1, 3, 3]
    assert set(gateway.sent.values()) == {1}
    assert count_statuses(campaign) == {S.ACCEPTED: 7}
    for message in Message.objects.filter(campaign=campaign):
        assert message.provider_id.endswith(f"/{message.phone}")


def test_one_request_has_one_reference(launch):
    campaign, gateway = launch(contacts=7), BatchGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    for batch in gateway.batches:
        assert len({mms.batch_reference for mms in batch}) == 1
        assert batch[0].batch_reference


def test_no_request_carries_more_than_a_second_of_the_rate(launch):
    campaign, gateway = launch(contacts=3, rate=2), BatchGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert sorted(map(len, gateway.batches)) == [1, 2]


def test_who_opts_out_while_the_batch_waits_is_left_out_of_it(launch, monkeypatch):
    campaign = launch(contacts=3)
    last = Message.objects.filter(campaign=campaign).first()
    gateway, claim_and_write = BatchGateway(), slices.LaneRun._claim_and_write

    def opt_out_after_the_claim(run, now):
        written = claim_and_write(run, now)
        record_optout(last.phone, source=OptOut.Source.REPLY)
        run.lookout._look_at_optouts()
        return written

    monkeypatch.setattr(slices.LaneRun, "_claim_and_write", opt_out_after_the_claim)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert last.phone not in gateway.sent
    assert [len(batch) for batch in gateway.batches] == [2]


def test_a_lost_answer_leaves_all_of_the_batch_in_doubt_and_a_report_settles_one(launch):
    campaign = launch(contacts=3)
    gateway = BatchGateway(lambda batch: errors.OutcomeUnknown("No answer in time."))
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    sweep(timezone.now())
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert set(gateway.sent.values()) == {1}
    assert count_statuses(campaign) == {S.UNKNOWN: 3}
    mms = gateway.batches[0][0]
    report(campaign, provider_id=f"B9/{mms.to}", batch_name=f"{mms.batch_reference}/{mms.to}")
    assert count_statuses(campaign) == {S.UNKNOWN: 2, S.DELIVERED: 1}
    message = Message.objects.get(phone=mms.to)
    assert (message.status, message.provider_id) == (S.DELIVERED, f"B9/{mms.to}")
    assert message.accepted_at is not None


def test_a_report_settles_what_a_killed_worker_had_in_hand(launch):
    campaign = launch(contacts=2)
    claimed = claim(
        campaign.channel_id,
        campaign.pk,
        2,
        owner=new_owner(),
        now=timezone.now(),
        batch_reference="bdead",
    )
    report(campaign, provider_id=f"B1/{claimed[0].phone}", batch_name=f"bdead/{claimed[0].phone}")
    assert Message.objects.get(pk=claimed[0].id).status == S.DELIVERED
    assert Message.objects.get(pk=claimed[1].id).status == S.SENDING


def test_a_report_names_one_person_of_the_batch_only(launch):
    campaign, gateway = launch(contacts=3), BatchGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    first = gateway.batches[0][0].to
    report(campaign, provider_id=f"B1/{first}", status=S.FAILED)
    assert count_statuses(campaign) == {S.ACCEPTED: 2, S.FAILED: 1}


def test_a_late_report_of_an_earlier_send_counts_only_if_it_arrived(launch, marketer):
    campaign, gateway = launch(contacts=1), BatchGateway()
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    message = Message.objects.get(campaign=campaign)
    report(campaign, key="1", provider_id=message.provider_id, status=S.FAILED)
    message.refresh_from_db()
    send_one_again(message, by=marketer)
    assert EarlierSend.objects.get().provider_id == f"B1/{message.phone}"
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    report(campaign, key="2", provider_id=f"B1/{message.phone}", status=S.EXPIRED)
    message.refresh_from_db()
    assert (message.status, message.provider_id) == (S.ACCEPTED, f"B2/{message.phone}")
    report(campaign, key="3", provider_id=f"B1/{message.phone}", status=S.DELIVERED)
    message.refresh_from_db()
    assert message.status == S.DELIVERED


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_gateway_that_answers_for_too_few_leaves_all_in_doubt(launch):
    campaign, gateway = launch(contacts=3), BatchGateway()
    send = gateway.send
    gateway.send = lambda batch: send(batch)[1:]
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    assert count_statuses(campaign) == {S.UNKNOWN: 3}


def test_a_subject_of_ones_own_beside_a_file_waits_for_its_own_slot():
    """What goes in one job is not looked at again, however many requests the provider needs."""
    slide = OutgoingSlide("Look", (OutgoingMedium("image", "https://example.org/1.jpg"),))
    content = Content(slides=(slide,), sender="12015550100")

    def jobs(content, *subjects):
        written = [
            (None, OutgoingMms(str(n), f"r{n}", content, OwnWords(subject=subject)))
            for n, subject in enumerate(subjects)
        ]
        return jobs_of(written, 1000)

    assert [len(job) for job in jobs(content, "Ann", "Bob", "Cy")] == [1, 1, 1]
    assert [len(job) for job in jobs(content, "Ann", "Ann", "Bob")] == [2, 1]
    words = Content(slides=(OutgoingSlide("Look"),), sender="12015550100")
    assert [len(job) for job in jobs(words, "Ann", "Bob", "Cy")] == [3]
