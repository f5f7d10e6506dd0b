"""Slides and files in the composer: put on, taken off, arranged, and what is gone is named."""

import pytest
from django.urls import reverse

from campaigns.forms.steps import MOST_SLIDES
from campaigns.models import Fitting, Mms
from campaigns.services.drafts import draft_of
from campaigns.services.media import delete_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


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


def test_more_slides_than_can_be_written_are_refused_where_one_sees_it(compose):
    texts = {f"slide-{number}-text": "x" for number in range(MOST_SLIDES)}
    page = compose("add", htmx=True, **texts).content.decode()
    told = page.partition('role="alert"')[2].partition("</div>")[0]
    assert "No slide was added: 30 are the most" in told
