"""What is fetched beside callbacks is kept like one, and is there once."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from campaigns.gateways.errors import Unreachable
from campaigns.gateways.events import DeliveryEvent, InboundEvent, Seal
from campaigns.models import InboundMessage, Message, MessageEvent, MmsRevision, WebhookPost
from campaigns.rules.statuses import MessageStatus
from campaigns.services import polling, posts
from campaigns.services.journal import keep_post
from campaigns.services.queue import take_lease

NOW = timezone.now()
PHONE = "12015550123"


class Asked:
    """A provider with these bodies to tell."""

    def __init__(self):
        self.bodies, self.asked, self.error = [], [], None

    def poll(self, since, until):
        self.asked.append((since, until))
        yield from self.bodies
        if self.error:
            raise self.error

    def verify_post(self, headers, body, now):
        return Seal("It is not signed.")

    def parse_post(self, body):
        data = json.loads(body)
        if "text" in data:
            return [InboundEvent(data["id"], data["id"], PHONE, "12015550100", text=data["text"])]
        status = MessageStatus.DELIVERED
        return [DeliveryEvent(data["id"], "0", status, provider_id=f"B1/{data['to']}")]

    def close(self):
        """Nothing is open."""


@pytest.fixture
def channel(make_channel):
    channel = make_channel()
    channel.polls = True
    channel.save()
    return channel


@pytest.fixture
def provider(monkeypatch):
    asked = Asked()
    monkeypatch.setattr(polling, "open_gateway", lambda channel: asked)
    monkeypatch.setattr(posts, "open_gateway", lambda channel: asked)
    return asked


def said(number, **fields):
    return json.dumps({"id": f"I{number}", **fields}).encode()


def read():
    reader = posts.Reader()
    while reader.read_chunk(timezone.now()):
        pass


def test_replies_are_fetched_and_read(channel, provider):
    provider.bodies = [said(1, text="Hi"), said(2, text="Hello")]
    assert polling.poll_channel(channel.pk, NOW) == 2
    read()
    assert set(InboundMessage.objects.values_list("text", flat=True)) == {"Hi", "Hello"}


def test_what_was_fetched_before_is_not_kept_again(channel, provider):
    provider.bodies = [said(1, text="Hi")]
    polling.poll_channel(channel.pk, NOW)
    assert polling.poll_channel(channel.pk, NOW) == 0  # not read yet
    read()
    WebhookPost.objects.all().delete()
    assert polling.poll_channel(channel.pk, NOW) == 0  # read, and its callback pruned


def test_what_a_callback_brought_is_not_fetched_again(channel, provider):
    provider.bodies = [said(1, text="Hi")]
    keep_post(channel.pk, None, {}, said(1, text="Hi"), NOW, is_polled=True)
    read()
    assert polling.poll_channel(channel.pk, NOW) == 0


def test_a_report_that_a_callback_brought_is_not_fetched_again(channel, provider, make_mms):
    message = Message.objects.create(
        channel=channel,
        revision=MmsRevision.objects.get(mms=make_mms()),
        sender="12015550100",
        phone=PHONE,
        reference="r-1",
        provider_id=f"B1/{PHONE}",
        status=MessageStatus.ACCEPTED,
    )
    provider.bodies = [said(7, to=PHONE)]
    assert polling.poll_channel(channel.pk, NOW) == 1
    read()
    message.refresh_from_db()
    assert message.status == MessageStatus.DELIVERED
    WebhookPost.objects.all().delete()
    assert polling.poll_channel(channel.pk, NOW) == 0
    assert MessageEvent.objects.count() == 1


def test_it_goes_on_where_it_stopped_with_a_little_overlap(channel, provider):
    polling.poll_channel(channel.pk, NOW)
    polling.poll_channel(channel.pk, NOW + timedelta(minutes=1))
    assert provider.asked[0] == (NOW - polling.FIRST - polling.OVERLAP, NOW)
    assert provider.asked[1] == (NOW - polling.OVERLAP, NOW + timedelta(minutes=1))


def test_a_long_sleep_is_caught_up_in_steps(channel, provider):
    channel.polled_until = NOW - timedelta(days=3)
    channel.save()
    for _ in range(4):
        polling.poll_channel(channel.pk, NOW)
    channel.refresh_from_db()
    assert channel.polled_until == NOW
    assert all(until - since <= polling.STEP + polling.OVERLAP for since, until in provider.asked)


def test_what_went_wrong_is_told_and_nothing_is_skipped(channel, provider):
    provider.bodies, provider.error = [said(1, text="Hi")], Unreachable("Away.")
    assert polling.poll_channel(channel.pk, NOW) == 0
    channel.refresh_from_db()
    assert (channel.poll_problem, channel.polled_until) == ("Away.", None)
    provider.error = None
    polling.poll_channel(channel.pk, NOW)
    channel.refresh_from_db()
    assert (channel.poll_problem, channel.polled_until) == ("", NOW)


def test_one_at_a_time_asks(channel, provider):
    take_lease(f"poll:{channel.pk}", "another", NOW, 60)
    assert polling.poll_channel(channel.pk, NOW) == 0
    assert provider.asked == []


def test_the_command_asks_and_tells(channel, provider, capsys):
    provider.bodies = [said(1, text="Hi")]
    call_command("poll_inbounds")
    assert capsys.readouterr().out == "Main: 1 new\n"
    call_command("poll_inbounds", channel="Main", hours=5)
    assert capsys.readouterr().out == "Main: 0 new\n"


@pytest.mark.parametrize("options", [{}, {"channel": "Nowhere"}])
def test_the_command_says_that_there_is_nobody_to_ask(db, options):
    with pytest.raises(CommandError):
        call_command("poll_inbounds", **options)
