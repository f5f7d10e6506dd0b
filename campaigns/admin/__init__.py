"""The admin pages: they ask services and show the answer. One topic, one module, one line here."""
# ruff: noqa: F401

from campaigns.admin import (
    audience,
    audit,
    channels,
    inbox,
    journal,
    optouts,
    outbox,
    people,
)
