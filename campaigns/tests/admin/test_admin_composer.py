"""Composing an MMS: nothing typed is lost, and the page says what it would become."""

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.forms.steps import MOST_SLIDES
from campaigns.models import Fitting, Message, Mms, SavedMms
from campaigns.services.content import draft_of, freeze, save_draft
from campaigns.services.media import delete_media, store_media
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


# --- Steps ---------------------------------------------------------------------------------------

THREE = {"slide-0-text": "a", "slide-1-text": "b", "slide-2-text": "c"}


@pytest.mark.parametrize(
    ("step", "texts", "note"),
    [
        ("add-0", ["a", "", "b", "c"], "Slide 2 added."),
        ("move-2-0", ["c", "a", "b"], "Slide 3 is now slide 1."),
        ("move-0-2", ["b", "c", "a"], "Slide 1 is now slide 3."),
        ("remove-9", ["a", "b", "c"], "Nothing changed: that slide is not here any more."),
    ],
)
def test_a_step_says_what_happened(compose, step, texts, note):
    response = compose(step, htmx=True, **THREE)
    assert [slide.text for slide in response.context["draft"].slides] == texts
    assert f'<p id="composer-note">{note}</p>' in response.content.decode()


def test_the_slide_it_happened_to_is_the_chosen_one(compose):
    keys = {"slide-0-key": "k0", "slide-1-key": "k1", "slide-2-key": "k2", "selected": "k1"}
    for step, chosen in (("move-2-0", "k2"), ("remove-0", "k1"), ("restore", "k1")):
        assert compose(step, htmx=True, **THREE, **keys).context["selected"] == chosen


def test_slides_keep_their_keys_wherever_they_go(compose):
    keys = {"slide-0-key": "k0", "slide-1-key": "k1", "slide-2-key": "k2"}
    slides = compose("move-0-2", htmx=True, **THREE, **keys).context["draft"].slides
    assert [slide.key for slide in slides] == ["k1", "k2", "k0"]


def test_an_older_state_is_drawn_as_it_was_posted(compose, picture):
    response = compose("restore", htmx=True, **THREE, **{"slide-1-media": [picture.pk]})
    assert response.context["draft"].slides[1].media == (picture,)
    assert not Mms.objects.exists()


def test_a_file_too_large_for_the_channel_is_made_to_fit_at_once(compose, make_channel, picture):
    channel = make_channel(size_limit=10_000)
    response = compose(f"attach-0-{picture.pk}", htmx=True, channel=channel.pk)
    assert Fitting.objects.get().media_file == picture
    assert reverse("admin:campaigns_mediafile_fit", args=[picture.pk]) in response.content.decode()


def test_a_file_that_fits_is_left_alone(compose, make_channel, picture):
    compose(f"attach-0-{picture.pk}", htmx=True, channel=make_channel().pk)
    assert not Fitting.objects.exists()


# --- Saving by itself ----------------------------------------------------------------------------


def test_a_new_mms_is_made_by_its_first_autosave_and_gets_an_address(compose):
    page = compose("autosave", htmx=True, name="", tab="tab1").content.decode()
    mms = Mms.objects.get()
    assert mms.name.startswith("Untitled, ")
    assert f'data-edit-number="1" data-address="{change_url(mms)}"' in page


def test_saving_by_itself_leaves_no_message_and_no_second_mms(compose, client):
    compose("autosave", htmx=True, tab="tab1")
    compose("save", tab="tab1", edit_number=1, subject="More")
    assert Mms.objects.get().head.subject == "More"


def test_what_cannot_be_kept_is_told_beside_the_title(compose):
    page = compose("autosave", htmx=True, subject="s" * 201).content.decode()
    assert 'data-problem="The subject has 201 characters; shorten it to 200."' in page
    assert not Mms.objects.exists()


def test_the_page_of_a_new_mms_posted_twice_makes_one(compose):
    """Saved, gone back to, and saved again, without a script."""
    compose("save", tab="tab1", edit_number=0)
    compose("save", tab="tab1", edit_number=0, subject="More")
    assert Mms.objects.get().head.subject == "More"


def test_a_save_after_an_answer_that_was_lost_is_no_conflict(compose):
    compose("autosave", htmx=True, tab="tab1", edit_number=0)
    response = compose("save", tab="tab1", edit_number=0, subject="More")
    assert response.url == change_url(Mms.objects.get())


def test_a_tab_whose_answer_was_lost_hears_of_no_other_words(compose):
    compose("autosave", htmx=True, tab="tab1", edit_number=0)
    page = compose("here", tab="tab1", edit_number=0).content.decode()
    assert "saved other words" not in page


def test_done_leads_back_to_the_gallery(compose, client):
    response = compose("done")
    assert response.url == reverse("admin:campaigns_mms_changelist")
    assert "“Spring” is saved." in client.get(response.url).content.decode()


# --- Two at once ---------------------------------------------------------------------------------


@pytest.fixture
def contested(make_mms, administrator):
    """An MMS that the administrator changed after the marketer opened it."""
    mms = make_mms()
    save_draft(mms, replace(draft_of(mms.head), subject="Hers"), by=administrator)
    return Mms.objects.get()


def test_a_conflict_says_who_and_offers_three_ways(compose, contested):
    page = compose("autosave", change_url(contested), htmx=True, edit_number=0).content.decode()
    assert "administrator saved other words" in page
    for way in ("Take theirs", "Keep mine as a copy", "Overwrite theirs"):
        assert way in page
    assert contested.head.subject == "Hers"


@pytest.mark.parametrize("seen", [{"edit_number": 0}, {"edit_number": "x"}, {}])
def test_a_pressed_save_overwrites_as_little_as_a_silent_one(compose, contested, seen):
    page = compose("save", change_url(contested), subject="Mine", **seen).content.decode()
    assert "Nothing was overwritten" in page
    assert 'value="Mine"' in page
    assert contested.head.subject == "Hers"


def test_a_page_that_came_back_has_still_not_seen_theirs(compose, contested):
    page = compose("save", change_url(contested), subject="Mine", edit_number=0).content.decode()
    assert 'name="edit_number" id="edit_number" value="0"' in page


def test_theirs_is_overwritten_when_somebody_says_so(compose, contested):
    compose("overwrite", change_url(contested), subject="Mine", theirs=1)
    assert [row.subject for row in contested.revisions.all()] == ["Mine", "Hers"]


def test_only_words_that_differ_stay_in_a_version(compose, client, contested):
    compose("overwrite", change_url(contested), subject="Mine", theirs=1)
    compose("overwrite", change_url(contested), subject="Mine", theirs=2)
    told = client.get(change_url(contested)).content.decode()
    assert told.count("is saved as you wrote it. The other words stay in version 1.") == 1
    assert told.count("is saved as you wrote it.") == 2
    assert contested.revisions.count() == 2


def test_overwriting_something_newer_than_what_was_shown_asks_again(compose, contested):
    page = compose("overwrite", change_url(contested), subject="Mine", theirs=0).content.decode()
    assert "Nothing was overwritten" in page
    assert contested.head.subject == "Hers"


def test_mine_is_kept_as_a_copy(compose, contested):
    response = compose("copy", change_url(contested), name="Spring sale", subject="Mine")
    copy = Mms.objects.exclude(pk=contested.pk).get()
    assert (response.url, copy.head.subject) == (change_url(copy), "Mine")
    assert contested.head.subject == "Hers"


def test_who_else_is_here_is_told_and_gone_when_they_leave(
    compose, client, contested, administrator, sign_in
):
    hers = sign_in(administrator)
    hers.post(change_url(contested), {"do": "here", "tab": "hers", "edit_number": 1})
    page = compose("here", change_url(contested), tab="mine", edit_number=1).content.decode()
    assert "administrator is editing this now." in page
    hers.post(change_url(contested), {"do": "leave", "tab": "hers"})
    page = compose("here", change_url(contested), tab="mine", edit_number=1).content.decode()
    assert "administrator" not in page


def test_a_page_hears_that_it_is_out_of_date_before_anything_is_typed(compose, contested):
    page = compose("here", change_url(contested), tab="mine", edit_number=0).content.decode()
    assert "administrator saved other words." in page


# --- A file deleted meanwhile --------------------------------------------------------------------

LOST = "“{name}” was deleted meanwhile and is not on slide 2 any more."


@pytest.fixture
def lost(picture, marketer):
    """What a page posts whose second slide shows a file that was deleted."""
    shown = {"slide-1-text": "b", "slide-1-media": [picture.pk], "lost": picture.name}
    delete_media(picture, by=marketer)
    return shown


def told_of(lost):
    return LOST.format(name=lost["lost"])


@pytest.mark.parametrize("do", ["restore", "redraw", "add"])
def test_a_step_names_the_file_that_was_deleted(compose, lost, do):
    page = compose(do, htmx=True, **lost).content.decode()
    assert told_of(lost) in page
    assert 'name="slide-1-media"' not in page


@pytest.mark.parametrize("do", ["save", "copy"])
def test_what_is_saved_without_a_deleted_file_names_it(compose, client, lost, do):
    response = compose(do, **lost)
    assert told_of(lost) in client.get(response.url).content.decode()


def test_saving_by_itself_asks_for_the_slides_without_the_deleted_file(compose, lost):
    assert "data-lost" in compose("autosave", htmx=True, tab="a", **lost).content.decode()
    del lost["slide-1-media"]
    assert "data-lost" not in compose("autosave", htmx=True, tab="a", **lost).content.decode()


def test_a_file_nobody_knows_the_name_of_is_a_file(compose):
    page = compose("redraw", htmx=True, **{"slide-0-media": [999]}).content.decode()
    assert "A file was deleted meanwhile and is not on slide 1 any more." in page


# --- Bad input -----------------------------------------------------------------------------------


def test_what_was_deleted_meanwhile_can_still_be_kept(compose, make_mms):
    mms = make_mms()
    url = change_url(mms)
    mms.delete()
    page = compose("autosave", url, htmx=True, edit_number=0).content.decode()
    assert "This MMS was deleted while you wrote on it" in page
    compose("copy", ADD, subject="Mine")
    assert Mms.objects.get().head.subject == "Mine"


def test_thirty_one_slides_are_refused_and_none_is_lost_silently(compose):
    many = {f"slide-{number}-text": "x" for number in range(31)}
    page = compose("autosave", htmx=True, **many).content.decode()
    assert "There are 31 slides; at most 30 can be written here." in page
    assert not Mms.objects.exists()


def test_a_file_deleted_meanwhile_is_left_out(compose, picture):
    pk = picture.pk
    picture.delete()
    response = compose("save", **{"slide-0-media": [pk]})
    assert response.status_code == 302
    assert draft_of(Mms.objects.get().head).slides[0].media == ()


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


def test_more_slides_than_can_be_written_are_refused_where_one_sees_it(compose):
    texts = {f"slide-{number}-text": "x" for number in range(MOST_SLIDES)}
    page = compose("add", htmx=True, **texts).content.decode()
    told = page.partition('role="alert"')[2].partition("</div>")[0]
    assert "No slide was added: 30 are the most" in told
