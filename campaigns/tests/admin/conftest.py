"""Fixtures of the admin's tests: one row of everything, and people signed in."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import (
    AuditEntry,
    Consent,
    Contact,
    ContactImport,
    ContactList,
    CustomField,
    GatewayCall,
    InboundMedia,
    Keyword,
    MediaFile,
    Message,
    MessageEvent,
    OptOut,
    OptOutReview,
    QuietHours,
    SavedMms,
    Segment,
    WebhookPost,
)
from campaigns.rules.statuses import MessageStatus
from campaigns.services.channels import save_channel
from campaigns.services.media import store_media
from campaigns.services.policy import get_policy
from campaigns.services.samples import sample_image
from campaigns.tests import samples
from campaigns.tests.admin.composer_pages import ADD
from campaigns.tests.conftest import agreeing, make_reply

#: What must never be found in a page.
API_KEY = "never-to-be-seen-9f3c"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def people(marketer, approver, agent, administrator):
    return {user.username: user for user in (marketer, approver, agent, administrator)}


@pytest.fixture
def sign_in():
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def everything(make_campaign, administrator):
    """One row of every table that has pages: model name → row."""
    now = timezone.now()
    campaign = make_campaign(contacts=1)
    channel = save_channel(
        campaign.channel, values={}, secrets={"x_api_key": API_KEY}, by=administrator
    )
    contact = Contact.objects.get()
    revision = campaign.mms.head
    message = Message.objects.create(
        campaign=campaign,
        channel=channel,
        revision=revision,
        sender="12015550100",
        contact=contact,
        phone=contact.phone,
        reference="abc-1",
        status=MessageStatus.FAILED,
        reason="The picture is too large.",
    )
    post = WebhookPost.objects.create(
        channel=channel, body=b'{"code": "N102"} <script>alert(1)</script>', received_at=now
    )
    MessageEvent.objects.create(message=message, key="k", code="N102", received_at=now, post=post)
    reply = make_reply(
        channel=channel,
        contact=contact,
        phone=contact.phone,
        to="12015550100",
        text="Love it <b>very</b> much",
        provider_id="in-1",
        received_at=now,
    )
    InboundMedia.objects.create(
        message=reply,
        url="https://media.example.net/1",
        status=InboundMedia.Status.COPIED,
        mime="image/png",
        file=ContentFile(b"png", "1.png"),
    )
    saved = SavedMms.objects.create(revision=revision, channel=channel, reference="s-1")
    rows = [
        campaign,
        campaign.mms,
        channel,
        contact,
        ContactList.objects.get(),
        CustomField.objects.create(name="City"),
        message,
        post,
        reply,
        reply.thread,
        saved,
        AuditEntry.objects.first(),
        GatewayCall.objects.create(
            channel=channel, action="sendmms", reference="abc-1", milliseconds=80, at=now
        ),
        Keyword.objects.create(kind="stop", words="Enough", folded="enough"),
        OptOutReview.objects.create(
            reply=reply, phone=reply.phone, said=reply.text, words="much", due_on=now.date()
        ),
        OptOut.objects.create(phone="12015550199", source=OptOut.Source.STAFF, evidence="Called"),
        MediaFile.objects.create(
            file=ContentFile(b"jpg", "a.jpg"),
            name="Rose",
            kind="image",
            mime="image/jpeg",
            size=3,
            sha256="0" * 64,
            public_name="rose.jpg",
        ),
        ContactImport.objects.create(
            file=ContentFile(b"phone\n12015550111\n", "a.csv"),
            file_name="a.csv",
            contact_list=ContactList.objects.get(),
            status=ContactImport.Status.DONE,
        ),
        Consent.objects.create(phone=contact.phone, kind="given", method="web", at=now),
        get_policy(),
        QuietHours.objects.get(),
        Segment.objects.create(name="Silent"),
        User.objects.create_user("somebody"),
        Group.objects.get(name="agent"),
    ]
    return {row._meta.model_name: row for row in rows}


@pytest.fixture
def picture():
    return store_media(samples.upload(*sample_image()), by=None)


@pytest.fixture
def compose(client, marketer):
    """Posts the composer's fields; what is left out is as an empty page has it."""
    client.force_login(marketer)

    def post(do, url=ADD, htmx=False, **fields):
        typed = {"name": "Spring", "slide-0-text": "Hello", "fallback_text": "Hi", "fallback": "on"}
        headers = {"HX-Request": "true"} if htmx else {}
        return client.post(url, {**typed, **fields, "do": do}, headers=headers)

    return post


@pytest.fixture
def thread(everything):
    return everything["thread"]


@pytest.fixture
def thread_url(thread):
    return reverse("admin:campaigns_thread_change", args=[thread.pk])


@pytest.fixture
def person(db):
    contact = agreeing("12015550123", first_name="Ann", attributes={"old": "kept"})
    contact.save()
    return contact
