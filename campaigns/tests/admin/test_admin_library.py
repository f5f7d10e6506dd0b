"""The gallery of files: found, filtered, tidied in numbers, and as fast with many as with few."""

import pytest
from django.urls import reverse

from campaigns.models import MediaFile
from campaigns.services.library import set_tags
from campaigns.services.replacing import replace_media

pytestmark = pytest.mark.django_db
GALLERY = "/admin/campaigns/mediafile/"
MANY = "/admin/campaigns/mediafile/many/"


@pytest.fixture
def library(client, marketer):
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


@pytest.fixture
def show(make_mms):
    def show(media, name="Spring"):
        mms = make_mms(name)
        mms.head.slides.get().media.create(media_file=media)
        return mms

    return show


def shown(client, **asked):
    """Names of the files on the page, in their order."""
    return [media.name for media in client.get(GALLERY, asked).context["cl"].result_list]


# --- Finding -----------------------------------------------------------------------------------


def test_files_are_searched_by_name_and_tag(library, make_file, marketer):
    set_tags(make_file("rose.jpg"), ["Spring"], by=marketer)
    make_file("lily.jpg")
    assert shown(library, q="spring") == ["rose.jpg"]
    assert shown(library, q="lily") == ["lily.jpg"]


def test_files_are_filtered_by_a_tag(library, make_file, marketer):
    rose = make_file("rose.jpg")
    set_tags(rose, ["Spring"], by=marketer)
    make_file("lily.jpg")
    assert shown(library, tag=rose.tags.get().pk) == ["rose.jpg"]


def test_files_that_nothing_shows_are_filtered(library, make_file, show):
    show(make_file("rose.jpg"))
    make_file("lily.jpg")
    assert shown(library, show="unused") == ["lily.jpg"]


def test_files_that_are_too_large_or_of_a_foreign_form_are_filtered(library, make_file):
    make_file("large.jpg", size=2_000_000)
    make_file("film.mov", kind="video", mime="video/quicktime")
    make_file("rose.jpg")
    assert shown(library, show="large") == ["large.jpg"]
    assert shown(library, show="unsendable") == ["film.mov"]


def test_a_replaced_file_is_seen_only_by_those_who_ask(library, make_file, marketer):
    rose, lily = make_file("rose.jpg"), make_file("lily.jpg")
    replace_media(rose, lily, by=marketer)
    assert shown(library) == ["lily.jpg"]
    assert shown(library, show="replaced") == ["rose.jpg"]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["b", "c", "a"]),
        ("oldest", ["a", "c", "b"]),
        ("name", ["a", "b", "c"]),
        ("heaviest", ["c", "a", "b"]),
        ("nonsense", ["b", "c", "a"]),
    ],
)
def test_files_are_sorted(library, make_file, sort, names):
    for name, size in (("a", 20), ("c", 30), ("b", 10)):
        make_file(name, size=size)
    assert shown(library, **({"sort": sort} if sort else {})) == names


@pytest.mark.parametrize("asked", [{"tag": "x"}, {"tag": "9" * 30}, {"show": "x"}, {"p": "99"}])
def test_an_address_that_somebody_changed_is_no_error(library, make_file, asked):
    make_file()
    assert library.get(GALLERY, asked).status_code in {200, 302}


def test_a_tile_tells_weight_uses_and_tags(library, make_file, show, marketer):
    rose = make_file(size=2_400_000)
    set_tags(rose, ["Spring"], by=marketer)
    show(rose)
    page = library.get(GALLERY).content.decode()
    assert "2.4 MB · must be made smaller" in page
    assert "in 1 MMS" in page
    assert '<span class="tag" dir="auto">Spring</span>' in page


def test_many_files_take_as_many_queries_as_few(
    library, make_file, show, marketer, django_assert_num_queries
):
    for number in range(2):
        set_tags(make_file(f"{number}.jpg"), [f"tag {number}"], by=marketer)
    library.get(GALLERY)
    with django_assert_num_queries(11):
        library.get(GALLERY)
    for number in range(2, 40):
        rose = make_file(f"{number}.jpg")
        set_tags(rose, [f"tag {number}"], by=marketer)
        show(rose)
    with django_assert_num_queries(11):
        library.get(GALLERY)


def test_an_empty_library_says_what_goes_into_it(library):
    assert "No files yet." in library.get(GALLERY).content.decode()


# --- Tidying -----------------------------------------------------------------------------------


def test_selected_files_get_a_tag_and_the_page_stays_where_it_was(library, make_file):
    files = [make_file("a"), make_file("b")]
    fields = {"file": [media.pk for media in files], "do": "tag", "tag": "Spring"}
    answer = library.post(MANY, fields | {"back": "q=a"}, follow=True)
    assert "2 files got the tag “Spring”." in answer.content.decode()
    assert answer.request["QUERY_STRING"] == "q=a"
    assert all(media.tags.get().name == "Spring" for media in files)


def test_a_tag_is_taken_off_selected_files(library, make_file, marketer):
    rose = make_file()
    set_tags(rose, ["Spring"], by=marketer)
    fields = {"file": rose.pk, "do": "untag", "tag": "spring"}
    page = library.post(MANY, fields, follow=True).content.decode()
    assert "1 file lost the tag “spring”." in page
    assert not rose.tags.exists()


def test_no_tag_typed_is_said(library, make_file):
    page = library.post(MANY, {"file": make_file().pk, "do": "tag"}, follow=True)
    assert "Type a tag" in page.content.decode()


def test_of_selected_files_those_in_use_stay(library, make_file, show):
    rose, lily = make_file("rose"), make_file("lily")
    show(rose)
    fields = {"file": [rose.pk, lily.pk], "do": "delete"}
    page = library.post(MANY, fields, follow=True).content.decode()
    assert "1 file deleted." in page
    assert "“rose” is used and stays." in page
    assert MediaFile.objects.get() == rose


@pytest.mark.parametrize("chosen", [[], ["x", "-1", "99999"]])
def test_a_selection_of_nothing_is_said(library, chosen):
    page = library.post(MANY, {"file": chosen, "do": "delete"}, follow=True).content.decode()
    assert "Select files first" in page


def test_selected_files_that_somebody_else_deleted_meanwhile_are_said(library, make_file):
    rose = make_file()
    rose.delete()
    page = library.post(MANY, {"file": 1, "do": "tag", "tag": "x"}, follow=True)
    assert "may have been deleted" in page.content.decode()


@pytest.mark.parametrize("step", ["tag", "untag", "delete"])
def test_who_only_looks_tidies_nothing(client, approver, make_file, step):
    client.force_login(approver)
    fields = {"file": make_file().pk, "do": step, "tag": "Spring"}
    assert client.post(MANY, fields).status_code == 403
    assert "data-upload" not in client.get(GALLERY).content.decode()


def test_nothing_is_tidied_by_following_a_link(library):
    assert library.get(MANY).status_code == 405


def test_a_file_that_somebody_else_deleted_is_said_on_its_page(library, make_file):
    rose = make_file()
    url = reverse("admin:campaigns_mediafile_delete", args=[rose.pk])
    library.post(url, {"post": "yes"})
    for answer in (library.post(url, {"post": "yes"}, follow=True), library.get(url, follow=True)):
        assert "Perhaps it was deleted?" in answer.content.decode()


def test_an_id_longer_than_any_is_of_no_file(client, marketer):
    client.force_login(marketer)
    page = client.post(MANY, {"do": "tag", "tag": "x", "file": ["9" * 30]}, follow=True)
    assert "Select files first" in page.content.decode()
