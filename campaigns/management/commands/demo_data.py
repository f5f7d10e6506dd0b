"""`manage.py demo_data`: a login, a channel to the sandbox, contacts, media and a campaign."""

import csv
import io
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.models import Campaign, Channel, ContactList, MediaFile, Mms, Sender
from campaigns.services import samples
from campaigns.services.campaigns import launch_campaign, save_draft
from campaigns.services.channels import hook_url, save_channel, try_connection
from campaigns.services.content import DraftSlide, MmsDraft
from campaigns.services.content import save_draft as save_mms
from campaigns.services.import_rows import run_import
from campaigns.services.imports import confirm_import, start_import
from campaigns.services.library import set_tags
from campaigns.services.media import store_media
from campaigns.services.templates import save_to_provider

KEY = "demo-key-of-the-sandbox"
SERVICE = "demo-service"
SENDER = "12015550100"
FIRST_NAMES = (
    "Ada Ben Chloé Dmitri Eva Farid Grace Hiro Inés Jack Kofi Léa Mia Noor Owen Pia".split()
)
LAST_NAMES = "Álvarez Brown Chen Dubois Evans Fischer García Haddad Ito Jones Kim López".split()
AREA_CODES = ("201", "212", "303", "404", "512", "617", "702", "808")
#: The sandbox delivers to endings 00 to 59; the others have their stories, which it lists itself.
ENDINGS = (*range(22), 60, 61, 64, 66, 68, 80, 91, 96)


class Command(BaseCommand):
    help = "Fill an empty portal with sample data; leaves a filled one as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--login", nargs=2, metavar=("NAME", "PASSWORD"), required=True)

    def handle(self, *args: Any, login: tuple[str, str], **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("Sample data is for the sandbox: set SANDBOX=demo.")
        channel = Channel.objects.filter(secrets__isnull=False, name="Sandbox").first()
        if channel is None:
            channel = make_everything(*login)
        # The sandbox's own memory may be younger than ours, and the port may have changed.
        point_at_sandbox(channel)


def make_everything(name: str, password: str) -> Channel:
    user = User.objects.create_user(name, password=password, is_staff=True, first_name="Demo")
    user.groups.set(Group.objects.filter(name__in=["administrator", "marketer"]))
    channel = make_channel(user)
    point_at_sandbox(channel)
    try_connection(channel, by=user)
    everybody = import_contacts(user, "Newsletter", count=240)
    import_contacts(user, "VIP", count=60)
    mms = make_sale(user)
    save_to_provider(mms.head, channel, by=user)
    make_welcome(user)
    by_name = make_by_name(user)
    save_to_provider(by_name.head, channel, by=user)
    make_group_draft(user, channel, by_name, import_contacts(user, "Team", count=4, area="206"))
    make_campaign(user, channel, mms, everybody)
    return channel


def make_channel(user: User) -> Channel:
    channel = Channel(name="Sandbox", kind="sinch_mms", requests_per_second=8, connections=4)
    channel.base_url = f"{settings.SANDBOX_URL}/ep/v2/"
    save_channel(channel, values={"service_id": SERVICE}, secrets={"x_api_key": KEY}, by=user)
    Sender.objects.create(channel=channel, number=SENDER, kind=Sender.Kind.TEN_DLC)
    return channel


def point_at_sandbox(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(base_url=f"{settings.SANDBOX_URL}/ep/v2/")
    call_command(
        "sandbox_account",
        key=KEY,
        service_id=SERVICE,
        sender=[SENDER],
        postback_url=hook_url(channel),
        rate=10,
    )


def sample_phones(areas: Iterable[str] = AREA_CODES) -> list[str]:
    """Numbers that belong to nobody: 555-0100 to 555-0199 of several area codes."""
    return [f"+1 {area} 555 {100 + ending:04d}" for area in areas for ending in ENDINGS]


def import_contacts(user: User, list_name: str, *, count: int, area: str = "") -> ContactList:
    """By the same door as people: a CSV file."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["Phone", "First name", "Last name", "City"])
    phones = sample_phones([area]) if area else sample_phones()
    for number, phone in enumerate(phones[:count]):
        # Some are known only by their number: a merge field then reads as its fallback.
        first = "" if number % 20 == 19 else FIRST_NAMES[number % len(FIRST_NAMES)]
        last = LAST_NAMES[number % len(LAST_NAMES)]
        writer.writerow([phone, first, last, "Springfield"])
    file = ContentFile(table.getvalue().encode(), name=f"{list_name.lower()}.csv")
    started = start_import(file, list_name=list_name, country="US", by=user)
    confirm_import(started, started.mapping, by=user, in_background=False)
    run_import(started.pk, timezone.now())
    return ContactList.objects.get(name=list_name)


def store(user: User, sample: tuple[str, bytes]) -> MediaFile:
    name, content = sample
    media = store_media(ContentFile(content, name=name), name=name, by=user)
    set_tags(media, ["Spring"], by=user)
    return media


def make_sale(user: User) -> Mms:
    slides = (
        DraftSlide(
            "Spring is here, and so is our sale: 20 % off everything until Sunday.",
            (store(user, samples.sample_image()),),
        ),
        DraftSlide("Hear what is new.", (store(user, samples.sample_audio()),)),
        DraftSlide("Save the date:", (store(user, samples.sample_calendar()),)),
    )
    draft = MmsDraft(
        name="Spring sale",
        subject="Spring sale",
        slides=slides,
        fallback_text="20 % off everything until Sunday. See our offer:",
    )
    return save_mms(None, draft, by=user).mms


def make_welcome(user: User) -> Mms:
    picture = store(user, samples.sample_image("Welcome", "Nice to have you with us"))
    draft = MmsDraft(
        name="Welcome",
        subject="Welcome",
        slides=(DraftSlide("Thank you for joining us!", (picture,)),),
        fallback_text="Thank you for joining us! Have a look:",
    )
    return save_mms(None, draft, by=user).mms


def make_by_name(user: User) -> Mms:
    """With merge fields, and with a film that is worth saving at the provider first."""
    slides = (
        DraftSlide(
            "Hi {{ first_name|there }}! The first tulips of {{ City|our town }} are here.",
            (store(user, samples.sample_video(headline="Tulips", line="Come and see")),),
        ),
        DraftSlide("Come and see us.", (store(user, samples.sample_vcard()),)),
    )
    draft = MmsDraft(
        name="Hello by name",
        subject="For you, {{ first_name|friend }}",
        slides=slides,
        fallback_text="Hi {{ first_name|there }}! The first tulips are here:",
    )
    return save_mms(None, draft, by=user).mms


def make_group_draft(user: User, channel: Channel, mms: Mms, team: ContactList) -> None:
    """Not launched: a group message for somebody to try."""
    sender = channel.senders.get()
    campaign = Campaign(
        name="Team lunch, as a group", channel=channel, sender=sender, mms=mms, as_group=True
    )
    save_draft(campaign, by=user)
    campaign.lists.add(team)


def make_campaign(user: User, channel: Channel, mms: Mms, contacts: ContactList) -> None:
    """Launched, so that the first look shows something going on."""
    campaign = Campaign(
        name="Spring sale, first wave", channel=channel, sender=channel.senders.get(), mms=mms
    )
    save_draft(campaign, by=user)
    campaign.lists.add(contacts)
    launch_campaign(campaign, by=user)
