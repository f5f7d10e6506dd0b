"""What runs every minute, or for every callback, must not walk through a whole table."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import Message, WebhookPost
from campaigns.services.due import comes_back_soon, has_due
from campaigns.services.metrics import write_metrics
from campaigns.services.outbox import claim
from campaigns.services.posts import Reader
from campaigns.services.sweep import sweep

pytestmark = pytest.mark.django_db


def plans_of(call):
    """Each statement of `call` and the plan the database has for it, parameters unseen."""
    statements = []

    def note(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    plans = []
    with connection.cursor() as cursor:
        for sql, params in statements:
            if sql.split()[0] in ("SELECT", "UPDATE", "DELETE"):
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                plans.append((sql, " | ".join(row[3] for row in cursor.fetchall())))
    return plans


@pytest.fixture
def campaign(make_campaign, marketer):
    from campaigns.services.campaigns import launch_campaign
    from campaigns.services.filling import fill_outbox

    campaign = make_campaign(contacts=2)
    launch_campaign(campaign, by=marketer)
    fill_outbox(campaign.pk, timezone.now())
    return campaign


@pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are read as SQLite writes them")
def test_nothing_scans_messages_or_posts(campaign):
    now = timezone.now()

    def everything():
        sweep(now)
        has_due(campaign.channel_id, now)
        comes_back_soon(campaign.channel_id, now, now + timedelta(seconds=5))
        claim(campaign.channel_id, campaign.pk, 10, owner="x", now=now)
        claim(campaign.channel_id, None, 10, owner="x", now=now)
        Reader().read_chunk(now)
        write_metrics()

    plans = plans_of(everything)
    assert any("message_waiting" in plan for _, plan in plans)
    assert any("message_in_flight" in plan for _, plan in plans)
    for sql, plan in plans:
        for table in (Message._meta.db_table, WebhookPost._meta.db_table):
            assert f"SCAN {table}" not in plan.replace(f"SCAN {table} USING", ""), f"{plan}\n{sql}"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="a plan of PostgreSQL's")
def test_a_claim_asks_once_what_does_not_depend_on_the_row(campaign):
    """Joined to each row, it made all that wait be read and sorted for every 200 of a million."""
    plans = []

    def explain(execute, sql, params, many, context):
        with connection.cursor() as cursor:
            cursor.cursor.execute(f"EXPLAIN {sql}", params)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        claim(campaign.channel_id, campaign.pk, 10, owner="x", now=timezone.now())
    [plan] = plans
    assert "One-Time Filter" in plan
    assert "Anti Join" not in plan
