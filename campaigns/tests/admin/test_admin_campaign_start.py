"""The start on its pages: chosen in the draft, previewed, moved, and asked about when missed."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from campaigns.models import AuditEntry, Campaign, Contact, Message, Wave
from campaigns.rules.statuses import CampaignStatus, MessageStatus
from campaigns.services.campaigns import launch_campaign, pause_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.progress import measure_progress
from campaigns.services.starting import start_due

C, S, Start = CampaignStatus, MessageStatus, Campaign.Start
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EASTERN = "US;NY;America/New_York"


def url(name, campaign):
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])


def page(client, name, campaign):
    return client.get(url(name, campaign)).content.decode()


@pytest.fixture
def scheduled(make_campaign, marketer):
    starts_at = timezone.now().replace(second=0, microsecond=0) + DAY
    campaign = make_campaign(contacts=4, start=Start.AT, starts_at=starts_at)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    return campaign


@pytest.fixture
def missed(scheduled):
    back = scheduled.starts_at - timezone.now() + HOUR
    Message.objects.update(send_after=scheduled.starts_at - back)
    Wave.objects.update(starts_at=scheduled.starts_at - back)
    Campaign.objects.update(filled_at=timezone.now() - DAY, starts_at=scheduled.starts_at - back)
    start_due(timezone.now())
    scheduled.refresh_from_db()
    return scheduled


@pytest.fixture
def late_draft(make_campaign):
    """In the east the time passed a minute ago."""
    past = timezone.now() - timedelta(hours=6)
    campaign = make_campaign(
        contacts=3, start=Start.LOCAL, local_date=past.date(), local_time=past.time()
    )
    Contact.objects.update(place=EASTERN)
    return campaign


# --- The draft -----------------------------------------------------------------------------------


def test_the_start_is_chosen_in_the_draft(sign_in, marketer, make_campaign):
    campaign = make_campaign()
    wanted = timezone.now().replace(second=0, microsecond=0) + DAY
    data = {
        "name": campaign.name,
        "lists": [row.pk for row in campaign.lists.all()],
        "mms": campaign.mms_id,
        "sender": campaign.sender_id,
        "start": "at",
        "starts_at_0": f"{wanted:%Y-%m-%d}",
        "starts_at_1": f"{wanted:%H:%M}",
    }
    sign_in(marketer).post(url("change", campaign), data)
    campaign.refresh_from_db()
    assert (campaign.start, campaign.starts_at) == (Start.AT, wanted)


def test_a_start_in_the_past_is_not_saved(sign_in, marketer, make_campaign):
    campaign = make_campaign()
    data = {"name": "x", "start": "at", "starts_at_0": "2020-01-01", "starts_at_1": "10:00"}
    answer = sign_in(marketer).post(url("change", campaign), data)
    assert "The start has passed" in answer.content.decode()
    campaign.refresh_from_db()
    assert campaign.start == Start.NOW


def test_the_draft_fetches_its_waves_and_says_schedule(sign_in, marketer, scheduled, make_campaign):
    draft = make_campaign(start=Start.AT, starts_at=scheduled.starts_at)
    html = page(sign_in(marketer), "change", draft)
    assert url("waves", draft) in html
    assert "Schedule 3 messages" in html


def test_the_preview_says_who_is_late_and_lets_choose(sign_in, marketer, late_draft):
    client = sign_in(marketer)
    html = page(client, "waves", late_draft)
    assert "For 3 people" in html
    assert "Send tomorrow" in html
    answer = client.post(url("late", late_draft), {"late": "skip"}, headers={"HX-Request": "true"})
    assert "Left out" in answer.content.decode()
    late_draft.refresh_from_db()
    assert late_draft.late == Campaign.Late.SKIP
    assert AuditEntry.objects.filter(verb="campaign.changed", actor=marketer).exists()


def test_the_choice_survives_saving_the_draft(sign_in, marketer, late_draft):
    client = sign_in(marketer)
    client.post(url("late", late_draft), {"late": "skip"})
    client.post(url("change", late_draft), {"name": "Another"})
    late_draft.refresh_from_db()
    assert (late_draft.name, late_draft.late) == ("Another", Campaign.Late.SKIP)


def test_odd_choices_change_nothing(sign_in, marketer, late_draft):
    sign_in(marketer).post(url("late", late_draft), {"late": "never"})
    late_draft.refresh_from_db()
    assert late_draft.late == Campaign.Late.TOMORROW


@pytest.mark.parametrize("who", ["approver", "agent"])
def test_who_may_not_change_drafts_does_not_choose(who, people, sign_in, late_draft):
    answer = sign_in(people[who]).post(url("late", late_draft), {"late": "skip"})
    assert answer.status_code == 403


def test_a_launched_campaign_is_not_chosen_for(sign_in, marketer, scheduled):
    assert sign_in(marketer).post(url("late", scheduled), {"late": "skip"}).status_code == 403


# --- Live ----------------------------------------------------------------------------------------


def test_a_scheduled_campaign_shows_its_waves_and_can_be_paused(sign_in, marketer, scheduled):
    html = page(sign_in(marketer), "change", scheduled)
    assert "Who gets it when" in html
    assert "Held" in html
    assert url("pause", scheduled) in html
    assert url("move", scheduled) in html


def test_a_refused_start_is_kept_as_it_was_entered_in_the_open_box(sign_in, marketer, scheduled):
    client = sign_in(marketer)
    data = {"start": "at", "starts_at_0": "2020-01-02", "starts_at_1": "10:07"}
    html = client.post(url("move", scheduled), data, follow=True).content.decode()
    assert "The start has passed" in html
    assert '<details class="move" open>' in html
    assert 'value="2020-01-02"' in html
    assert 'value="10:07"' in html
    html = page(client, "change", scheduled)
    assert '<details class="move">' in html
    assert "2020-01-02" not in html


def test_before_anything_has_gone_out_it_is_cancelled_and_its_waves_are_stopped(
    sign_in, marketer, scheduled
):
    client = sign_in(marketer)
    html = page(client, "change", scheduled)
    assert "Cancel the campaign</button>" in html
    assert "Stop the rest" not in html
    client.post(url("stop", scheduled))
    scheduled.refresh_from_db()
    waves = measure_progress(scheduled, timezone.now()).waves
    assert {wave.state for wave in waves} == {"Stopped"}


def test_the_start_is_moved_on_the_page(sign_in, marketer, scheduled):
    later = scheduled.starts_at + DAY
    data = {"start": "at", "starts_at_0": f"{later:%Y-%m-%d}", "starts_at_1": f"{later:%H:%M}"}
    sign_in(marketer).post(url("move", scheduled), data)
    scheduled.refresh_from_db()
    assert (scheduled.status, scheduled.starts_at) == (C.FILLING, later)


def test_a_move_that_cannot_be_is_said(sign_in, marketer, scheduled):
    data = {"start": "at", "starts_at_0": "2020-01-01", "starts_at_1": "10:00"}
    answer = sign_in(marketer).post(url("move", scheduled), data)
    assert "has passed" in " ".join(str(m) for m in get_messages(answer.wsgi_request))
    scheduled.refresh_from_db()
    assert scheduled.status == C.SCHEDULED


def test_a_missed_start_asks_on_the_live_page(sign_in, marketer, missed):
    html = page(sign_in(marketer), "change", missed)
    assert "It should have started at" in html
    assert "Start now" in html
    assert url("resume", missed) not in html


@pytest.mark.parametrize(("answer", "status"), [("now", C.SENDING), ("tomorrow", C.FILLING)])
def test_the_answer_is_taken(sign_in, marketer, missed, answer, status):
    sign_in(marketer).post(url("missed", missed), {"answer": answer})
    missed.refresh_from_db()
    assert missed.status == status


def test_no_answer_is_no_answer(sign_in, marketer, missed):
    sign_in(marketer).post(url("missed", missed), {"answer": "whenever"})
    missed.refresh_from_db()
    assert missed.status == C.PAUSED


@pytest.mark.parametrize("name", ["missed", "move"])
def test_agents_do_not_steer_the_start(people, sign_in, missed, name):
    client = sign_in(people["agent"])
    assert client.post(url(name, missed), {"answer": "now", "start": "now"}).status_code == 403


# --- Held and waiting ----------------------------------------------------------------------------


def test_held_and_waiting_are_told_apart_and_add_up(sign_in, marketer, scheduled):
    first = Message.objects.order_by("pk").first()
    Message.objects.filter(pk=first.pk).update(send_after=timezone.now())
    progress = measure_progress(scheduled, timezone.now())
    told = {part.word: part.count for part in progress.parts}
    assert told == {"Waiting": 1, "Held": 3}
    assert sum(told.values()) == progress.total
    client = sign_in(marketer)
    for part in progress.parts:
        address = reverse("admin:campaigns_message_changelist")
        rows = client.get(f"{address}?campaign__id__exact={scheduled.pk}&{part.query}")
        assert rows.context["cl"].result_count == part.count


def test_who_is_held_besides_the_waves_has_a_line_with_the_reason(make_campaign, marketer):
    campaign = make_campaign(contacts=3)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    campaign.refresh_from_db()
    until = (timezone.now() + 2 * HOUR).replace(second=0, microsecond=0)
    held = Message.objects.filter(pk__in=Message.objects.values("pk")[:2])
    held.update(send_after=until, reason="Quiet hours at their place.")
    progress = measure_progress(campaign, timezone.now())
    assert [(line.label, line.held) for line in progress.waves] == [
        ("Quiet hours at their place.", 2)
    ]
    assert progress.finish_at > until


def test_a_later_wave_is_in_the_finish_time(scheduled):
    progress = measure_progress(scheduled, timezone.now())
    assert progress.finish_at > scheduled.starts_at


def test_a_paused_campaign_has_no_finish_time(scheduled, marketer):
    pause_campaign(scheduled, by=marketer)
    assert measure_progress(scheduled, timezone.now()).finish_at is None


# --- Elsewhere -----------------------------------------------------------------------------------


def test_the_list_and_today_say_when_it_starts(sign_in, marketer, scheduled):
    client = sign_in(marketer)
    said = f"{scheduled.starts_at:%H:%M}"
    assert said in client.get(reverse("admin:campaigns_campaign_changelist")).content.decode()
    today = client.get(reverse("admin:index")).content.decode()
    assert "Goes out next" in today
    assert said in today
