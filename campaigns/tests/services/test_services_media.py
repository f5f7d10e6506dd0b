"""A file is kept as what it truly is, or refused in one sentence."""

import io

import av
import pytest
from PIL import Image

from campaigns.models import AuditEntry, MediaFile
from campaigns.rules.problems import RuleBroken
from campaigns.services import samples as nice
from campaigns.services.media import (
    delete_media,
    find_surprise,
    public_url,
    rename_media,
    store_media,
)
from campaigns.tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def store(marketer):
    def make(name, content):
        return store_media(samples.upload(name, content), by=marketer)

    return make


GOOD = [
    (nice.sample_image, "image", "image/jpeg", (720, 720), None),
    (nice.sample_video, "video", "video/mp4", (320, 320), 3.0),
    (nice.sample_audio, "audio", "audio/wav", (None, None), 2.0),
    (nice.sample_vcard, "contact", "text/vcard", (None, None), None),
    (nice.sample_calendar, "calendar", "text/calendar", (None, None), None),
    (nice.sample_pdf, "pdf", "application/pdf", (None, None), None),
]


@pytest.mark.parametrize(("make", "kind", "mime", "pixels", "seconds"), GOOD)
def test_a_sound_file_is_kept_with_what_the_parser_found(store, make, kind, mime, pixels, seconds):
    name, content = make()
    media = store(name, content)
    assert (media.name, media.kind, media.mime) == (name, kind, mime)
    assert (media.width, media.height) == pixels
    assert media.seconds == (pytest.approx(seconds, abs=0.1) if seconds else None)
    assert media.size == len(media.file.read()) > 0
    media.file.close()


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_other_pictures_are_kept(store, kind):
    assert store(f"a.{kind.lower()}", samples.picture(kind)).mime == f"image/{kind.lower()}"


def test_a_workbook_is_known_by_its_parts(store):
    assert store("prices.xlsx", samples.workbook()).kind == "excel"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("offer.jpg", samples.HTML, "This is a web page"),
        ("empty.jpg", b"", "The file is empty."),
        ("photo.heic", samples.HEIC, "HEIC pictures do not show"),
        ("photo.jpg", samples.HEIC, "export it as JPEG"),
        ("drawing.svg", samples.SVG, "SVG drawings cannot be sent"),
        ("photo.webp", samples.WEBP, "The picture is damaged"),
        ("bomb.png", samples.bomb_png(), "more than 25 million pixels"),
        ("cut.jpg", samples.picture(size=(400, 400))[:900], "The picture is damaged"),
        ("cut.png", samples.picture("PNG", size=(400, 400))[:300], "The picture is damaged"),
        ("cut.mp4", samples.truncated_video(), "ends too early"),
        ("program.pdf", samples.pdf_with_a_program(), "contains a program"),
        ("secret.pdf", samples.encrypted_pdf(), "protected by a password"),
        ("broken.pdf", b"%PDF-1.7\nnothing", "The PDF is damaged"),
        ("macros.xlsx", samples.workbook("xl/vbaProject.bin"), "contains macros"),
        ("letter.docx", samples.workbook()[:60], "damaged archive"),
        ("card.vcf", b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n", "contact card cannot be read"),
        ("card.vcf", b"BEGIN:VCARD\r\nFN:\xff\xfe\r\nEND:VCARD\r\n", "not written in UTF-8"),
        ("noise.mp3", bytes(range(256)) * 40, "none of the files that an MMS can be made of"),
        ("note.txt", b"Hello", "none of the files that an MMS can be made of"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_an_mms_cannot_carry_is_refused_in_a_sentence(store, name, content, words):
    with pytest.raises(RuleBroken, match=words):
        store(name, content)
    assert not MediaFile.objects.exists()


def test_a_video_whose_head_comes_first_and_whose_end_is_missing_is_refused(store, tmp_path):
    with (
        av.open(io.BytesIO(nice.sample_video(1)[1])) as old,
        av.open(tmp_path / "a.mp4", "w", options={"movflags": "faststart"}) as new,
    ):
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    content = (tmp_path / "a.mp4").read_bytes()
    assert store("whole.mp4", content).seconds == pytest.approx(1, abs=0.1)
    with pytest.raises(RuleBroken, match="ends too early"):
        store("cut.mp4", content[:-2000])


@pytest.mark.parametrize("container", ["mp4", "3gp", "mov"])
def test_a_film_does_not_tell_where_it_was_taken_and_still_plays(store, tmp_path, container):
    path = tmp_path / f"a.{container}"
    with (
        av.open(io.BytesIO(nice.sample_video(1)[1])) as old,
        av.open(path, "w", format=container) as new,
    ):
        new.metadata["location"] = "+12.3456+056.7890/"
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    film = path.read_bytes()
    if container == "mov":  # as phones write it: the note of QuickTime, the brand of an MP4
        film = film.replace(b"qt  ", b"isom")
    with av.open(io.BytesIO(film)) as before:
        assert before.metadata["location"]
    media = store(path.name, film)
    with media.file.open() as file, av.open(file) as after:
        assert "location" not in after.metadata
        assert len(list(after.decode(video=0))) == 12
    assert media.size == len(film)


def test_a_file_that_lies_about_its_type_is_kept_as_what_it_is_and_that_is_told(store):
    media = store("offer.jpg", samples.picture("PNG"))
    assert media.mime == "image/png"
    assert media.public_name.endswith(".png")
    assert find_surprise("offer.jpg", media) == "“offer.jpg” is really PNG and is kept as that."
    assert find_surprise("offer.PNG", media) == ""


def test_a_file_beyond_the_limit_is_refused(store, settings):
    settings.MEDIA_MAX_BYTES = 100
    with pytest.raises(RuleBroken, match="at most 100 bytes can be uploaded"):
        store("a.jpg", samples.picture())


def test_the_same_content_again_is_the_same_row(store):
    first = store("a.jpg", samples.picture())
    assert store("b.jpg", samples.picture()) == first
    assert AuditEntry.objects.filter(verb="media.added").count() == 1


def test_a_name_with_slashes_marks_and_300_characters_becomes_presentable(store):
    name = "../\u202e" + "very/long " * 30 + ".jpg"
    media = store_media(samples.upload("a.jpg", samples.picture()), name=name, by=None)
    assert len(media.name) <= 255
    assert not set(media.name) & {"/", "\u202e"}


def test_what_a_phone_wrote_into_a_photo_is_taken_out_and_the_pixels_stay(store):
    given = samples.photo()
    media = store("photo.jpg", given)
    kept = media.file.read()
    media.file.close()
    assert b"Exif" not in kept
    assert b"taken by Ann" not in kept
    assert b"a colour profile" in kept
    with Image.open(io.BytesIO(kept)) as after, Image.open(io.BytesIO(given)) as before:
        assert not after.getexif()
        assert after.tobytes() == before.tobytes()


def test_a_photo_taken_sideways_stands_upright(store):
    media = store("photo.jpg", samples.photo(orientation=6))
    assert (media.width, media.height) == (30, 40)
    with media.file, Image.open(media.file) as after:
        assert after.size == (30, 40)
        assert not after.getexif()


def test_texts_of_a_png_are_taken_out(store):
    exif = Image.Exif()
    exif[0x010E] = "At home"
    media = store("a.png", samples.picture("PNG", exif=exif) + b"<script>")
    kept = media.file.read()
    media.file.close()
    assert b"At home" not in kept
    assert b"<script>" not in kept


def test_the_public_address_cannot_be_guessed_and_ends_truly(store, settings):
    settings.PUBLIC_BASE_URL = "https://mms.example.org"
    media = store("offer.jpg", samples.picture())
    base, _, name = public_url(media).rpartition("/")
    assert base == "https://mms.example.org/m"
    assert len(name) == 32 + len(".jpg")
    assert "offer" not in name


def test_a_file_in_use_is_not_deleted(store, make_mms, marketer):
    media = store("a.jpg", samples.picture())
    make_mms("Spring").head.slides.get().media.create(media_file=media)
    with pytest.raises(RuleBroken, match="is used in Spring"):
        delete_media(media, by=marketer)


def test_a_file_without_use_is_deleted_with_its_bytes(
    store, marketer, django_capture_on_commit_callbacks
):
    media = store("a.jpg", samples.picture())
    storage, path = media.file.storage, media.file.name
    with django_capture_on_commit_callbacks(execute=True):
        delete_media(media, by=marketer)
    assert not MediaFile.objects.exists()
    assert not storage.exists(path)


def test_a_file_can_be_renamed_and_keeps_its_address(store, marketer):
    media = store("a.jpg", samples.picture())
    address = media.public_name
    rename_media(media, "  Spring/sale\n", by=marketer)
    media.refresh_from_db()
    assert (media.name, media.public_name) == ("Spring sale", address)
