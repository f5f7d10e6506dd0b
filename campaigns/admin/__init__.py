"""The admin pages: they ask services and show the answer. One topic, one module, one line here."""
# ruff: noqa: F401

from campaigns.admin import (
    audience,
    audit,
    campaigns,
    channels,
    content,
    imports,
    inbox,
    journal,
    media,
    optouts,
    outbox,
    people,
)
