"""The callback address while the database is away: a 200 means that the disk has it."""

import errno
import os
import sqlite3
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.signals import connection_created
from django.utils import timezone

from campaigns.models import WebhookPost
from campaigns.services import draining, journal, spool
from campaigns.services.hook_addresses import hash_token, rotate_hook_token
from campaigns.views import hooks

TOKEN = "a-token-nobody-guesses-in-all-his-life"
BODY = b'{"code": "N101", "x": "\xff\x00\n"}'


@pytest.fixture
def channel(make_channel):
    channel = make_channel()
    channel.secrets = {**channel.secrets, "hook_token": TOKEN}
    channel.hook_hash = hash_token(TOKEN)
    channel.save()
    return channel


@pytest.fixture
def asked():
    """How often somebody asked for the database."""
    return []


@pytest.fixture
def away(monkeypatch, asked):
    """The database does not answer, until `back` is called."""

    def fail(*args):
        asked.append(args)
        raise OperationalError("gone")

    monkeypatch.setattr(hooks, "keep_callback", fail)


def back(monkeypatch):
    monkeypatch.setattr(hooks, "keep_callback", journal.keep_callback)


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """Nobody drains by himself in a test."""
    woken = []
    monkeypatch.setattr(hooks, "absence", hooks.Absence())
    monkeypatch.setattr(draining, "wake", lambda: woken.append(1))
    return woken


def send(client, body=BODY, token=TOKEN, **extra):
    return client.post(f"/hooks/{token}/", body, content_type="application/json", **extra)


def test_it_is_kept_on_disk_and_in_the_table_once_the_database_is_back(
    client, channel, away, woken
):
    before = timezone.now()
    answer = send(client, headers={"user-agent": "Provider/1", "cookie": "a=b"})
    after = timezone.now()
    assert answer.status_code == 200
    assert woken
    assert not WebhookPost.objects.exists()
    assert spool.measure().files == 1
    draining.drain()
    post = WebhookPost.objects.get()
    assert (bytes(post.body), post.channel_id, post.status) == (BODY, channel.pk, "new")
    assert post.headers == {"Content-Type": "application/json", "User-Agent": "Provider/1"}
    assert before <= post.received_at <= after


def test_the_disk_has_it_before_it_is_answered(client, channel, away, monkeypatch):
    """Synced: the file, then the folder it is named in."""
    synced, fsync = [], os.fsync
    monkeypatch.setattr(spool.os, "fsync", lambda file: synced.append(is_file(file)) or fsync(file))
    assert send(client).status_code == 200
    assert synced == [True, False]


def is_file(descriptor):
    return os.path.isfile(f"/proc/self/fd/{descriptor}")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("step", ["write", "fsync"])
def test_a_disk_that_does_not_take_it_gets_503_and_leaves_nothing(
    client, channel, away, monkeypatch, step, number
):
    def fail(*args):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(spool.os, step, fail)
    assert send(client).status_code == 503
    assert not any(spool._folder().iterdir())


def test_a_spool_that_cannot_be_written_gets_503(client, channel, away, settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "file"
    settings.SPOOL_DIR.write_text("not a folder")
    assert send(client).status_code == 503


def test_a_spool_holds_no_more_than_it_may(client, channel, away, settings, monkeypatch):
    monkeypatch.setattr(spool, "_size", spool._Size())
    settings.SPOOL_MAX_BYTES = 4000
    answers = [send(client, b"x" * 1000).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 503, 503]
    assert spool.measure().bytes <= 4000


def test_what_is_no_address_of_anybody_fills_no_disk(client, channel, away):
    assert send(client, token="wp-login.php").status_code == 503
    assert spool.is_empty()


def test_while_it_is_away_nobody_waits_for_it(client, channel, away, asked, monkeypatch):
    """One callback in two seconds asks whether it is back."""
    now = time.monotonic()
    monkeypatch.setattr(hooks.time, "monotonic", lambda: now)
    for _ in range(20):
        assert send(client).status_code == 200
    assert len(asked) == 1
    now += hooks.ASK_AGAIN_SECONDS
    for _ in range(20):
        assert send(client).status_code == 200
    assert len(asked) == 2
    back(monkeypatch)
    assert send(client).status_code == 200
    now += hooks.ASK_AGAIN_SECONDS
    assert send(client).status_code == 200
    assert send(client).status_code == 200
    assert (WebhookPost.objects.count(), spool.measure().files) == (2, 41)


def test_an_address_of_nobody_is_judged_when_the_database_is_back(client, channel, away, caplog):
    assert send(client, token="x" * 43).status_code == 200
    assert send(client).status_code == 200
    draining.drain()
    assert WebhookPost.objects.count() == 1
    assert "1 more came to no address of ours" in caplog.text


def test_an_address_is_judged_by_the_time_of_arrival(client, channel, away, administrator):
    """It was replaced, and its overlap ended, while the callback lay on the disk."""
    assert send(client).status_code == 200
    rotate_hook_token(channel, by=administrator)
    channel.old_hook_until = timezone.now()
    channel.save()
    draining.drain()
    assert WebhookPost.objects.count() == 1
    later = timezone.now() + timedelta(seconds=1)
    assert not journal.keep_callback(TOKEN, {}, b"{}", later)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_that_it_was_seen_need_not_be_written(client, channel, monkeypatch, error):
    """It is in the table already: kept once more, it would be there twice."""

    def fail(*args):
        raise error("gone")

    monkeypatch.setattr(journal, "_note_seen", fail)
    assert send(client).status_code == 200
    assert (WebhookPost.objects.count(), spool.measure().files) == (1, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_a_database_that_is_locked_is_waited_for_in_a_hurry(client, channel, monkeypatch):
    """SQLite has one writer; others wait 20 s elsewhere, the provider but 10."""
    monkeypatch.setattr(journal, "HURRY_MS", 200)
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started_at = time.monotonic()
    assert send(client).status_code == 200
    assert time.monotonic() - started_at < 5
    other.execute("ROLLBACK")
    other.close()
    assert (WebhookPost.objects.count(), spool.measure().files) == (0, 1)
    draining.drain()
    assert WebhookPost.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (20_000,)


@contextmanager
def full_after(pages):
    """Every connection that is made within the block finds the disk full after so many."""

    def limit(connection, **_):
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count={pages}")

    connection.close()
    connection_created.connect(limit)
    try:
        yield
    finally:
        connection_created.disconnect(limit)
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_on_a_full_disk_no_200_is_without_its_bytes(client, channel, settings, monkeypatch):
    """First the database is full, then the spool, too; when there is room, all goes on."""
    monkeypatch.setattr(hooks, "ASK_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(spool, "_size", spool._Size())
    settings.SPOOL_MAX_BYTES = 300_000
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # pages that other tests left free would be room
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
    with full_after(pages + 40):
        sent = [b"%d" % number + b"x" * 20_000 for number in range(40)]
        taken = [body for body in sent if send(client, body).status_code == 200]
        rows = {bytes(row.body) for row in WebhookPost.objects.all()}
        on_disk = {spool.read(path).body for path in spool._folder().glob("*.post")}
        assert 0 < len(taken) < len(sent)
        assert rows
        assert on_disk
        assert rows | on_disk == set(taken)
    draining.drain()
    assert {bytes(row.body) for row in WebhookPost.objects.all()} == set(taken)
    assert WebhookPost.objects.count() == len(taken)
    assert send(client).status_code == 200
