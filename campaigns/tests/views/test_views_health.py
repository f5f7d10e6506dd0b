"""Alive for everybody; the details for who knows the token."""

import pytest
from django.db import DatabaseError
from django.utils import timezone

from campaigns.tests.fakes import sign_of_life
from campaigns.views import health

TOKEN = "a-token-of-the-monitor"
GUARDED = ("/readyz", "/metrics")


@pytest.fixture
def token(settings):
    settings.MONITOR_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


def broken(*args, **kwargs):
    raise DatabaseError("secret words of the driver")


def test_alive_is_told_to_anybody_and_nothing_else(client, db):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "no-store" in answer["Cache-Control"]
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


def test_without_a_database_nothing_is_alive(client, db, token, monkeypatch):
    class Gone:
        cursor = broken

    monkeypatch.setattr(health, "connection", Gone())
    monkeypatch.setattr(health, "take_stock", broken)
    monkeypatch.setattr(health, "write_metrics", broken)
    for page in ("/healthz", *GUARDED):
        answer = client.get(page, headers=token)
        assert answer.status_code == 503
        assert b"secret" not in answer.content


@pytest.mark.parametrize("page", GUARDED)
@pytest.mark.parametrize(
    "given", ["", "Bearer wrong", TOKEN, f"Bearer {TOKEN}x", f"bearer  {TOKEN}", "Bearer ÿ"]
)
def test_details_are_for_who_knows_the_token(client, db, token, page, given):
    answer = client.get(page, headers={"Authorization": given})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("page", GUARDED)
@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer None"])
def test_without_a_token_there_are_no_details(client, db, settings, page, given):
    settings.MONITOR_TOKEN = ""
    assert client.get(page, headers={"Authorization": given}).status_code == 404


def test_ready_is_200_or_503_with_every_check(client, db, token):
    answer = client.get("/readyz", headers=token)
    assert answer.status_code == 503
    told = answer.json()
    assert told["state"] == "bad"
    assert {"name", "state", "sentence"} == set(told["checks"][0])
    sign_of_life(timezone.now())
    answer = client.get("/readyz", headers=token)
    assert (answer.status_code, answer.json()["state"]) == (200, "ok")
    assert "no-store" in answer["Cache-Control"]


def test_the_numbers_are_text_for_prometheus(client, db, token):
    answer = client.get("/metrics", headers=token)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert b"\nmagpie_bells_waiting 0.0\n" in answer.content


@pytest.mark.parametrize("page", ["/healthz", *GUARDED])
def test_a_monitor_beside_the_portal_needs_no_tls(client, db, token, settings, page):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(page, headers=token).status_code in (200, 503)
