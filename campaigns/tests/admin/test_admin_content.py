"""Composing an MMS: nothing typed is lost, and the page says what it would become."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Message, Mms, SavedMms
from campaigns.services.content import draft_of, freeze
from campaigns.services.media import store_media
from campaigns.services.samples import sample_image
from campaigns.tests import samples

pytestmark = pytest.mark.django_db
ADD = "/admin/campaigns/mms/add/"


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


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


def change_url(mms):
    return reverse("admin:campaigns_mms_change", args=[mms.pk])


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


def test_saving_without_a_name_loses_nothing(compose):
    page = compose("save", name="", **{"slide-0-text": "Precious words"}).content.decode()
    assert "Give the MMS a name" in page
    assert "Precious words" in page
    assert not Mms.objects.exists()


def test_a_subject_too_long_to_keep_is_said(compose):
    page = compose("save", subject="s" * 201).content.decode()
    assert "The subject has 201 characters; shorten it to 200." in page


@pytest.mark.parametrize(
    ("step", "texts"),
    [
        ("add", ["a", "b", "c", ""]),
        ("remove-1", ["a", "c"]),
        ("duplicate-0", ["a", "a", "b", "c"]),
        ("up-2", ["a", "c", "b"]),
        ("down-0", ["b", "a", "c"]),
        ("up-0", ["a", "b", "c"]),
        ("down-2", ["a", "b", "c"]),
        ("remove-7", ["a", "b", "c"]),
        ("remove", ["a", "b", "c"]),
        ("nonsense-1", ["a", "b", "c"]),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_slides_are_arranged_and_what_was_typed_stays(compose, step, texts, htmx):
    typed = {"slide-0-text": "a", "slide-1-text": "b", "slide-2-text": "c", "subject": "Typed"}
    response = compose(step, htmx=htmx, **typed)
    assert [slide.text for slide in response.context["draft"].slides] == texts
    assert (b"<html" in response.content) is not htmx
    assert not Mms.objects.exists()


def test_an_upload_lands_on_its_slide_and_a_bad_file_says_why(compose, marketer):
    good = samples.upload("offer.jpg", samples.picture())
    bad = samples.upload("page.jpg", samples.HTML)
    response = compose("upload", htmx=True, **{"slide-0-files": [good, bad]})
    assert [medium.name for medium in response.context["draft"].slides[0].media] == ["offer.jpg"]
    assert "page.jpg: This is a web page" in response.content.decode()


def test_an_upload_without_the_permission_is_refused(compose, marketer):
    group = marketer.groups.get()
    group.permissions.remove(group.permissions.get(codename="add_mediafile"))
    file = samples.upload("offer.jpg", samples.picture())
    assert compose("upload", **{"slide-0-files": [file]}).status_code == 403


def test_files_are_put_on_and_taken_off(compose, picture):
    put = compose(f"attach-0-{picture.pk}", htmx=True).context["draft"]
    assert put.slides[0].media == (picture,)
    taken = compose(f"detach-0-{picture.pk}", htmx=True, **{"slide-0-media": [picture.pk]})
    assert taken.context["draft"].slides[0].media == ()


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
    assert '<div class="bubble"><p>Hello' not in page


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


def test_the_picker_finds_by_name_and_offers_it_for_this_slide(client, marketer, picture):
    client.force_login(marketer)
    found = client.get(reverse("admin:campaigns_mms_pick"), {"words": "SPRING", "slide": 2})
    assert f'value="attach-2-{picture.pk}"' in found.content.decode()
    nothing = client.get(reverse("admin:campaigns_mms_pick"), {"words": "autumn"})
    assert "Nothing matches “autumn”." in nothing.content.decode()


def test_a_copy_is_made_from_the_page(client, marketer, make_mms):
    client.force_login(marketer)
    response = client.post(reverse("admin:campaigns_mms_duplicate", args=[make_mms().pk]))
    assert response.url == change_url(Mms.objects.get(name="Copy of Spring sale"))


def test_an_mms_of_a_campaign_is_not_deleted_and_the_page_says_why(client, marketer, make_campaign):
    mms = make_campaign(contacts=0).mms
    client.force_login(marketer)
    url = reverse("admin:campaigns_mms_delete", args=[mms.pk])
    for response in (client.get(url, follow=True), client.post(url, {"post": "yes"}, follow=True)):
        assert "belongs to the campaign “Spring”" in response.content.decode()
    assert Mms.objects.filter(pk=mms.pk).exists()


def test_the_gallery_asks_few_questions_however_many_there_are(
    client, marketer, make_mms, django_assert_max_num_queries
):
    for number in range(12):
        make_mms(f"MMS {number}")
    client.force_login(marketer)
    with django_assert_max_num_queries(20):
        page = client.get("/admin/campaigns/mms/").content.decode()
    assert "MMS 11" in page


def test_pages_have_no_inline_style_or_script(client, marketer, make_mms, picture):
    client.force_login(marketer)
    for url in (ADD, change_url(make_mms()), "/admin/campaigns/mms/"):
        page = client.get(url).content.decode()
        assert ' style="' not in page
        assert "<script>" not in page
        assert " onclick=" not in page
