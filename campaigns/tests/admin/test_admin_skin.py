"""The look: nothing inline, no secrets in pages, our name, the sandbox banner, honest words."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as portal
from django.contrib import admin
from django.contrib.auth.models import Group
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from campaigns.models import Channel
from campaigns.rules.statuses import CampaignStatus, MessageStatus, SavedStatus
from campaigns.services.reports import PARTS
from campaigns.services.roles import WORDS
from campaigns.templatetags.portal import (
    PILLS,
    bounded,
    masked,
    number,
    status_pill,
    weight,
    words_ago,
)
from campaigns.tests.admin.conftest import API_KEY

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)[^>]*>|javascript:", re.I)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pages(everything):
    """The addresses of every list, form and row of the portal."""
    yield reverse("admin:index")
    yield reverse("admin:today_live")
    yield reverse("admin:queue")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        yield reverse(f"{name}_change", args=[everything[model._meta.model_name].pk])


@pytest.fixture
def html_of_every_page(everything, administrator, sign_in, settings):
    settings.SANDBOX = "on"
    client = sign_in(administrator)
    answers = {url: client.get(url) for url in pages(everything)}
    return {url: a.content.decode() for url, a in answers.items() if a.status_code == 200}


def test_no_page_has_script_or_style_of_its_own(html_of_every_page):
    assert len(html_of_every_page) > 25
    found = {url: INLINE.findall(html) for url, html in html_of_every_page.items()}
    assert {url: hits for url, hits in found.items() if hits} == {}


def test_no_page_holds_a_secret(html_of_every_page):
    for url, html in html_of_every_page.items():
        assert API_KEY not in html, url


def test_what_people_and_providers_wrote_is_shown_as_text(html_of_every_page):
    for url, html in html_of_every_page.items():
        assert "<script>alert" not in html, url
        assert "<b>very</b>" not in html, url


def test_pages_load_nothing_from_elsewhere(html_of_every_page):
    loaded = re.compile(r'<(?:script|link|img)[^>]*(?:src|href)="(https?:)?//')
    for url, html in html_of_every_page.items():
        assert not loaded.search(html), url


def test_every_page_carries_the_name_and_the_sandbox_banner(html_of_every_page):
    for url, html in html_of_every_page.items():
        if url == reverse("admin:today_live"):
            continue
        assert "Magpie" in html, url
        assert "Sandbox is on: nothing leaves this machine." in html, url


def test_the_banner_is_gone_when_the_sandbox_is_off(db, settings):
    settings.SANDBOX = ""
    assert "Sandbox is on" not in Client().get(reverse("admin:login")).content.decode()


def test_the_sign_in_page_is_ours(db):
    html = Client().get(reverse("admin:login")).content.decode()
    assert "Magpie" in html
    assert not INLINE.search(html)


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "admin/locked_out"])
def test_error_pages_need_nothing_to_be_shown(name):
    html = render_to_string(f"{name}.html")
    assert "Go to Today" in html
    assert not INLINE.search(html)


@pytest.mark.parametrize(
    ("address", "words"),
    [("/admin/nothing/", "This page is not here"), ("/admin/auth/user/", "not open to you")],
)
def test_who_is_signed_in_keeps_the_navigation_on_error_pages(address, words, marketer, sign_in):
    html = sign_in(marketer).get(address).content.decode()
    assert words in html
    assert reverse("admin:campaigns_campaign_changelist") in html


def test_strangers_learn_nothing_from_an_error_page(db):
    html = Client().get("/nothing/").content.decode()
    assert "This page is not here" in html
    assert "Campaigns" not in html


def test_every_role_says_what_it_may_do(administrator, sign_in):
    html = sign_in(administrator).get(reverse("admin:auth_user_add")).content.decode()
    assert set(WORDS) == set(Group.objects.values_list("name", flat=True))
    for words in WORDS.values():
        assert words in html


def test_colours_are_written_in_one_file_only():
    css = Path(portal.BASE_DIR) / "static" / "css"
    for name in ("portal.css", "error.css"):
        assert not re.search(r"#[0-9a-f]{3,8}\b(?![-\w])", (css / name).read_text()), name


def test_every_part_of_the_bar_has_its_colour():
    css = (Path(portal.BASE_DIR) / "static" / "css" / "portal.css").read_text()
    for word, tone, _ in PARTS:
        assert f".bar__{tone} {{" in css, word
        assert f".swatch--{tone} {{" in css, word


def _luminance(colour):
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


ON_PAPER = [
    (ink, ground)
    for ink in ("ink", "ink-soft", "ink-faint", "accent", "bad")
    for ground in ("paper", "paper-raised", "paper-sunk")
]
PAIRS = [
    *ON_PAPER,
    ("accent-ink", "accent"),
    ("accent-ink", "accent-strong"),
    ("accent", "accent-soft"),
    *((tone, f"{tone}-soft") for tone in ("ok", "warn", "bad", "info", "wait")),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read(ink, ground, theme):
    css = (Path(portal.BASE_DIR) / "static" / "css" / "tokens.css").read_text()
    found = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", css))
    colours = {name: pair.split(", ")[theme] for name, pair in found.items()}
    assert _contrast(colours[ink], colours[ground]) >= 4.5


# --- Words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("enum", [MessageStatus, CampaignStatus, SavedStatus])
def test_every_state_has_a_pill_with_its_own_word(enum):
    for status in enum:
        html = status_pill(status.value)
        assert status.label in html
        assert f"pill--{PILLS[status]}" in html


def test_a_number_is_masked_but_a_short_code_is_not():
    assert masked("17745550111") == "1774•••0111"
    assert masked("55555") == "55555"
    assert masked("") == ""


@pytest.mark.parametrize(
    ("size", "words"), [(None, "0 bytes"), (412_300, "412 KB"), (1_400_000, "1.4 MB")]
)
def test_weights_are_said_as_people_say_them(size, words):
    assert weight(size) == words


def test_bounded_counts_are_honest():
    assert number(9429) == "9,429"
    assert bounded(10_000) == "10,000"
    assert bounded(10_001) == "10,000+"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (40, "40 s ago"),
        (300, "5 min ago"),
        (7200, "2 h ago"),
        (5 * 86_400, "5 days ago"),
        (90 * 86_400, "2025-12-01"),
    ],
)
def test_distances_in_time_are_said_in_one_unit(seconds, words):
    assert words_ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize("where", ["contact/add", "quiethours/add", "policy/1/change"])
def test_no_colon_stands_behind_a_label(admin_client, where):
    answer = admin_client.get(f"/admin/campaigns/{where}/", follow=True)
    assert "<label" in answer.text
    assert ":</label>" not in answer.text


def test_no_page_at_all_has_a_colon_behind_a_label(html_of_every_page):
    """Also one that is added tomorrow, and what is only to be read on one."""
    with_labels = {url: html for url, html in html_of_every_page.items() if "<label" in html}
    assert len(with_labels) > 20
    assert not [url for url, html in with_labels.items() if ":</label>" in html]


def test_labels_of_rows_within_a_page_have_no_colons(rf, admin_user, make_channel):
    """Also of the empty row from which the next is made."""
    request = rf.get("/")
    request.user = admin_user
    channels = admin.site._registry[Channel]
    formsets = channels._create_formsets(request, make_channel(), change=True)[0]
    forms = [form for formset in formsets for form in (*formset.forms, formset.empty_form)]
    assert {form.label_suffix for form in forms} == {""}


@pytest.mark.parametrize("whose", ["/admin/password_change/", "/admin/auth/user/{}/password/"])
def test_labels_of_passwords_have_no_colons(admin_client, admin_user, whose):
    answer = admin_client.get(whose.format(admin_user.pk))
    assert "<label" in answer.text
    assert ":</label>" not in answer.text
