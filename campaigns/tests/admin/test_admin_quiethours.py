"""The page of the quiet hours: lines, presets, and what holds where."""

import pytest
from django.urls import reverse

from campaigns.models import AuditEntry, QuietHours
from campaigns.rules.quiethours_defaults import DEFAULTS
from campaigns.services.quiethours import read_table, replace_table

LIST = "/admin/campaigns/quiethours/"
FLORIDA = {
    "country": "US",
    "state": "Florida",
    "day": "every",
    "opens_at": "08:00",
    "closes_at": "20:00",
}


@pytest.fixture
def client(administrator, sign_in):
    return sign_in(administrator)


def add(client, **fields):
    return client.post(reverse("admin:campaigns_quiethours_add"), {**FLORIDA, **fields})


def page_of(answer):
    return answer.content.decode()


def test_the_table_shows_every_line_with_its_hours(client, administrator):
    replace_table("defaults", by=administrator)
    page = page_of(client.get(LIST))
    for words in (
        "Florida",
        "08:00–20:00",
        "Alabama",
        "closed",
        "Canada",
        "09:00–21:30",
        "501.616",
    ):
        assert words in page
    assert "around the clock" not in page


def test_the_demo_says_that_it_is_open_and_how_to_change_it(client):
    page = page_of(client.get(LIST))
    assert "around the clock, so that you can try" in page
    client.post(f"{LIST}use/defaults/")
    assert set(read_table()) == {line.rule for line in DEFAULTS}
    assert "so that you can try" not in page_of(client.get(LIST))


def test_a_preset_is_written_into_the_audit(client):
    client.post(f"{LIST}use/safe/")
    entry = AuditEntry.objects.get(verb="quiethours.safe")
    assert entry.before == {"Everywhere, every day": "around the clock"}
    assert entry.after == {"Everywhere, every day": "09:00–20:00"}


def test_a_preset_is_not_used_by_following_a_link(client):
    assert client.get(f"{LIST}use/safe/").status_code == 405
    assert client.post(f"{LIST}use/other/").status_code == 302
    assert QuietHours.objects.count() == 1


def test_who_may_only_look_changes_nothing(marketer, sign_in):
    client = sign_in(marketer)
    page = page_of(client.get(LIST))
    assert "Add a line" not in page
    assert "safe preset" not in page
    assert client.post(f"{LIST}use/safe/").status_code == 403
    assert add(client).status_code == 403


def test_a_line_is_added_changed_and_deleted(client):
    add(client)
    line = QuietHours.objects.get(state="FL")
    assert (line.country, line.hours) == ("US", "08:00–20:00")
    url = reverse("admin:campaigns_quiethours_change", args=[line.pk])
    html = client.post(url, {**FLORIDA, "is_closed": "on"}, follow=True).content.decode()
    assert "Saved: Florida, every day, closed." in html
    assert "successfully" not in html
    line.refresh_from_db()
    assert line.hours == "closed"
    client.post(reverse("admin:campaigns_quiethours_delete", args=[line.pk]), {"post": "yes"})
    assert not QuietHours.objects.filter(state="FL").exists()
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["quiethours.added", "quiethours.changed", "quiethours.deleted"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"opens_at": ""}, "Say from when"),
        ({"closes_at": ""}, "Say until when"),
        ({"opens_at": "20:00", "closes_at": "08:00"}, "does not cross midnight"),
        ({"opens_at": "08:00", "closes_at": "08:00"}, "does not cross midnight"),
        ({"opens_at": "25:00"}, "Enter a valid time"),
        ({"state": "Atlantis"}, "no state or province"),
        ({"state": "Ontario"}, "Ontario is a part of Canada"),
        ({"country": "DE", "state": "Bavaria!"}, "at most three letters"),
        ({"country": "", "state": "", "day": "every"}, "There is already a line for “Everywhere"),
        ({"day": "never"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_told(client, fields, problem):
    answer = add(client, **fields)
    assert answer.status_code == 200
    assert problem in page_of(answer)
    assert QuietHours.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"country": "", "state": "fl"}, ("US", "FL")),
        ({"country": "CA", "state": "Québec"}, ("CA", "QC")),
        ({"country": "PR", "state": ""}, ("US", "PR")),
        ({"country": "AU", "state": "nsw"}, ("AU", "NSW")),
        ({"country": "DE", "state": ""}, ("DE", "")),
    ],
)
def test_a_place_is_kept_as_the_engine_asks_for_it(client, fields, place):
    add(client, **fields)
    assert QuietHours.objects.values_list("country", "state").last() in [place]


def test_midnight_ends_the_day(client):
    add(client, closes_at="00:00")
    assert QuietHours.objects.get(state="FL").hours == "08:00–24:00"


def test_the_line_that_holds_everywhere_stays(client):
    base = QuietHours.objects.get()
    url = reverse("admin:campaigns_quiethours_delete", args=[base.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403
    change = reverse("admin:campaigns_quiethours_change", args=[base.pk])
    client.post(change, {**FLORIDA, "day": "sunday"})
    base.refresh_from_db()
    assert (base.country, base.state, base.day, base.hours) == ("", "", "every", "08:00–20:00")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("(305) 555-0123", "Florida, Eastern time"),
        ("Florida", "Florida, Eastern or Central time"),
        ("hi", "Hawaii, Hawaii time"),
        ("America/Denver", "Mountain time"),
        ("1 800 555 0123", "Anywhere"),
    ],
)
def test_what_holds_where_is_said_and_drawn(client, administrator, where, words):
    replace_table("defaults", by=administrator)
    page = page_of(client.get(LIST, {"where": where, "moment": "2026-11-20T02:00"}))
    assert words in page
    assert page.count('scope="row">') >= 7
    assert "left alone until" in page or "may be written to until" in page


def test_around_the_clock_is_said(client):
    page = page_of(client.get(LIST, {"where": "Texas", "moment": ""}))
    assert "at any hour" in page
    assert "00:00–24:00" in page


@pytest.mark.parametrize("where", ["Atlantis", "12", "<b>", "🦜", "x" * 60])
def test_what_is_no_place_is_told(client, where):
    answer = client.get(LIST, {"where": where})
    assert answer.status_code == 200
    assert "field__error" in page_of(answer)


def test_a_week_of_the_changing_clocks_is_drawn_by_the_local_clock(client, administrator):
    replace_table("safe", by=administrator)
    page = page_of(client.get(LIST, {"where": "New York", "moment": "2026-10-30T12:00"}))
    assert page.count("09:00–20:00") == 7 + 1
