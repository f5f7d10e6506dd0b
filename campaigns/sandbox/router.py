"""Keeps the sandbox's tables in the sandbox's database, and everything else out of it."""

from typing import Any

LABEL = ALIAS = "sandbox"


class SandboxRouter:
    def db_for_read(self, model: type, **hints: Any) -> str | None:
        return ALIAS if model._meta.app_label == LABEL else None

    def db_for_write(self, model: type, **hints: Any) -> str | None:
        return ALIAS if model._meta.app_label == LABEL else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        if app_label == LABEL or db == ALIAS:
            return app_label == LABEL and db == ALIAS
        return None
