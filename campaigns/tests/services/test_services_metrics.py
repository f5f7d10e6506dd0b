"""What Prometheus reads, by its own parser."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from campaigns.gateways.told import code_of
from campaigns.models import GatewayCall, Lane, Message, Tally, WebhookPost
from campaigns.rules.statuses import MessageStatus
from campaigns.services import metrics
from campaigns.services.health import examine, take_stock
from campaigns.services.queue import take_lease
from campaigns.tests.fakes import sign_of_life

S = MessageStatus


def scrape():
    """(name, labels) → number."""
    families = text_string_to_metric_families(metrics.write_metrics().decode())
    return {
        (
            sample.name.removeprefix("magpie_"),
            *(sample.labels[name] for name in sorted(sample.labels)),
        ): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def campaign(launch):
    """Four messages: due, in hand, of nobody, in doubt."""
    campaign, now = launch(contacts=4, rate=8), timezone.now()
    lane = f"lane:{campaign.channel_id}"
    take_lease(lane, "web-1:1:a", now, 30)
    Lane.objects.create(
        channel=campaign.channel, factor=0.5, sent_per_second=2, last_sent_at=now, trouble="Slow."
    )
    ids = list(Message.objects.values_list("pk", flat=True))
    Message.objects.update(send_after=now - timedelta(seconds=50))
    Message.objects.filter(pk=ids[1]).update(status=S.SENDING, owner="web-1:1:a")
    Message.objects.filter(pk=ids[2]).update(status=S.SENDING, owner="web-2:1:gone")
    Message.objects.filter(pk=ids[3]).update(status=S.UNKNOWN)
    return campaign


def test_a_new_portal_is_told_in_full(db):
    told = scrape()
    assert told["workers", "busy"] == told["workers", "waiting"] == 0
    assert told["check", "workers"] == 2
    assert told["health",] == 2
    assert told["disk_free_bytes",] > 0
    assert told["scrape_cpu_seconds",] > 0


def test_a_lane_is_told(campaign):
    told, name = scrape(), campaign.channel.name
    asked = metrics.LANE_MEANS.keys() - {"messages_due_age_seconds"}
    assert {what: told[what, name] for what in asked} == {
        "messages_due": 1,
        "messages_waiting": 1,
        "messages_unattended_seconds": 0,
        "messages_in_hand": 1,
        "lane_busy": 1,
        "lane_sent_per_second": 2,
        "lane_allowed_per_second": 4,
        "lane_contract_per_second": 8,
        "lane_pace_share": 0.25,
        "lane_factor": 0.5,
    }
    assert 0 < told["messages_due_age_seconds", name] < 60
    assert told["lane_held", name, "paused"] == 0
    assert told["messages_abandoned",] == 1
    assert told["messages_in_doubt", "unknown"] == 1
    assert told["messages_in_doubt", "unresolved"] == 0
    assert told["campaign_doubt_share",] == 0.25


def test_leases_and_heartbeats_are_told(campaign):
    now = timezone.now()
    sign_of_life(now - timedelta(seconds=20), process=7)
    sign_of_life(now - timedelta(seconds=5), process=8, work="outbox.sweep")
    told = scrape()
    assert 0 < told["lease_seconds_left", f"lane:{campaign.channel_id}", "web-1"] <= 30
    assert 5 <= told["heartbeat_age_seconds", "c1"] < 20
    assert (told["workers", "busy"], told["workers", "waiting"]) == (1, 1)
    assert not any("worker" in key[1] for key in told if key[0] == "lease_seconds_left")


def test_callbacks_are_told(campaign):
    now = timezone.now()
    campaign.channel.last_hook_at = now - timedelta(seconds=70)
    campaign.channel.save()
    WebhookPost.objects.create(
        channel=campaign.channel, body=b"{}", received_at=now - timedelta(seconds=20)
    )
    told = scrape()
    assert told["callbacks_unread",] == 1
    assert 20 <= told["callbacks_unread_age_seconds",] < 60
    assert 70 <= told["callback_age_seconds", campaign.channel.name] < 110


def test_states_come_from_the_tally(campaign):
    Tally.objects.filter(campaign=campaign).delete()
    Tally.objects.create(campaign=campaign, status=S.DELIVERED, slot=0, count=900_000)
    Tally.objects.create(campaign=campaign, status=S.DELIVERED, slot=1, count=7)
    assert scrape()["messages", campaign.channel.name, "delivered"] == 900_007


# --- Answers -------------------------------------------------------------------------------------


def answer(channel, age, status, said):
    at = timezone.now() - timedelta(seconds=age)
    GatewayCall.objects.create(
        channel=channel, action="sendmms", http_status=status, answer=said, milliseconds=1, at=at
    )


def test_answers_of_five_minutes_are_counted_by_code(make_channel):
    channel = make_channel()
    answer(channel, 400, 200, '{"status": "success"}')
    for _ in range(3):
        answer(channel, 100, 200, '{"status": "success"}')
    answer(channel, 90, 200, '{"status": "failure", "error-code": "E113"}')
    answer(channel, 80, None, "")
    answer(channel, 70, 503, "<html>")
    told = scrape()
    counts = {key[2]: number for key, number in told.items() if key[0] == "answers_5m"}
    assert counts == {"ok": 3, "E113": 1, "no answer": 1, "503": 1}


def test_of_very_many_answers_the_newest_stand_for_all(make_channel, monkeypatch):
    monkeypatch.setattr(metrics, "MOST_ANSWERS", 10)
    channel = make_channel()
    for _ in range(20):
        answer(channel, 30, 200, "")
    told = scrape()
    [count] = [number for key, number in told.items() if key[0] == "answers_5m"]
    assert 10 * 300 / 90 < count <= 10 * 300 / 30


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ('{"error-code":"E113"}', 200, "E113"),
        ('{"code": "syntax_invalid_json", "text": "x"}', 400, "syntax_invalid_json"),
        ('{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}', 429, "429"),
        ("", 502, "502"),
        ("{}", 201, "ok"),
        ("", None, "no answer"),
    ],
)
def test_the_code_is_found_in_the_answer_of_each_provider(said, status, code):
    assert code_of(said, status) == code


def test_a_hostile_name_breaks_no_line(make_channel):
    make_channel('A "quoted"\nname\\{}')
    names = {key[1] for key in scrape() if key[0] == "lane_busy"}
    assert names == {'A "quoted"\nname\\{}'}


# --- What is written about it --------------------------------------------------------------------

GUIDE = (settings.BASE_DIR / "docs" / "monitoring.md").read_text()


def test_every_metric_stands_in_the_guide_and_no_other(db):
    table = GUIDE.split("## Metrics")[1].split("```")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    written = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    text = metrics.write_metrics().decode()
    assert written == set(re.findall(r"^# TYPE magpie_(\w+) gauge$", text, re.MULTILINE))


def test_alerts_ask_for_metrics_that_there_are(db):
    text = metrics.write_metrics().decode()
    asked = set(re.findall(r"magpie_(\w+)", GUIDE.split("## Alerts")[1]))
    assert asked
    assert asked <= set(re.findall(r"^# TYPE magpie_(\w+) gauge$", text, re.MULTILINE))


def test_every_check_stands_in_the_guide(db):
    table = GUIDE.split("## Checks")[1].split("```")[0]
    written = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
    assert written == [check.name for check in examine(take_stock(timezone.now()))]
