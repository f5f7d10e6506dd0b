"""Channels: the form asks what the provider needs, and secrets only go in."""

from contextlib import closing

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Channel, Lane, WebhookPost
from campaigns.services.channels import open_gateway, pause_channel
from campaigns.services.hook_addresses import hook_url
from campaigns.services.journal import keep_callback
from campaigns.services.lights import find_light
from campaigns.tests.admin.conftest import API_KEY
from campaigns.tests.gateways.test_gateway_signature import signed


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


def test_refused_callbacks_do_not_count_as_arriving(added, show):
    now = timezone.now()
    Channel.objects.update(last_hook_at=now, tested_at=now)
    posts = {"channel": added, "body": b"{}", "received_at": now}
    WebhookPost.objects.create(**posts, status="unreadable", reason="It is not signed.")
    html = show()
    assert "Callbacks arrive, but are refused: It is not signed." in html
    assert "Arriving" not in html
    assert find_light(Channel.objects.get()).word == "Callbacks refused"
    WebhookPost.objects.create(**posts, status="done")
    assert "Arriving" in show()
    assert find_light(Channel.objects.get()).word == "Well"
    WebhookPost.objects.create(**posts, status="unreadable", reason="It is too old.")
    html = show()
    assert "refused: It is too old." in html
    assert "The last one that was read came" in html


def test_what_was_fetched_and_cannot_be_read_says_nothing_of_callbacks(added, show):
    now = timezone.now()
    Channel.objects.update(last_hook_at=now)
    WebhookPost.objects.create(
        channel=added, body=b"", received_at=now, status="unreadable", is_polled=True
    )
    assert "Arriving" in show()


def test_a_channel_that_sends_needs_no_test_until_it_is_changed(
    added, form, administrator, sign_in
):
    assert find_light(added).word == "Not tested"
    Lane.objects.create(channel=added, last_sent_at=timezone.now())
    assert find_light(Channel.objects.get()).word == "No callback yet"
    change(sign_in(administrator), added, {**form, "secret_x_api_key": "another-key-1234"})
    assert find_light(Channel.objects.get()).word == "Not tested"


def test_after_saving_the_next_step_is_named(form, administrator, sign_in):
    url = reverse("admin:campaigns_channel_add")
    html = sign_in(administrator).post(url, form, follow=True).content.decode()
    assert "Saved. Hand over the address below." in html
    talk = {
        **form,
        "kind": "sinch_conversation",
        "name": "Talk",
        "base_url": "https://us.conversation.api.sinch.com/",
        "setting_project_id": "p",
        "setting_app_id": "01APP",
        "setting_key_id": "k",
        "secret_key_secret": "a-secret-of-the-key",
    }
    html = sign_in(administrator).post(url, talk, follow=True).content.decode()
    page = reverse("admin:campaigns_channel_setup", args=[Channel.objects.get(name="Talk").pk])
    assert f'Saved. <a href="{page}">Set up at Sinch</a> enters' in html
    assert "Make up a callback secret of your own" in html
    assert "Agree on a callback secret" not in html


def test_a_new_address_leaves_the_old_one_working(added, administrator, sign_in):
    old = added.secrets["hook_token"]
    press(sign_in(administrator), added, "rotate")
    added.refresh_from_db()
    assert added.secrets["hook_token"] != old
    assert keep_callback(old, {}, b"{}", timezone.now())
    assert added.posts.count() == 1


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


# --- The newer interfaces ------------------------------------------------------------------------

SMS_TOKEN, SIGNING = "token-of-the-plan-1234", "callback-secret-5678"


@pytest.fixture
def sms_form(form):
    del form["secret_x_api_key"], form["setting_service_id"]
    return {
        **form,
        "kind": "sinch_sms",
        "base_url": "https://us.sms.api.sinch.com/",
        "setting_service_plan_id": "plan",
        "secret_api_token": SMS_TOKEN,
        "secret_callback_secret": SIGNING,
    }


@pytest.fixture
def sms(sms_form, administrator, sign_in):
    sign_in(administrator).post(reverse("admin:campaigns_channel_add"), sms_form)
    return Channel.objects.get()


@pytest.mark.parametrize(
    ("kind", "asked", "not_asked"),
    [
        ("sinch_mms", "secret_x_api_key", "polls"),
        ("sinch_conversation", "secret_key_secret", "secret_x_api_key"),
        ("sinch_sms", "polls", "secret_x_api_key"),
    ],
)
def test_each_interface_asks_its_own(kind, asked, not_asked, administrator, sign_in):
    url = reverse("admin:campaigns_channel_add")
    fields = sign_in(administrator).get(f"{url}?kind={kind}").context["adminform"].form.fields
    assert asked in fields
    assert not_asked not in fields


def test_a_refused_form_says_which_secrets_to_type_again(form, administrator, sign_in):
    url = reverse("admin:campaigns_channel_add")
    html = sign_in(administrator).post(url, {**form, "name": ""}).content.decode()
    assert "Type the API key again" in html
    assert API_KEY not in html


def test_a_refused_number_says_it_too(form, administrator, sign_in):
    url = reverse("admin:campaigns_channel_add")
    answer = sign_in(administrator).post(url, {**form, "senders-0-number": "MAGPIE"})
    assert "Type the API key again" in answer.content.decode()


def test_of_a_known_channel_the_saved_secret_may_stay(added, form, administrator, sign_in):
    refused = {**form, "name": "", "secret_x_api_key": "another-key-1234"}
    html = change(sign_in(administrator), added, refused).content.decode()
    assert "leave it empty to keep the saved one" in html
    kept = change(sign_in(administrator), added, {**refused, "secret_x_api_key": ""})
    assert "Type the" not in kept.content.decode()


def test_the_region_fills_the_address(sms_form, administrator, sign_in):
    sign_in(administrator).post(
        reverse("admin:campaigns_channel_add"), {**sms_form, "setting_region": "eu"}
    )
    channel = Channel.objects.get()
    assert channel.base_url == "https://eu.sms.api.sinch.com/"
    assert channel.settings["region"] == "eu"


def test_an_address_of_another_house_stays(sms_form, administrator, sign_in):
    own = {**sms_form, "setting_region": "eu", "base_url": "http://127.0.0.1:8001/sms/eu/"}
    sign_in(administrator).post(reverse("admin:campaigns_channel_add"), own)
    assert Channel.objects.get().base_url == own["base_url"]


def test_a_replaced_callback_secret_says_how_long_both_are_accepted(
    sms, sms_form, administrator, sign_in
):
    changed = {**sms_form, "secret_callback_secret": "the-next-secret-9999"}
    change(sign_in(administrator), sms, changed)
    url = reverse("admin:campaigns_channel_change", args=[sms.pk])
    html = sign_in(administrator).get(url).content.decode()
    assert "ends in ••••9999. The one before is accepted until" in html
    assert SIGNING not in html


def test_after_a_slip_of_the_pen_the_one_the_provider_knows_still_counts(
    sms, sms_form, administrator, sign_in
):
    for secret in ("a-slip-of-the-pen-9999", "the-right-one-7777"):
        change(sign_in(administrator), sms, {**sms_form, "secret_callback_secret": secret})
    sms.refresh_from_db()
    now = timezone.now()
    headers = signed(b"{}", secret=SIGNING, at=now)
    with closing(open_gateway(sms)) as gateway:
        assert gateway.verify_post(headers, b"{}", now).problem == ""


def test_a_secret_of_two_words_is_refused(sms_form, administrator, sign_in):
    """Each of them alone would do as a signature."""
    spaced = {**sms_form, "secret_callback_secret": "two words"}
    html = sign_in(administrator).post(reverse("admin:campaigns_channel_add"), spaced).content
    assert "A secret has no spaces" in html.decode()
    assert not Channel.objects.exists()


def test_unsigned_callbacks_are_warned_of(sms, administrator, sign_in):
    url = reverse("admin:campaigns_channel_change", args=[sms.pk])
    words, overview = "are not signed", reverse("admin:campaigns_channel_changelist")
    assert words not in sign_in(administrator).get(url).content.decode()
    assert "Unsigned" not in sign_in(administrator).get(overview).content.decode()
    sms.secrets = {"api_token": SMS_TOKEN, "hook_token": "t"}
    sms.save()
    assert words in sign_in(administrator).get(url).content.decode()
    assert '<span class="pill pill--warn">Unsigned</span>' in (
        sign_in(administrator).get(overview).content.decode()
    )


def test_an_interface_that_cannot_sign_is_not_blamed(show):
    assert "are not signed" not in show()


def test_numbers_of_an_interface_with_sms_hear_plain_text(sms, added_mms_sender):
    assert sms.senders.get().replies_reach_us
    assert not added_mms_sender.replies_reach_us


@pytest.fixture
def added_mms_sender(sms, make_channel):
    return make_channel("Another").senders.get()


def test_fetching_is_asked_for_and_its_trouble_told(sms, administrator, sign_in, monkeypatch):
    rung = []
    monkeypatch.setattr("campaigns.services.polling.ring", lambda *args: rung.append(args))
    assert "are being fetched" in press(sign_in(administrator), sms, "fetch")
    assert rung == [("posts.poll", sms.pk)]
    Channel.objects.update(polls=True, poll_problem="Sinch is away.", tested_at=timezone.now())
    url = reverse("admin:campaigns_channel_change", args=[sms.pk])
    html = sign_in(administrator).get(url).content.decode()
    assert html.count("Sinch is away.") == 2  # as the state, and beside the callbacks
    assert "Fetching fails" in html


def test_a_channel_that_fetches_waits_for_no_callback(sms):
    Channel.objects.update(polls=True, polled_until=timezone.now(), tested_at=timezone.now())
    assert find_light(Channel.objects.get()).word == "Well"
