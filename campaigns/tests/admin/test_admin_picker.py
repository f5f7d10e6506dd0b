"""The library in the composer: searched, by kind, newest first, some at a time."""

import pytest
from django.urls import reverse

from campaigns.models import MediaFile
from campaigns.services.library import set_tags

pytestmark = pytest.mark.django_db


@pytest.fixture
def composer(client, marketer):
    client.force_login(marketer)
    return client


@pytest.fixture
def make_file():
    def make(name="rose.jpg", **fields):
        fields = {"kind": "image", "mime": "image/jpeg", "size": 9, **fields}
        number = MediaFile.objects.count()
        return MediaFile.objects.create(
            name=name, file=f"{number}.jpg", sha256=number, public_name=f"{number}.jpg", **fields
        )

    return make


def pick(client, **asked):
    return client.get(reverse("admin:campaigns_mms_pick"), asked)


def names(answer):
    return [media.name for media in answer.context["files"]]


def test_the_newest_files_come_first(composer, make_file):
    for name in "abc":
        make_file(name)
    assert names(pick(composer)) == ["c", "b", "a"]


def test_files_are_searched_by_name_and_tag(composer, make_file, marketer):
    set_tags(make_file("rose"), ["Spring"], by=marketer)
    make_file("lily")
    assert names(pick(composer, words="spring")) == ["rose"]


def test_a_tab_shows_one_kind(composer, make_file):
    make_file("rose")
    make_file("film", kind="video", mime="video/mp4")
    make_file("card", kind="contact", mime="text/vcard")
    assert names(pick(composer, kind="video")) == ["film"]
    assert names(pick(composer, kind="card")) == ["card"]
    assert len(names(pick(composer, kind="nonsense"))) == 3


def test_more_are_shown_when_asked(composer, make_file):
    for number in range(30):
        make_file(f"{number}")
    first = pick(composer, slide="2", words="", kind="image")
    assert len(names(first)) == 24
    assert "kind=image&amp;words=&amp;start=24" in first.content.decode()
    more = pick(composer, slide="2", kind="image", start="24")
    assert names(more) == ["5", "4", "3", "2", "1", "0"]
    assert "Show more" not in more.content.decode()
    assert "picker__tabs" not in more.content.decode()


def test_a_replaced_file_is_not_offered(composer, make_file):
    MediaFile.objects.filter(pk=make_file("rose").pk).update(replaced_by=make_file("lily"))
    assert names(pick(composer)) == ["lily"]


def test_a_tile_is_a_step_of_the_composer(composer, make_file):
    rose = make_file()
    page = pick(composer, slide="2").content.decode()
    assert f'value="attach-2-{rose.pk}"' in page


def test_many_files_take_as_many_queries_as_few(composer, make_file, django_assert_num_queries):
    make_file()
    with django_assert_num_queries(5):
        pick(composer)
    for number in range(30):
        make_file(str(number))
    with django_assert_num_queries(5):
        pick(composer)


def test_what_is_not_found_is_said(composer):
    assert "Nothing matches “&lt;b&gt;”." in pick(composer, words="<b>").content.decode()
    assert "The library is empty." in pick(composer).content.decode()


@pytest.mark.parametrize("asked", [{"slide": "x"}, {"start": "-1"}, {"start": "9" * 30}])
def test_an_address_that_somebody_changed_is_no_error(composer, make_file, asked):
    make_file()
    assert pick(composer, **asked).status_code == 200


def test_the_picker_is_for_those_who_see_files(client, agent):
    client.force_login(agent)
    assert pick(client).status_code == 403
