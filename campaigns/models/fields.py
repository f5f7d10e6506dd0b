"""A JSON field that is encrypted at rest."""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from mmsportal.redaction import remember_secrets


def cipher() -> MultiFernet:
    """The cipher of `settings.FIELD_KEYS`: the first key writes, every key reads."""
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


class EncryptedJSONField(models.TextField):
    """Stores any JSON value as a Fernet token; raises when no key fits, never shows ciphertext.
    What it holds is kept out of the logs, wherever it turns up."""

    def get_prep_value(self, value: Any) -> str:
        remember_secrets(value)
        return cipher().encrypt(json.dumps(value).encode()).decode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        try:
            held = json.loads(cipher().decrypt(value.encode()))
        except InvalidToken:
            raise ImproperlyConfigured(
                "A secret in the database cannot be read: its key is not among FIELD_KEYS."
            ) from None
        remember_secrets(held)
        return held

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        """`dumpdata` carries the token, not the secret."""
        return self.get_prep_value(self.value_from_object(obj))
