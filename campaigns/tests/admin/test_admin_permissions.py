"""Who may open what: every page of every table for every role, as declared here."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from django.utils import timezone

from campaigns.models import AuditEntry, Consent

ROLES = ("marketer", "approver", "agent", "administrator")

#: table → for each role: L its list opens, A its form for a new row, P the page of a row.
MATRIX = {
    #                 marketer  approver  agent   administrator
    "auditentry": ("", "", "", "LP"),
    "campaign": ("LAP", "LP", "", "LAP"),
    "channel": ("LP", "LP", "", "LAP"),
    "consent": ("LAP", "", "LAP", "LAP"),
    "contact": ("LAP", "", "LP", "LAP"),
    "contactimport": ("LAP", "", "", "LAP"),
    "contactlist": ("LAP", "LP", "", "LAP"),
    "customfield": ("LAP", "", "", "LAP"),
    "gatewaycall": ("", "", "", "LP"),
    "group": ("", "", "", "LP"),
    "inboundmessage": ("LP", "LP", "LP", "LP"),
    "keyword": ("L", "L", "", "L"),
    "mediafile": ("LAP", "LP", "", "LAP"),
    "message": ("LP", "LP", "LP", "LP"),
    "mms": ("LAP", "LP", "", "LAP"),
    "optout": ("LAP", "LP", "LAP", "LAP"),
    "optoutreview": ("LP", "", "LP", "LP"),
    "policy": ("LP", "LP", "", "LP"),
    "quiethours": ("LP", "LP", "", "LAP"),
    "segment": ("LAP", "LP", "", "LAP"),
    "thread": ("LP", "LP", "LP", "LP"),
    "user": ("", "", "", "LAP"),
    "webhookpost": ("", "", "", "LP"),
}
#: Buttons of channels: name → the roles that may press them.
CHANNEL_BUTTONS = {
    "pause": {"administrator"},
    "resume": {"administrator"},
    "rotate": {"administrator"},
    "test": {"administrator"},
}


def test_every_table_with_pages_is_declared():
    assert {model._meta.model_name for model in admin.site._registry} == set(MATRIX)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", MATRIX)
def test_each_role_opens_what_it_may_and_nothing_else(table, role, people, everything, sign_in):
    client, row = sign_in(people[role]), everything[table]
    name = f"admin:{row._meta.app_label}_{table}"
    answers = {  # a single reply leads to its thread
        "L": client.get(reverse(f"{name}_changelist"), follow=True),
        "A": client.get(reverse(f"{name}_add")),
        "P": client.get(reverse(f"{name}_change", args=[row.pk]), follow=True),
    }
    allowed = MATRIX[table][ROLES.index(role)]
    expected = {page: 200 if page in allowed else 403 for page in answers}
    assert {page: answer.status_code for page, answer in answers.items()} == expected


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("button", CHANNEL_BUTTONS)
def test_each_button_of_a_channel_asks_its_own_permission(
    button, role, people, everything, sign_in, monkeypatch
):
    monkeypatch.setattr("campaigns.services.channels.try_connection", lambda channel, by: [])
    url = reverse(f"admin:campaigns_channel_{button}", args=[everything["channel"].pk])
    answer = sign_in(people[role]).post(url)
    assert answer.status_code == (302 if role in CHANNEL_BUTTONS[button] else 403)


def test_buttons_are_not_pressed_by_following_a_link(everything, administrator, sign_in):
    url = reverse("admin:campaigns_channel_pause", args=[everything["channel"].pk])
    assert sign_in(administrator).get(url).status_code == 405


@pytest.mark.parametrize("role", ROLES)
def test_the_queue_is_shown_to_administrators_only(role, people, sign_in):
    answer = sign_in(people[role]).get(reverse("admin:queue"))
    assert answer.status_code == (200 if role == "administrator" else 403)


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_offers_only_what_opens(role, people, everything, sign_in):
    client = sign_in(people[role])
    navigation = client.get(reverse("admin:index")).context["navigation"]
    urls = [item.url for _, items in navigation for item in items]
    assert urls
    assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


def test_tables_of_other_apps_have_no_pages():
    assert {model._meta.app_label for model in admin.site._registry} == {"campaigns", "auth"}


def test_the_four_roles_exist_after_migrate(db):
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)


def test_no_role_reaches_the_tables_of_the_queue(db):
    held = Permission.objects.filter(group__in=Group.objects.all())
    assert not held.exclude(content_type__app_label__in=["campaigns", "auth"]).exists()


def test_an_administrator_does_not_touch_a_superuser(administrator, everything, sign_in):
    boss = everything["user"]
    boss.is_superuser = True
    boss.save()
    url = reverse("admin:auth_user_change", args=[boss.pk])
    page = sign_in(administrator).get(url)
    assert page.context["has_change_permission"] is False
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    assert sign_in(administrator).get(password).status_code == 403


def test_a_new_user_gets_a_role_and_may_sign_in(administrator, sign_in):
    words = {"password1": "a rather long one", "password2": "a rather long one"}
    agent = Group.objects.get(name="agent")
    form = {"username": "kim", "groups": [agent.pk], **words}
    sign_in(administrator).post(reverse("admin:auth_user_add"), form)
    kim = agent.user_set.get()
    assert kim.is_staff
    assert kim.check_password("a rather long one")
    assert not kim.is_superuser


def test_files_of_replies_are_for_those_who_see_replies(everything, marketer, sign_in):
    medium = everything["inboundmessage"].media.get()
    url = reverse("admin:campaigns_inboundmedia_file", args=[medium.pk])
    assert sign_in(everything["user"]).get(url).status_code == 302  # to the sign-in page
    answer = sign_in(marketer).get(url)
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"png"


@pytest.mark.parametrize("mime", ["image/svg+xml", "text/html", ""])
def test_a_file_that_could_hold_script_is_downloaded(mime, everything, marketer, sign_in):
    medium = everything["inboundmessage"].media.get()
    medium.mime = mime
    medium.save()
    url = reverse("admin:campaigns_inboundmedia_file", args=[medium.pk])
    answer = sign_in(marketer).get(url)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    answer.close()


@pytest.mark.parametrize("table", ["ledger", "audit"])
def test_who_has_entries_is_switched_off_and_not_deleted(
    table, people, sign_in, django_assert_max_num_queries
):
    boss, user = sign_in(people["administrator"]), people["agent"]
    for number in range(50):
        if table == "ledger":
            Consent.objects.create(phone=f"{number}", kind="given", at=timezone.now(), by=user)
        else:
            AuditEntry.objects.create(actor=user, verb="list.joined", target=f"List {number}")
    page = reverse("admin:auth_user_delete", args=[user.pk])
    for ask in (boss.get, lambda page: boss.post(page, {"post": "yes"})):
        with django_assert_max_num_queries(12):
            answer = ask(page)
        assert answer.url == reverse("admin:auth_user_change", args=[user.pk])
    assert "Switch off “Active” instead" in boss.get(answer.url).content.decode()


def test_who_did_nothing_is_deleted(people, sign_in):
    boss, user = sign_in(people["administrator"]), people["agent"]
    boss.post(reverse("admin:auth_user_delete", args=[user.pk]), {"post": "yes"})
    assert not User.objects.filter(pk=user.pk).exists()
