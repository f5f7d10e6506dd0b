"""Channels that share an account at the provider: its callbacks may come to any of them."""

from campaigns.models import Channel, InboundMessage, InboundPart
from campaigns.services.channel_kinds import channel_fields


def find_same_account(channel_id: int) -> tuple[int, ...]:
    """This channel first, then the others of its account: the provider has one callback address
    per account, so reports of all of them may come to any (MMS JSON API §5.1)."""
    channel = Channel.objects.get(pk=channel_id)
    return channel_id, *(other.pk for other in find_others(channel))


def find_others(channel: Channel) -> list[Channel]:
    """The other channels of its account."""
    account = _account_of(channel)
    if not account:
        return []
    rows = Channel.objects.filter(kind=channel.kind).exclude(pk=channel.pk)
    return [other for other in rows if _account_of(other) == account]


def tell_others(channel: Channel) -> str:
    """What comes of having them, in words; "" where there are none, or nothing comes of it."""
    if not _named_by(channel):
        return ""
    names = [f"“{other.name}”" for other in find_others(channel)]
    if not names:
        return ""
    whose = " and ".join(names)
    verb = "use" if names[1:] else "uses"
    return (
        f"{whose} {verb} the same account at the provider ({_named_by(channel)}). Where both are "
        "set up there or both fetch, replies and reports come twice; each is kept once, at the "
        "channel it reaches first. For another number add a sender to one channel instead."
    )


def find_twin(channel: Channel, provider_id: str) -> InboundMessage | None:
    """The same message from a person, brought by another channel of the account."""
    where = {"channel__kind": channel.kind, "provider_id": provider_id}
    whole = InboundMessage.objects.filter(**where).exclude(channel=channel)
    parts = InboundPart.objects.filter(**where).exclude(channel=channel)
    found = [*whole, *(part.message for part in parts.select_related("message"))]
    if not found:
        return None
    accounts = find_same_account(channel.pk)
    return next((each for each in found if each.channel_id in accounts), None)


def _account_of(channel: Channel) -> dict[str, str]:
    """What names the account; where nothing does, what lets us in, and where; {} when unknown."""
    if ids := _ids_of(channel):
        return ids
    secrets = _credentials(channel)
    return {**secrets, "base_url": channel.base_url.rstrip("/")} if secrets else {}


def _ids_of(channel: Channel) -> dict[str, str]:
    names = [item.name for item in channel_fields(channel.kind) if item.is_account]
    ids = {name: str(channel.settings.get(name) or "").strip() for name in names}
    return ids if all(ids.values()) else {}


def _named_by(channel: Channel) -> str:
    """“App id 01K8…”, as the form calls what names the account."""
    ids = _ids_of(channel)
    last = [item for item in channel_fields(channel.kind) if item.name in ids][-1:]
    return " ".join(f"{item.label.lower()} {ids[item.name]}" for item in last)


def _credentials(channel: Channel) -> dict[str, str]:
    """What lets us in, without what others are let in by."""
    ours = [item.name for item in channel_fields(channel.kind) if not item.overlaps]
    return {name: value for name, value in channel.secrets.items() if name in ours}
