"""Composing an MMS: nothing typed is lost, and the page says what it would become."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Message, Mms, SavedMms
from campaigns.services.content import freeze
from campaigns.services.drafts import draft_of
from campaigns.services.media import store_media
from campaigns.tests import samples
from campaigns.tests.admin.composer_pages import ADD, change_url

pytestmark = pytest.mark.django_db


def test_an_empty_composer_offers_one_slide(client, marketer):
    client.force_login(marketer)
    page = client.get(ADD).content.decode()
    assert 'name="slide-0-text"' in page
    assert 'name="slide-1-text"' not in page
    assert "finding--bad" not in page
    assert "Write something, or upload a file" in page


def test_saving_keeps_everything_and_comes_back(compose, picture):
    response = compose(
        "save",
        **{
            "subject": " Sale ",
            "slide-0-media": [picture.pk],
            "slide-1-text": "Line one\r\nline two",
            "fallback_link": "on",
        },
    )
    mms = Mms.objects.get()
    assert response.url == change_url(mms)
    draft = draft_of(mms.head)
    assert (draft.name, draft.subject, draft.fallback_link) == ("Spring", "Sale", True)
    assert draft.slides[0].media == (picture,)
    assert draft.slides[1].text == "Line one\nline two"


def test_what_is_saved_without_a_name_is_called_untitled(compose):
    compose("save", name="", **{"slide-0-text": "Precious words"})
    mms = Mms.objects.get()
    assert mms.name.startswith("Untitled, ")
    assert draft_of(mms.head).slides[0].text == "Precious words"


def test_a_save_that_is_refused_loses_nothing(compose):
    page = compose("save", subject="s" * 201, **{"slide-0-text": "Precious"}).content.decode()
    assert "shorten it to 200" in page
    assert "Precious" in page
    assert not Mms.objects.exists()


def test_a_subject_too_long_to_keep_is_said(compose):
    page = compose("save", subject="s" * 201).content.decode()
    assert "The subject has 201 characters; shorten it to 200." in page


def test_the_phone_and_the_check_follow_the_typing(compose):
    page = compose("look", htmx=True, **{"slide-0-text": "Fresh <b>eggs</b>\nnow", "subject": "é"})
    page = page.content.decode()
    assert "Fresh &lt;b&gt;eggs&lt;/b&gt;<br>now" in page
    assert "The subject holds é" in page
    assert "2 characters · 1 SMS" in page
    assert not Mms.objects.exists()


def test_the_sms_side_of_the_phone_shows_the_fallback(compose):
    page = compose("look", htmx=True, face="sms", fallback_text="Only an SMS").content.decode()
    assert "Only an SMS" in page
    assert 'data-face="sms"' in page


def test_the_check_follows_the_channel(compose, make_channel):
    small = make_channel("Small", size_limit=10)
    make_channel("Large")
    page = compose("look", channel=small.pk, **{"slide-0-text": "more than ten bytes"})
    assert "the channel carries 10 bytes" in page.content.decode()


def test_a_version_in_use_is_not_edited_but_followed_by_a_new_one(compose, make_mms, marketer):
    mms = make_mms()
    freeze(mms.head, timezone.now())
    compose("save", url=change_url(mms), name="Other", edit_number=0)
    assert [revision.number for revision in mms.revisions.all()] == [2, 1]


def test_saving_tells_which_version_campaigns_under_way_keep(compose, client, make_campaign):
    mms = make_campaign(contacts=0).mms
    freeze(mms.head, timezone.now())
    mms.campaign_set.update(status="sending", revision=mms.head)
    response = compose("save", url=change_url(mms), name="Other", edit_number=0)
    page = client.get(response.url).content.decode()
    assert "“Other” is saved as version 2. Campaigns under way keep version 1." in page


def test_a_test_is_sent_with_what_was_just_typed(compose, make_channel):
    sender = make_channel().senders.get()
    compose("test", phone="+1 201 555 0123", sender=sender.pk, **{"slide-0-text": "Just typed"})
    message = Message.objects.get()
    assert message.phone == "12015550123"
    assert draft_of(message.revision).slides[0].text == "Just typed"


def test_a_test_that_cannot_go_says_so_and_the_mms_is_saved(compose, client):
    response = compose("test", phone="12")
    page = client.get(response.url).content.decode()
    assert "Choose the number that the test comes from." in page
    assert Mms.objects.exists()


def test_saving_at_the_provider_starts_and_is_shown(compose, make_channel, client):
    response = compose(f"provide-{make_channel().pk}")
    assert SavedMms.objects.get().status == "saving"
    assert "Saving" in client.get(response.url).content.decode()


def test_who_may_only_look_sees_and_cannot_change(client, approver, make_mms):
    mms = make_mms()
    client.force_login(approver)
    assert "disabled" in client.get(change_url(mms)).content.decode()
    assert client.post(change_url(mms), {"do": "save", "name": "x"}).status_code == 403
    assert client.get(ADD).status_code == 403


def test_an_agent_does_not_see_the_composer(client, agent, make_mms):
    client.force_login(agent)
    assert client.get(change_url(make_mms())).status_code == 403


def test_pages_have_no_inline_style_or_script(client, marketer, make_mms, picture):
    client.force_login(marketer)
    for url in (ADD, change_url(make_mms()), "/admin/campaigns/mms/"):
        page = client.get(url).content.decode()
        assert ' style="' not in page
        assert "<script>" not in page
        assert " onclick=" not in page


def test_done_leads_back_to_the_gallery(compose, client):
    response = compose("done")
    assert response.url == reverse("admin:campaigns_mms_changelist")
    assert "“Spring” is saved." in client.get(response.url).content.decode()


@pytest.mark.parametrize("name", ["slide-0-key", "tab", "selected", "edit_number", "theirs"])
@pytest.mark.parametrize("value", ["\0", "x" * 5000, "<b>", "-1", "٣", "1" * 40])
def test_fields_that_our_page_did_not_write_do_no_harm(compose, make_mms, name, value):
    for step in ("look", "autosave", "here", "overwrite"):
        response = compose(step, change_url(make_mms()), htmx=True, **{name: value})
        assert response.status_code == 200
        assert "<b>" not in response.content.decode().partition("composer-look")[0]


def test_a_huge_text_is_drawn_and_kept(compose):
    text = "wörter " * 15_000
    assert compose("look", htmx=True, **{"slide-0-text": text}).status_code == 200
    compose("autosave", htmx=True, tab="t", **{"slide-0-text": text})
    assert draft_of(Mms.objects.get().head).slides[0].text == text


def test_signed_out_in_the_middle_leads_to_the_login(client):
    response = client.post(ADD, {"do": "autosave", "name": "x"}, headers={"HX-Request": "true"})
    assert response.status_code == 302
    assert "/login/" in response.url


def test_who_may_only_look_has_nothing_to_press(client, approver, make_mms):
    client.force_login(approver)
    page = client.get(change_url(make_mms())).content.decode()
    assert "You can read this, not change it." in page
    for word in ('name="do" value="done"', 'name="do" value="add"', "data-upload=", "js/autosave"):
        assert word not in page


def test_a_look_asks_few_questions_however_many_slides(
    compose, make_channel, django_assert_max_num_queries
):
    make_channel()
    files = [
        store_media(samples.upload("a.jpg", samples.picture(size=(40 + n, 30))), by=None)
        for n in range(8)
    ]
    slides = {f"slide-{number}-text": "words" for number in range(8)}
    slides |= {f"slide-{number}-media": [file.pk] for number, file in enumerate(files)}
    compose("save", **slides)
    mms = Mms.objects.get()
    for number in range(5):
        freeze(mms.head, timezone.now())
        compose("save", change_url(mms), edit_number=number + 1, subject=f"{number}", **slides)
    with django_assert_max_num_queries(15):
        compose("look", change_url(mms), htmx=True, **slides)
