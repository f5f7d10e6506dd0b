"""The admin pages: they ask services and show the answer. One topic, one module, one line here."""
# ruff: noqa: F401

from campaigns.admin import (
    audit,
    campaigns,
    channels,
    consent,
    contacts,
    content,
    customfields,
    imports,
    inbox,
    journal,
    keywords,
    lists,
    media,
    optouts,
    outbox,
    people,
    policy,
    quiethours,
    reviews,
    segments,
    threads,
)
