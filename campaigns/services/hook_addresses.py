"""Callback addresses of channels: made and replaced."""

import hashlib
import secrets as random
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from campaigns.models import Channel
from campaigns.services.audit import record

#: A replaced callback address keeps working this long, so that no report is lost meanwhile.
HOOK_OVERLAP = timedelta(days=7)


def set_hook_token(channel: Channel) -> None:
    """Make up a callback address; the channel is not saved."""
    token = random.token_urlsafe(32)
    channel.secrets = {**channel.secrets, "hook_token": token}
    channel.hook_hash = hash_token(token)


def hash_token(token: str) -> str:
    """The form in which callback tokens are looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


def hook_url(channel: Channel) -> str:
    """The address to give to the provider for its callbacks."""
    token = channel.secrets.get("hook_token", "")
    return f"{settings.PUBLIC_BASE_URL}/hooks/{token}/" if token else ""


@transaction.atomic
def rotate_hook_token(channel: Channel, *, by: AbstractBaseUser) -> None:
    """Give the channel a new callback address; the old one works on for `HOOK_OVERLAP`.

    Pressed twice, it is still the address which the provider knows that works on.
    """
    now = timezone.now()
    channel.refresh_from_db()
    if not (channel.old_hook_until and channel.old_hook_until > now):
        channel.old_hook_hash = channel.hook_hash
    channel.old_hook_until = now + HOOK_OVERLAP
    set_hook_token(channel)
    channel.save(update_fields=["secrets", "hook_hash", "old_hook_hash", "old_hook_until"])
    record("channel.hook_rotated", channel, by=by)
