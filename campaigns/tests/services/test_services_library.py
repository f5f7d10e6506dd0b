"""Files are tagged, found and deleted in numbers."""

import pytest

from campaigns.models import AuditEntry, MediaFile, MediaTag
from campaigns.rules.problems import RuleBroken
from campaigns.services.library import (
    add_tags,
    delete_unused,
    popular_tags,
    remove_tags,
    search_files,
    set_tags,
    too_large,
    unsendable,
    unused,
    with_use_count,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_file(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

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


def tags_of(media):
    return [tag.name for tag in media.tags.all()]


def names(files):
    return sorted(files.values_list("name", flat=True))


# --- Tags --------------------------------------------------------------------------------------


def test_a_file_has_exactly_the_tags_it_is_given(make_file, marketer):
    rose = make_file()
    set_tags(rose, ["Spring", "flower"], by=marketer)
    set_tags(rose, ["flower", "red"], by=marketer)
    assert tags_of(rose) == ["flower", "red"]


def test_a_tag_in_another_case_is_the_one_that_is_there(make_file, marketer):
    set_tags(make_file("a"), ["Ärger"], by=marketer)
    other = make_file("b")
    set_tags(other, ["ÄRGER"], by=marketer)
    assert tags_of(other) == ["Ärger"]


def test_a_tag_that_no_file_has_is_forgotten(make_file, marketer):
    rose = make_file()
    set_tags(rose, ["Spring"], by=marketer)
    set_tags(rose, [], by=marketer)
    assert not MediaTag.objects.exists()


def test_tags_are_given_to_several_files_and_only_changes_are_counted(make_file, marketer):
    files = [make_file("a"), make_file("b")]
    set_tags(files[0], ["Spring"], by=marketer)
    assert add_tags(files, ["spring"], by=marketer) == 1
    assert [tags_of(media) for media in files] == [["Spring"], ["Spring"]]


def test_tags_are_taken_off_several_files(make_file, marketer):
    files = [make_file("a"), make_file("b")]
    add_tags(files, ["Spring", "sale"], by=marketer)
    assert remove_tags(files, ["SPRING", "unheard of"], by=marketer) == 2
    assert [tags_of(media) for media in files] == [["sale"], ["sale"]]


@pytest.mark.parametrize("change", [add_tags, remove_tags])
def test_nothing_typed_is_said(change, make_file, marketer):
    with pytest.raises(RuleBroken, match="Type"):
        change([make_file()], [" , "], by=marketer)


def test_a_change_of_tags_is_written_down_and_no_change_is_not(make_file, marketer):
    rose = make_file()
    set_tags(rose, ["Spring"], by=marketer)
    set_tags(rose, ["spring"], by=marketer)
    entry = AuditEntry.objects.get(verb="media.tagged")
    assert (entry.before, entry.after) == ({"tags": []}, {"tags": ["Spring"]})


def test_the_tags_used_most_are_offered(make_file, marketer, monkeypatch):
    monkeypatch.setattr("campaigns.services.library.TAGS_OFFERED", 2)
    files = [make_file("a"), make_file("b")]
    add_tags(files, ["often", "always"], by=marketer)
    add_tags(files[:1], ["once"], by=marketer)
    assert [tag.name for tag in popular_tags()] == ["always", "often"]


# --- Finding -----------------------------------------------------------------------------------


def test_files_are_found_by_name_and_by_tag_and_every_word_counts(make_file, marketer):
    set_tags(make_file("rose.jpg"), ["Spring"], by=marketer)
    make_file("red rose.jpg")
    make_file("lily.jpg")
    assert names(search_files(MediaFile.objects, "rose")) == ["red rose.jpg", "rose.jpg"]
    assert names(search_files(MediaFile.objects, "spring rose")) == ["rose.jpg"]


def test_a_file_with_two_tags_that_match_is_found_once(make_file, marketer):
    set_tags(make_file("rose.jpg"), ["spring", "springtime"], by=marketer)
    assert names(search_files(MediaFile.objects, "spring")) == ["rose.jpg"]


def test_foreign_letters_are_found_in_either_case(make_file):
    make_file("Übung.jpg")
    assert names(search_files(MediaFile.objects, "übung")) == ["Übung.jpg"]


def test_signs_of_a_pattern_are_plain_signs(make_file):
    make_file("20 % off_now.jpg")
    make_file("20 times.jpg")
    assert names(search_files(MediaFile.objects, "%")) == ["20 % off_now.jpg"]
    assert names(search_files(MediaFile.objects, "_")) == ["20 % off_now.jpg"]


def test_an_mms_is_counted_once_however_often_it_shows_a_file(make_file, show):
    rose, lily = make_file("rose"), make_file("lily")
    mms = show(rose)
    mms.head.slides.create(position=2).media.create(media_file=rose)
    show(rose, "Summer")
    counts = {media: media.use_count for media in with_use_count(MediaFile.objects)}
    assert counts == {rose: 2, lily: 0}


def test_files_that_nothing_shows_are_found(make_file, show):
    show(make_file("rose"))
    make_file("lily")
    assert names(unused(MediaFile.objects)) == ["lily"]


def test_files_above_the_limit_of_their_kind_are_found(make_file):
    make_file("small")
    make_file("large", size=2_000_000)
    make_file("large gif", size=2_000_000, mime="image/gif")
    make_file("large pdf", size=2_000_000, kind="pdf", mime="application/pdf")
    assert names(too_large(MediaFile.objects)) == ["large", "large gif", "large pdf"]


def test_files_in_a_form_that_not_every_channel_carries_are_found(make_file):
    make_file("photo")
    make_file("film", kind="video", mime="video/quicktime")
    assert names(unsendable(MediaFile.objects)) == ["film"]


# --- Deleting many -----------------------------------------------------------------------------


def test_of_several_files_the_unused_are_deleted_and_the_others_named(make_file, show, marketer):
    rose, lily = make_file("rose"), make_file("lily")
    show(rose)
    assert delete_unused([rose, lily], by=marketer) == (1, ["rose"])
    assert names(MediaFile.objects) == ["rose"]
