"""The channels of the demo: one for each interface of the pretend Sinch, known there by name."""

from collections.abc import Callable
from contextlib import closing

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command

from campaigns.models import Channel, Sender
from campaigns.services.channel_kinds import channel_kinds
from campaigns.services.channels import open_gateway, save_channel
from campaigns.services.hook_addresses import hook_url

SENDER = "12015550100"
KEY, SERVICE = "demo-key-of-the-sandbox", "demo-service"
PROJECT, APP = "demo-project", "01K8DEM0MAGP1E0SANDB0X0APP"
KEY_ID, KEY_SECRET, CALLBACK_SECRET = "demo-key-id", "demo-key-secret", "demo-callback-secret"
PLAN, TOKEN = "demo-plan", "demo-token-of-the-plan"
#: Also what somebody may have switched so that no set-up goes through, the last time.
SWITCHES = {
    "dispatch_days": 7,
    "names_operators": True,
    "keys_revoked": False,
    "is_over_credit": False,
    "token_seconds": 3599,
    "rate": 800,
}
#: Kind → name of the channel, its settings, its secrets.
CHANNELS: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "sinch_mms": ("Sandbox", {"service_id": SERVICE}, {"x_api_key": KEY}),
    "sinch_conversation": (
        "Conversation (sandbox)",
        {"project_id": PROJECT, "app_id": APP, "region": "us", "key_id": KEY_ID},
        {"key_secret": KEY_SECRET, "callback_secret": CALLBACK_SECRET},
    ),
    "sinch_sms": (
        "SMS (sandbox)",
        {"service_plan_id": PLAN},
        {"api_token": TOKEN, "callback_secret": CALLBACK_SECRET},
    ),
}


#: Slow enough to watch; of batches people count, so that some go together.
RATES = {"sinch_sms": 50}


def make_channel(kind: str, user: User) -> Channel:
    name, values, secrets = CHANNELS[kind]
    channel = Channel(name=name, kind=kind, requests_per_second=RATES.get(kind, 8), connections=4)
    channel.base_url = base_url(kind)
    save_channel(channel, values=values | _addresses(kind), secrets=secrets, by=user)
    Sender.objects.create(channel=channel, number=SENDER, kind=Sender.Kind.TEN_DLC)
    return channel


def make_missing_channels(user: User) -> None:
    """Of the interfaces that the portal speaks and the demo has no channel for."""
    known = {kind for kind, _ in channel_kinds()}
    for kind in CHANNELS:
        name = CHANNELS[kind][0]
        if kind in known and not Channel.objects.filter(kind=kind, name=name).exists():
            make_channel(kind, user)


def point_all_at_sandbox() -> None:
    """The sandbox's own memory may be younger than ours, and the port may have changed."""
    for kind, (name, _, _) in CHANNELS.items():
        for channel in Channel.objects.filter(kind=kind, name=name):
            channel.base_url = base_url(kind)
            channel.settings = channel.settings | _addresses(kind)
            channel.save(update_fields=["base_url", "settings"])
            OPEN_ACCOUNT[kind](channel)


def base_url(kind: str) -> str:
    return f"{settings.SANDBOX_URL}/{PATHS[kind]}/"


PATHS = {"sinch_mms": "ep/v2", "sinch_conversation": "conversation/us", "sinch_sms": "sms/us"}


def _addresses(kind: str) -> dict[str, str]:
    """The address of the sandbox among the settings."""
    is_conversation = kind == "sinch_conversation"
    return {"auth_url": f"{settings.SANDBOX_URL}/oauth2/token"} if is_conversation else {}


def _open_mms(channel: Channel) -> None:
    call_command(
        "sandbox_account",
        key=KEY,
        service_id=SERVICE,
        sender=[SENDER],
        postback_url=hook_url(channel),
        rate=10,
    )


def _open_conversation(channel: Channel) -> None:
    """The webhook is made as a person would have it made: by the channel's own set-up."""
    call_command(
        "sandbox_conversation",
        project_id=PROJECT,
        app_id=APP,
        key_id=KEY_ID,
        key_secret=KEY_SECRET,
        sender=[SENDER],
        switches=SWITCHES,
    )
    address = hook_url(channel)
    with closing(open_gateway(channel)) as gateway:
        steps = gateway.plan_setup(address, SENDER)
        gateway.apply_setup(address, SENDER, [step.key for step in steps])


def _open_plan(channel: Channel) -> None:
    call_command(
        "sandbox_sms_plan",
        plan=PLAN,
        token=TOKEN,
        sender=[SENDER],
        callback_url=hook_url(channel),
        callback_secret=CALLBACK_SECRET,
    )


OPEN_ACCOUNT: dict[str, Callable[[Channel], None]] = {
    "sinch_mms": _open_mms,
    "sinch_conversation": _open_conversation,
    "sinch_sms": _open_plan,
}
