"""`manage.py demo_data`: a login, a channel to the sandbox, contacts, media and a campaign."""

from argparse import ArgumentParser
from datetime import time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from campaigns.management.demo_channels import (
    make_channel,
    make_missing_channels,
    point_all_at_sandbox,
)
from campaigns.management.demo_people import (
    import_contacts,
    import_fair_visitors,
    make_segment,
    set_limits,
)
from campaigns.models import Campaign, Channel, ContactList, MediaFile, Mms
from campaigns.services import samples
from campaigns.services.campaigns import launch_campaign, save_draft
from campaigns.services.channels import try_connection
from campaigns.services.content_writing import save_draft as save_mms
from campaigns.services.drafts import DraftSlide, MmsDraft
from campaigns.services.library import set_tags
from campaigns.services.media import store_media
from campaigns.services.template_saving import save_to_provider


class Command(BaseCommand):
    help = "Fill an empty portal with sample data; leaves a filled one as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--login", nargs=2, metavar=("NAME", "PASSWORD"), required=True)

    def handle(self, *args: Any, login: tuple[str, str], **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("Sample data is for the sandbox: set SANDBOX=demo.")
        channel = Channel.objects.filter(secrets__isnull=False, name="Sandbox").first()
        if channel is None:
            make_everything(*login)
        make_missing_channels(User.objects.get(username=login[0]))
        point_all_at_sandbox()


def make_everything(name: str, password: str) -> None:
    user = User.objects.create_user(name, password=password, is_staff=True, first_name="Demo")
    user.groups.set(Group.objects.filter(name__in=["administrator", "marketer"]))
    channel = make_channel("sinch_mms", user)
    point_all_at_sandbox()
    try_connection(channel, by=user)
    set_limits(user)
    everybody = import_contacts(user, "Newsletter", count=240)
    vip = import_contacts(user, "VIP", count=60)
    fair = import_fair_visitors(user)
    make_segment(user, vip)
    mms = make_sale(user)
    save_to_provider(mms.head, channel, by=user)
    make_welcome(user)
    by_name = make_by_name(user)
    save_to_provider(by_name.head, channel, by=user)
    make_group_draft(user, channel, by_name, import_contacts(user, "Team", count=4, area="206"))
    make_campaign(user, channel, mms, everybody)
    make_local_draft(user, channel, by_name, [everybody, fair], vip)


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


def make_local_draft(
    user: User, channel: Channel, mms: Mms, lists: list[ContactList], left_out: ContactList
) -> None:
    """Not launched: waves at everybody's local time, and a ladder with something on its rungs."""
    campaign = Campaign(
        name="Tulips at ten",
        channel=channel,
        sender=channel.senders.get(),
        mms=mms,
        start=Campaign.Start.LOCAL,
        local_date=timezone.localdate() + timedelta(days=2),
        local_time=time(10),
    )
    save_draft(campaign, by=user)
    campaign.lists.set(lists)
    campaign.excluded_lists.add(left_out)


def make_campaign(user: User, channel: Channel, mms: Mms, contacts: ContactList) -> None:
    """Launched, so that the first look shows something going on."""
    campaign = Campaign(
        name="Spring sale, first wave", channel=channel, sender=channel.senders.get(), mms=mms
    )
    save_draft(campaign, by=user)
    campaign.lists.add(contacts)
    launch_campaign(campaign, by=user)
