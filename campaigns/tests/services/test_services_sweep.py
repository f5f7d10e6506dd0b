"""The sweep waits for other writers of many rows in their order, so that none waits for ever."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns.models import Message
from campaigns.rules.statuses import MessageStatus
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.sweep import sweep

S = MessageStatus
LONG_AGO = timezone.now() - timedelta(days=30)
_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
def rows(make_campaign, marketer):
    """Two rows that the table, and every index, holds in the other order than their ids."""
    campaign = make_campaign(contacts=2)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    return list(Message.objects.filter(campaign=campaign).order_by("pk"))


def move(row, **fields):
    Message.objects.filter(pk=row.pk).update(**fields)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time.")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [S.SENDING, S.UNKNOWN, S.ACCEPTED])
def test_the_sweep_waits_for_rows_in_the_order_of_all_writers(rows, status):
    for row, days in ((rows[1], 1), (rows[0], 0)):
        move(row, status=status, owner="gone", changed_at=LONG_AGO - timedelta(days=days))
    swept = threading.Thread(target=sweep_in_a_thread)
    with transaction.atomic():
        Message.objects.select_for_update().get(pk=rows[0].pk)
        swept.start()
        wait_until_somebody_waits(swept)
        # Nobody holds the second row who waits for the first: else each would wait for the other.
        Message.objects.select_for_update(nowait=True).get(pk=rows[1].pk)
    swept.join()
    assert not Message.objects.filter(status=status).exists()


def sweep_in_a_thread():
    try:
        sweep(timezone.now())
    finally:
        connection.close()


def wait_until_somebody_waits(thread):
    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # kept for a transaction otherwise
            cursor.execute(_WAITING)
            if cursor.fetchone()[0]:
                return
        thread.join(0.02)
