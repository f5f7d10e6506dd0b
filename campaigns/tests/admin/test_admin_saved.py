"""The panel of saved templates: what is where, who may save, and when it stops asking."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import SavedMms
from campaigns.rules.statuses import SavedStatus
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft
from campaigns.services.template_saving import save_to_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(make_channel):
    return make_channel("Main")


@pytest.fixture
def mms(marketer):
    slides = (DraftSlide("Hi {{ first_name|there }}"),)
    draft = MmsDraft(name="Spring", slides=slides, fallback_text="See:", subject="News")
    return save_draft(None, draft, by=marketer).mms


@pytest.fixture
def saved(mms, channel, marketer):
    """Sets the row of the MMS as the provider would have."""

    def saved(status, **fields):
        row = save_to_provider(mms.head, channel, by=marketer)
        SavedMms.objects.filter(pk=row.pk).update(status=status, **fields)
        return row

    return saved


def panel(client, mms):
    return client.get(reverse("admin:campaigns_mms_saved", args=[mms.pk])).content.decode()


def composer(client, mms):
    return client.get(reverse("admin:campaigns_mms_change", args=[mms.pk])).content.decode()


def provide(client, mms, do):
    fields = {"name": "Spring", "subject": "News", "fallback": "on", "fallback_text": "See:"}
    fields |= {"slide-0-text": "Hi {{ first_name|there }}", "fallback_link": "on", "do": do}
    fields |= {"edit_number": mms.edit_number}
    url = reverse("admin:campaigns_mms_change", args=[mms.pk])
    return client.post(url, fields, follow=True).content.decode()


def test_nothing_saved_tells_why_one_would(mms, channel, sign_in, marketer):
    text = panel(sign_in(marketer), mms)
    assert "once instead of for every recipient" in text
    assert "because nothing of it is saved on “Main”" in text
    assert f'value="provide-{channel.pk}"' in text


@pytest.mark.parametrize(
    ("status", "asks"),
    [
        (SavedStatus.SAVING, True),
        (SavedStatus.TRANSCODING, True),
        (SavedStatus.READY, False),
        (SavedStatus.FAILED, False),
        (SavedStatus.IN_DOUBT, False),
    ],
)
def test_it_asks_again_only_while_news_is_awaited(mms, saved, sign_in, marketer, status, asks):
    saved(status)
    text = panel(sign_in(marketer), mms)
    assert ("every 2s" in text) is asks
    assert (f">{status.label}</span>") in text


def test_who_does_not_see_hears_of_a_change_only(mms, saved, sign_in, marketer):
    saved(SavedStatus.READY, mms_id="35674")
    client = sign_in(marketer)
    url = reverse("admin:campaigns_mms_saved", args=[mms.pk])
    note = '<p id="composer-note" hx-swap-oob="innerHTML">Main: Ready. </p>'
    assert note in client.get(url, {"seen": "transcoding"}).content.decode()
    assert "composer-note" not in client.get(url, {"seen": "ready"}).content.decode()
    assert "composer-note" not in client.get(url).content.decode()


def test_a_ready_one_shows_its_id_and_that_a_campaign_uses_it(mms, saved, sign_in, marketer):
    saved(SavedStatus.READY, mms_id="35674")
    text = panel(sign_in(marketer), mms)
    assert 'value="35674"' in text
    assert "A campaign would send the saved template 35674." in text
    assert "saved by marketer" in text
    assert "provide-" not in text


def test_a_failed_one_links_to_its_slide_and_can_be_saved_again(mms, saved, sign_in, marketer):
    saved(SavedStatus.FAILED, reason="Slide 1, “a.jpg”: No.", mms_id="35674")
    text = panel(sign_in(marketer), mms)
    assert 'href="#slide-1"' in text
    assert "Save version 1 again" in text
    assert "35674" not in text


def test_an_edit_puts_it_out_of_date(mms, saved, sign_in, marketer):
    saved(SavedStatus.READY, mms_id="35674")
    draft = MmsDraft(name="Spring", slides=(DraftSlide("Other"),), fallback_text="See:")
    save_draft(mms, draft, by=marketer)
    text = panel(sign_in(marketer), mms)
    assert "Out of date" in text
    assert "Edited since: version 1 is saved, you are writing version 2." in text
    assert "Save version 2 to Sinch" in text


def test_merge_fields_are_said_to_hold_their_fallbacks(mms, channel, sign_in, marketer):
    assert "fallback of each merge field (First name)" in panel(sign_in(marketer), mms)


def test_each_channel_has_a_button_of_its_own(mms, channel, make_channel, sign_in, marketer):
    other = make_channel("Other")
    text = provide(sign_in(marketer), mms, f"provide-{other.pk}")
    assert "“Spring” is on its way to Other." in text
    assert [row.channel for row in SavedMms.objects.all()] == [other]


@pytest.mark.parametrize("do", ["provide-0", "provide-x", "provide-²", "provide"])
def test_a_channel_that_is_none_saves_nothing(mms, channel, make_channel, sign_in, marketer, do):
    make_channel("Other")
    text = provide(sign_in(marketer), mms, do)
    assert "Choose a channel to save it to." in text
    assert not SavedMms.objects.exists()


def test_who_may_not_add_templates_saves_none(mms, channel, sign_in, marketer):
    group = marketer.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_savedmms"))
    client = sign_in(marketer)
    assert "provide-" not in panel(client, mms)
    provide(client, mms, f"provide-{channel.pk}")
    assert not SavedMms.objects.exists()


def test_an_approver_looks_and_an_agent_does_not(mms, saved, sign_in, approver, agent):
    saved(SavedStatus.FAILED)
    text = composer(sign_in(approver), mms)
    assert "Saved at Sinch" in text
    assert 'name="do" value="provide' not in text
    url = reverse("admin:campaigns_mms_saved", args=[mms.pk])
    assert sign_in(agent).get(url).status_code == 403


def test_typing_asks_nothing_about_templates(mms, channel, sign_in, marketer):
    client = sign_in(marketer)
    url = reverse("admin:campaigns_mms_change", args=[mms.pk])
    with CaptureQueriesContext(connection) as asked:
        client.post(
            url,
            {"name": "Spring", "slide-0-text": "Hi", "do": "look"},
            headers={"HX-Request": "true"},
        )
    assert not [query for query in asked if "campaigns_savedmms" in query["sql"]]


def test_a_merge_field_without_a_fallback_is_said_to_be_empty(mms, channel, sign_in, marketer):
    mms.head.slides.update(text="Hi {{ first_name }} in {{ City|town }}")
    text = panel(sign_in(marketer), mms)
    assert "the fallback of City; First name has none and stays empty there." in text
    assert "of each merge field" not in text
