"""Secrets are encrypted at rest, and no key means no secret, never its ciphertext."""

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from campaigns.models import AuditEntry, Channel
from campaigns.services.audit import record


def stored(channel):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM campaigns_channel WHERE id = %s", [channel.pk])
        return cursor.fetchone()[0]


def test_the_database_holds_no_secret(make_channel):
    channel = make_channel(secrets={"x_api_key": "very-secret"})
    assert "very-secret" not in stored(channel)
    assert Channel.objects.get().secrets == {"x_api_key": "very-secret"}


def test_a_dump_holds_no_secret(make_channel):
    channel = make_channel(secrets={"x_api_key": "very-secret"})
    assert "very-secret" not in serializers.serialize("json", [channel])


def test_an_older_key_still_reads_what_it_wrote(make_channel, settings):
    make_channel(secrets={"x_api_key": "very-secret"})
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    assert Channel.objects.get().secrets == {"x_api_key": "very-secret"}


def test_without_its_key_a_secret_is_not_read_at_all(make_channel, settings):
    make_channel()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        Channel.objects.get()


def test_an_audit_entry_is_neither_changed_nor_deleted(make_channel, marketer):
    entry = record("channel.tried", make_channel(), by=marketer)
    with pytest.raises(TypeError, match="never changed"):
        entry.save()
    with pytest.raises(TypeError, match="never deleted"):
        entry.delete()
    assert AuditEntry.objects.filter(pk=entry.pk).exists()
