"""The ledger and the audit trail stay as they were written, even when asked in SQL."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import CharField
from django.utils import timezone

from campaigns.models import AuditEntry, Consent
from campaigns.services.audit import record
from campaigns.services.consent import note, record_consent
from campaigns.services.guards import GUARDS, SOMEBODY
from campaigns.services.suppression import hash_number
from campaigns.tests.conftest import make_reply

ANN = "12015550123"


def run(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


@pytest.fixture
def entry(db):
    return record_consent(ANN, method="web", wording="I agree", source="Form")


@pytest.mark.parametrize(
    "change",
    [
        "phone = '12015550124'",
        "phone = '#short', wording = '', source = ''",
        "phone = '#0123456789abcdef0123456789abcdef'",  # with its words
        "wording = 'I agree to everything'",
        "wording = ''",
        "kind = 'opted_out'",
        "method = 'paper'",
        "source = 'Another form'",
        "at = '2020-01-01 00:00:00+00:00'",
        "recorded_at = '2020-01-01 00:00:00+00:00'",
        "channel_id = 1",
        "by_id = 1",
        "contact_import_id = 1",
        "reply_id = 1",
        "id = 77",
    ],
)
def test_an_entry_of_the_ledger_is_never_changed(entry, change):
    with pytest.raises(DatabaseError, match="ledger is never changed"):
        run(f"UPDATE campaigns_consent SET {change}")
    assert Consent.objects.values().get() == Consent.objects.filter(pk=entry.pk).values().get()


def test_every_column_of_the_ledger_is_guarded():
    (guard,) = [guard for guard in GUARDS if guard.table == Consent._meta.db_table]
    for field in Consent._meta.concrete_fields:
        assert f"NEW.{field.column} " in guard.may, field.name


@pytest.mark.parametrize("table", ["campaigns_consent", "campaigns_auditentry"])
def test_nothing_is_deleted(entry, table, marketer):
    record("list.created", marketer, by=marketer)
    with pytest.raises(DatabaseError, match="is never deleted"):
        run(f"DELETE FROM {table}")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only there")
def test_nothing_is_truncated(entry):
    run("SET CONSTRAINTS ALL IMMEDIATE")  # or what waits to be checked refuses it first
    with pytest.raises(DatabaseError, match="ledger is never deleted"):
        run("TRUNCATE campaigns_consent CASCADE")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only there")
def test_an_entry_is_not_replaced_by_another_one(entry):
    columns = ", ".join(field.column for field in Consent._meta.concrete_fields)
    forged = columns.replace("wording", "'I agree to everything'")
    with pytest.raises(DatabaseError, match="ledger is never deleted"):
        run(f"REPLACE INTO campaigns_consent ({columns}) SELECT {forged} FROM campaigns_consent")
    assert Consent.objects.get().wording == "I agree"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("model", "name"), [(Consent, "phone"), (Consent, "method"), (AuditEntry, "target")]
)
def test_a_later_migration_may_alter_a_guarded_table(model, name):
    """Triggers that name a column themselves would forbid it on PostgreSQL."""
    old = model._meta.get_field(name)
    new = CharField(max_length=250)
    new.set_attributes_from_name(name)
    new.model = model
    try:
        with connection.schema_editor() as editor:
            editor.alter_field(model, old, new)
    finally:
        with connection.schema_editor() as editor:
            editor.alter_field(model, new, old)
        call_command("migrate", verbosity=0)
    record_consent(ANN, method="web")
    with pytest.raises(DatabaseError, match="ledger is never changed"):
        run("UPDATE campaigns_consent SET phone = '12015550124'")


def test_an_erasure_may_forget_whose_entry_it_was_and_only_once(entry):
    assert Consent.objects.filter(phone=ANN).erase(hash_number(ANN)) == 1
    known = Consent.objects.get()
    assert (known.wording, known.source, known.kind, known.at) == ("", "", "given", entry.at)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Consent.objects.all().erase(hash_number("12015550124"))


def test_an_entry_outlives_the_reply_it_came_from(make_channel):
    reply = make_reply(
        channel=make_channel(), phone=ANN, to="1", provider_id="1", received_at=timezone.now()
    )
    note(ANN, Consent.Kind.OPTED_OUT, at=timezone.now(), reply=reply)
    reply.delete()
    assert Consent.objects.get().reply is None


def test_the_code_is_told_before_the_database_is(entry):
    for change in (entry.save, lambda: Consent.objects.update(kind="lifted")):
        with pytest.raises(TypeError, match="never changed"):
            change()
    for loss in (entry.delete, Consent.objects.all().delete):
        with pytest.raises(TypeError, match="never deleted"):
            loss()


def test_an_audit_entry_is_never_changed_but_for_an_erasure(marketer):
    record("contact.changed", marketer, by=marketer, before={"phone": ANN})
    for change in ("verb = 'x'", "target = 'Ann'", "before = '{}'", "actor_id = NULL"):
        with pytest.raises(DatabaseError, match="audit entry is never changed"):
            run(f"UPDATE campaigns_auditentry SET {change}")
    assert AuditEntry.objects.update(target=SOMEBODY, before={}, after={}) == 1


@pytest.mark.django_db(transaction=True)
def test_the_guards_are_there_again_after_a_flush_and_a_migrate():
    record_consent(ANN, method="web")
    call_command("flush", interactive=False, verbosity=0)
    call_command("migrate", interactive=False, verbosity=0)
    assert not Consent.objects.exists()
    record_consent(ANN, method="web")
    with pytest.raises(DatabaseError, match="never deleted"):
        run("DELETE FROM campaigns_consent")
