"""Accounts are opened by a command, and the tables stay in their own database."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from campaigns.sandbox.models import Call, SandboxAccount
from campaigns.sandbox.router import SandboxRouter

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


def open_account(rate):
    options = ["--key=k", "--service-id=svc", "--sender=28444", "--sender=12015550100"]
    url = "--postback-url=http://127.0.0.1:9/"
    call_command("sandbox_account", *options, url, f"--rate={rate}", stdout=StringIO())


def test_the_command_opens_an_account_and_then_changes_it():
    open_account(rate=5)
    SandboxAccount.objects.update(transcodes=True)
    open_account(rate=7)
    account = SandboxAccount.objects.get()
    assert (account.service_id, account.rate) == ("svc", 7)
    assert account.senders == ["28444", "12015550100"]
    assert account.transcodes


def test_the_tables_of_the_sandbox_live_in_its_own_database():
    router = SandboxRouter()
    assert router.db_for_read(Call) == router.db_for_write(Call) == "sandbox"
    assert router.db_for_read(User) is None
    assert router.allow_migrate("sandbox", "sandbox")
    assert not router.allow_migrate("default", "sandbox")
    assert not router.allow_migrate("sandbox", "campaigns")
    assert router.allow_migrate("default", "campaigns") is None
