"""Triggers that keep the ledger and the audit trail as they were written, whoever asks.

They are set after every `migrate` instead of by a migration: SQLite makes a table anew when a
later migration alters it, and drops its triggers with the old one.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction

#: What stands in the place of the name of somebody who was erased or deleted.
SOMEBODY = "Somebody who was removed"

_LEDGER_MAY = """
    NEW.id = OLD.id AND NEW.kind = OLD.kind AND NEW.method = OLD.method AND NEW.at = OLD.at
    AND NEW.recorded_at = OLD.recorded_at AND NEW.by_id IS NOT DISTINCT FROM OLD.by_id
    AND NEW.channel_id IS NOT DISTINCT FROM OLD.channel_id
    AND NEW.contact_import_id IS NOT DISTINCT FROM OLD.contact_import_id
    AND (NEW.reply_id IS NULL OR NEW.reply_id IS NOT DISTINCT FROM OLD.reply_id)
    AND (
        (NEW.phone = OLD.phone AND NEW.wording = OLD.wording AND NEW.source = OLD.source)
        OR (OLD.phone NOT LIKE '#%' AND NEW.phone LIKE '#%' AND length(NEW.phone) = 33
            AND NEW.wording = '' AND NEW.source = '')
    )
"""
_AUDIT_MAY = f"""
    NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id
    AND NEW.verb = OLD.verb AND NEW.target_type = OLD.target_type
    AND NEW.target_id = OLD.target_id
    AND NEW.target = '{SOMEBODY}' AND NEW.before = '{{}}' AND NEW.after = '{{}}'
"""


@dataclass(frozen=True, slots=True)
class Guard:
    """A table whose rows are added, and the one change of a row that an erasure may make."""

    table: str
    what: str
    may: str

    def drop(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            kinds = ("update", "delete", "truncate")
            return [f"DROP TRIGGER IF EXISTS guard_{kind} ON {self.table}" for kind in kinds]
        kinds = ("update", "delete")
        return [f"DROP TRIGGER IF EXISTS {self.table}_guard_{kind}" for kind in kinds]

    def create(self, vendor: str) -> list[str]:
        changed, deleted = f"{self.what} is never changed.", f"{self.what} is never deleted."
        if vendor == "postgresql":
            return [
                """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
                END $$""",
                # The condition stands in the function: a column that a trigger names itself could
                # not be altered by a later migration.
                f"""CREATE OR REPLACE FUNCTION {self.table}_may() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN
                    IF NOT ({self.may}) THEN
                        RAISE EXCEPTION '{changed}' USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                END $$""",
                f"""CREATE TRIGGER guard_update BEFORE UPDATE ON {self.table} FOR EACH ROW
                EXECUTE FUNCTION {self.table}_may()""",
                f"""CREATE TRIGGER guard_delete BEFORE DELETE ON {self.table} FOR EACH ROW
                EXECUTE FUNCTION refuse_change('{deleted}')""",
                f"""CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON {self.table}
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('{deleted}')""",
            ]
        return [
            f"""CREATE TRIGGER {self.table}_guard_update BEFORE UPDATE ON {self.table}
            WHEN NOT ({self.may}) BEGIN SELECT RAISE(ABORT, '{changed}'); END""",
            f"""CREATE TRIGGER {self.table}_guard_delete BEFORE DELETE ON {self.table}
            BEGIN SELECT RAISE(ABORT, '{deleted}'); END""",
        ]


GUARDS = (
    Guard("campaigns_consent", "An entry of the ledger", _LEDGER_MAY),
    Guard("campaigns_auditentry", "An audit entry", _AUDIT_MAY),
)


def install_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Set every guard anew; a table that is not there (yet, any more) has none."""
    connection = connections[using]
    if using != "default":
        return
    with transaction.atomic(using), connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for guard in GUARDS:
            if guard.table in there:
                for sql in (*guard.drop(connection.vendor), *guard.create(connection.vendor)):
                    cursor.execute(sql)
