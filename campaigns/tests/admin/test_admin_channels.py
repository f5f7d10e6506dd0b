"""Channels: the form asks what the provider needs, and secrets only go in."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Channel
from campaigns.services.channels import find_channel_by_token, hook_url, pause_channel
from campaigns.tests.admin.conftest import API_KEY


@pytest.fixture
def form():
    return {
        "name": "Main",
        "kind": "sinch_mms",
        "base_url": "https://api.example.net/ep/v2/",
        "secret_x_api_key": API_KEY,
        "setting_service_id": "svc",
        "requests_per_second": "20",
        "connections": "5",
        "size_limit": "1000000",
        "senders-TOTAL_FORMS": "1",
        "senders-INITIAL_FORMS": "0",
        "senders-0-number": "+1 (201) 555-0100",
        "senders-0-kind": "10dlc",
    }


@pytest.fixture
def added(form, administrator, sign_in):
    sign_in(administrator).post(reverse("admin:campaigns_channel_add"), form)
    return Channel.objects.get()


@pytest.fixture
def show(added, administrator, sign_in):
    """The channel's page as an administrator sees it."""
    url = reverse("admin:campaigns_channel_change", args=[added.pk])
    return lambda: sign_in(administrator).get(url).content.decode()


def press(client, channel, button, **form):
    return client.post(
        reverse(f"admin:campaigns_channel_{button}", args=[channel.pk]), form, follow=True
    ).content.decode()


def change(client, channel, form):
    inline = {
        "senders-INITIAL_FORMS": "1",
        "senders-0-id": str(channel.senders.get().pk),
        "senders-0-channel": str(channel.pk),
    }
    url = reverse("admin:campaigns_channel_change", args=[channel.pk])
    return client.post(url, {**form, **inline})


def test_a_channel_is_added_with_what_its_provider_asks_for(added):
    assert added.secrets["x_api_key"] == API_KEY
    assert added.settings["service_id"] == "svc"
    assert added.requests_per_second == 20
    assert added.senders.get().number == "12015550100"


def test_a_new_channel_needs_its_key(form, administrator, sign_in):
    del form["secret_x_api_key"]
    answer = sign_in(administrator).post(reverse("admin:campaigns_channel_add"), form)
    assert "secret_x_api_key" in answer.context["adminform"].form.errors
    assert not Channel.objects.exists()


def test_a_sender_that_is_no_number_is_refused(form, administrator, sign_in):
    form["senders-0-number"] = "MAGPIE"
    answer = sign_in(administrator).post(reverse("admin:campaigns_channel_add"), form)
    assert "Write the number as digits" in answer.content.decode()


def test_the_page_shows_only_the_end_of_a_key(show):
    html = show()
    assert API_KEY not in html
    assert f"ends in ••••{API_KEY[-4:]}. Leave empty to keep it." in html


def test_an_empty_key_keeps_the_old_one(added, form, administrator, sign_in):
    change(sign_in(administrator), added, {**form, "secret_x_api_key": "", "name": "Renamed"})
    added.refresh_from_db()
    assert added.name == "Renamed"
    assert added.secrets["x_api_key"] == API_KEY


def test_a_new_key_replaces_the_old_one(added, form, administrator, sign_in):
    change(sign_in(administrator), added, {**form, "secret_x_api_key": "another-key-1234"})
    added.refresh_from_db()
    assert added.secrets["x_api_key"] == "another-key-1234"


def test_the_callback_address_is_shown_to_those_who_set_up(added, show, marketer, sign_in):
    assert hook_url(added) in show()
    url = reverse("admin:campaigns_channel_change", args=[added.pk])
    assert added.secrets["hook_token"] not in sign_in(marketer).get(url).content.decode()


def test_the_first_callback_is_waited_for_and_then_told(added, show, marketer, sign_in):
    assert "Waiting for the first callback…" in show()
    Channel.objects.update(last_hook_at=added.created_at)
    url = reverse("admin:campaigns_channel_callbacks", args=[added.pk])
    assert "Last seen" in sign_in(marketer).get(url).content.decode()


def test_a_new_address_leaves_the_old_one_working(added, administrator, sign_in):
    old = added.secrets["hook_token"]
    press(sign_in(administrator), added, "rotate")
    added.refresh_from_db()
    assert added.secrets["hook_token"] != old
    assert find_channel_by_token(old, timezone.now()).channel_id == added.pk


def test_what_is_wrong_with_a_connection_is_said_on_the_page(
    added, administrator, sign_in, monkeypatch
):
    told = ["The provider refused the key: check x-api-key."]
    monkeypatch.setattr("campaigns.services.channels.try_connection", lambda channel, by: told)
    assert told[0] in press(sign_in(administrator), added, "test")


def test_save_and_test_asks_the_provider_with_what_was_just_saved(
    added, form, administrator, sign_in, monkeypatch
):
    asked = []

    def try_connection(channel, by):
        asked.append(Channel.objects.get(pk=channel.pk).base_url)
        return []

    monkeypatch.setattr("campaigns.services.channels.try_connection", try_connection)
    changed = {**form, "base_url": "https://new.example.net/", "_test": "1"}
    change(sign_in(administrator), added, changed)
    assert asked == ["https://new.example.net/"]


def test_who_may_test_but_not_change_gets_a_plain_test(added, marketer, sign_in):
    marketer.user_permissions.add(Permission.objects.get(codename="test_channel"))
    url = reverse("admin:campaigns_channel_change", args=[added.pk])
    html = sign_in(marketer).get(url).content.decode()
    assert "Test connection" in html
    assert "Save and test" not in html


def test_save_and_test_loses_no_input_that_cannot_be_saved(added, form, administrator, sign_in):
    answer = change(sign_in(administrator), added, {**form, "name": "", "_test": "1"})
    assert "name" in answer.context["adminform"].form.errors
    assert f'value="{form["base_url"]}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("requests_per_second", "-3", "Write a rate above 0"),
        ("connections", "0", "Write at least 1"),
        ("connections", "257", "Write at most 256"),
        ("size_limit", "0", "Write a size above 0 bytes"),
    ],
)
def test_a_pace_that_cannot_be_is_refused_at_its_field(
    field, value, words, added, form, administrator, sign_in
):
    answer = change(sign_in(administrator), added, {**form, field: value})
    assert words in answer.context["adminform"].form.errors[field][0]


@pytest.mark.parametrize(
    "changed",
    [
        {"base_url": "https://new.example.net/"},
        {"setting_service_id": "other"},
        {"secret_x_api_key": "another-key-1234"},
    ],
)
def test_a_changed_account_loses_its_old_test(changed, added, form, administrator, sign_in):
    Channel.objects.update(tested_at=timezone.now(), test_problem="Wrong key.")
    change(sign_in(administrator), added, {**form, "secret_x_api_key": "", **changed})
    added.refresh_from_db()
    assert (added.tested_at, added.test_problem) == (None, "")


def test_a_new_name_or_rate_keeps_the_test(added, form, administrator, sign_in):
    Channel.objects.update(tested_at=timezone.now())
    kept = {**form, "secret_x_api_key": "", "name": "Renamed", "requests_per_second": "7"}
    change(sign_in(administrator), added, kept)
    added.refresh_from_db()
    assert (added.name, added.tested_at is None) == ("Renamed", False)


def test_a_channel_is_paused_with_a_reason_and_resumed(added, administrator, sign_in):
    client = sign_in(administrator)
    assert "Number moves to a new carrier" in press(
        client, added, "pause", reason="Number moves to a new carrier"
    )
    assert "is paused already" in press(client, added, "pause")
    press(client, added, "resume")
    added.refresh_from_db()
    assert added.paused_at is None


def test_resuming_what_is_not_paused_says_so(added, administrator, sign_in):
    assert "is not paused" in press(sign_in(administrator), added, "resume")


def test_the_list_shows_each_channel_as_a_traffic_light(added, administrator, sign_in):
    pause_channel(added, "Wrong key", by=None)
    html = sign_in(administrator).get(reverse("admin:campaigns_channel_changelist")).content
    assert '<span class="pill pill--bad">Paused</span>' in html.decode()


def test_a_channel_with_a_history_is_not_deleted(everything, administrator, sign_in):
    channel = everything["channel"]
    url = reverse("admin:campaigns_channel_delete", args=[channel.pk])
    answer = sign_in(administrator).post(url, {"post": "yes"}, follow=True)
    assert "cannot be deleted" in answer.content.decode()
    assert Channel.objects.filter(pk=channel.pk).exists()


def test_a_channel_without_a_history_can_be_deleted(added, administrator, sign_in):
    url = reverse("admin:campaigns_channel_delete", args=[added.pk])
    sign_in(administrator).post(url, {"post": "yes"})
    assert not Channel.objects.exists()
