"""What people upload is known by its content, opened without a request, and loses its notes."""

import http.server
import io
import struct
import threading

import av
import pytest
from PIL import Image

from campaigns.models import MediaFile
from campaigns.rules.problems import RuleBroken
from campaigns.rules.slides import Capacity, MediumDraft, SlideDraft, Wording, find_problems
from campaigns.services.fitting import find_need
from campaigns.services.media import find_surprise, store_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db
SCRIPT = b"<script>alert(document.cookie)</script>"


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def store(marketer):
    def make(name, content):
        return store_media(samples.upload(name, content), by=marketer)

    return make


@pytest.fixture
def visits():
    """The address of a server of ours, and the requests that reach it."""
    seen = []

    class Visitor(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Visitor)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def content_of(media):
    with media.file.open("rb") as file:
        return file.read()


#: The encoder writes about itself otherwise.
QUIET = (("x265-params", "log-level=none"),)

# --- Kinds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "mime"),
    [
        ("mp4", "video/mp4"),
        ("mov", "video/quicktime"),
        ("3gp", "video/3gpp"),
        ("webm", "video/webm"),
        ("mkv", "video/x-matroska"),
        ("mp3", "audio/mpeg"),
        ("m4a", "audio/mp4"),
        ("aac", "audio/aac"),
        ("amr", "audio/amr"),
        ("ogg", "audio/ogg"),
    ],
)
def test_a_film_or_sound_is_kept_as_what_it_is_whatever_it_is_called(store, made, mime):
    media = store("holiday.jpg", samples.film(made))
    assert media.mime == mime
    assert media.kind == mime.partition("/")[0]
    assert media.seconds == pytest.approx(1, abs=0.1)
    assert (media.width, media.height) == ((64, 48) if media.kind == "video" else (None, None))
    assert media.public_name.endswith(f".{made}")
    assert "is really" in find_surprise("holiday.jpg", media)


def test_an_mp4_of_a_codec_that_few_phones_play_must_be_made_to_fit(store):
    media = store("new.mp4", samples.coloured_film("red", "libx265", options=QUIET))
    assert media.mime == "video/mp4;codecs=hevc"
    assert media.public_name.endswith(".mp4")
    assert find_need(media, Capacity()) == "Few phones play or show an HEVC video as it is."
    [problem] = find_problems(
        (SlideDraft(media=(MediumDraft(media.kind, media.mime, media.size, media.name),)),),
        Wording(fallback_text="See:"),
        Capacity(),
    )
    assert "is an HEVC video, which this channel does not carry." in str(problem)


@pytest.mark.parametrize("moves", [False, True])
def test_a_webp_is_a_picture(store, moves):
    content = samples.moving_picture("WEBP") if moves else samples.picture("WEBP", size=(60, 40))
    media = store("offer.webp", content)
    assert (media.mime, media.kind, media.width, media.height) == ("image/webp", "image", 60, 40)


def test_a_sound_with_a_cover_is_a_sound(store):
    media = store("song.m4a", with_cover(samples.film("m4a")))
    assert media.mime == "audio/mp4"


def with_cover(sound):
    """The sound with a picture that says that it is only a cover."""
    file = io.BytesIO()
    with av.open(io.BytesIO(sound)) as old, av.open(file, "w", format="mp4") as new:
        heard = new.add_stream_from_template(old.streams.audio[0])
        cover = new.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 60, 40, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        picture = av.VideoFrame.from_image(Image.new("RGB", (60, 40), "red"))
        new.mux(cover.encode(picture))
        new.mux(cover.encode(None))
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = heard
                new.mux(packet)
    return file.getvalue()


def test_what_a_browser_recorded_does_not_say_how_long_it_is_and_is_measured(store):
    content = samples.film("webm")
    at = content.index(b"\x44\x89\x88")  # its length; made into room that players skip
    content = content[:at] + b"\xec\x89\x00" + content[at + 3 :]
    with av.open(io.BytesIO(content)) as container:
        assert not container.duration
    assert store("a.webm", content).seconds == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_film_taken_upright_is_as_wide_as_it_is_shown(store, degrees):
    media = store("a.mov", samples.turned(samples.film("mov"), degrees))
    assert (media.width, media.height) == (48, 64)


def test_an_old_quicktime_film_without_a_brand_is_one(store):
    content = samples.film("mov")
    assert content[4:8] == b"ftyp"
    brandless = content[:4] + b"skip" + content[8:]  # a box of no meaning
    assert store("a.mov", brandless).mime == "video/quicktime"


# --- Refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.webp", samples.noisy_picture("WEBP")[:-400], "The picture is damaged"),
        ("a.gif", samples.moving_picture(noisy=True)[:900], "The picture is damaged"),
        ("a.mov", samples.film("mov")[:-500], "The video is damaged or ends too early"),
        ("a.webm", samples.film("webm")[:-500], "The video is damaged or ends too early"),
        ("a.mkv", samples.film("mkv")[:-500], "The video is damaged or ends too early"),
        ("a.mkv", samples.film("mkv")[:60], "The video is damaged or ends too early"),
        ("a.heic", samples.HEIC, "HEIC pictures do not show on many phones: export it as JPEG."),
        ("a.jpg", b"\n" * 200 + samples.HTML, "This is a web page"),
        ("a.gif", samples.SVG, "SVG drawings cannot be sent"),
    ],
)
def test_a_damaged_or_strange_file_is_refused_in_one_sentence(store, name, content, words):
    with pytest.raises(RuleBroken, match=words) as refusal:
        store(name, content)
    assert len(refusal.value.problems) == 1
    assert not MediaFile.objects.exists()


def test_a_gif_of_thousands_of_frames_is_refused_before_they_are_drawn(store):
    frame = b",\0\0\0\0\xff\x00\xff\x00\x00\x02\x02D\x01\0"
    gif = b"GIF89a\xff\x00\xff\x00\x80\0\0" + b"\0" * 6 + frame * 5000 + b";"
    with pytest.raises(RuleBroken, match="5,000 frames: make it shorter"):
        store("a.gif", gif)


@pytest.mark.parametrize(
    ("side", "frames", "words"),
    [(2000, 200, "200 frames"), (3600, 2, "more than 8 million pixels")],
)
def test_a_gif_that_is_large_and_long_is_refused(store, side, frames, words):
    size = struct.pack("<HH", side, side)
    frame = b",\0\0\0\0" + size + b"\x00\x02\x02D\x01\0"
    gif = b"GIF89a" + size + b"\x80\0\0" + b"\0" * 6 + frame * frames + b";"
    with pytest.raises(RuleBroken, match=words):
        store("a.gif", gif)


def test_a_webp_that_promises_too_many_pixels_is_refused(store):
    size = (15_999).to_bytes(3, "little") * 2
    chunk = b"VP8X" + struct.pack("<I", 10) + bytes(4) + size
    still = samples.picture("WEBP", size=(8, 8))[12:]
    content = b"RIFF" + struct.pack("<I", 4 + len(chunk) + len(still)) + b"WEBP" + chunk + still
    with pytest.raises(RuleBroken, match="more than 25 million pixels"):
        store("a.webp", content)


def test_a_film_larger_than_4k_is_refused(store):
    content = samples.film("mkv", seconds=0.1, size=(4200, 2400))
    with pytest.raises(RuleBroken, match="more pixels than 4K"):
        store("a.mkv", content)


def test_a_picture_of_too_many_bytes_is_refused_before_it_is_read(store):
    with pytest.raises(RuleBroken, match=r"The picture weighs 32\.1 MB: save it as a JPEG"):
        store("a.png", samples.picture("PNG") + bytes(32_100_000))


# --- Nothing is fetched ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["film.m3u8", "film.mp4", "film.mov", "song.ogg"])
def test_a_playlist_by_any_name_is_refused_and_not_followed(store, visits, name):
    url, seen = visits
    with pytest.raises(RuleBroken, match="This is a playlist"):
        store(name, samples.playlist(f"{url}/segment.ts"))
    assert seen == []


def test_a_list_of_parts_is_refused_and_not_followed(store, visits):
    url, seen = visits
    with pytest.raises(RuleBroken, match="none of the files"):
        store("film.mp4", b"ffconcat version 1.0\nfile " + f"{url}/a.mp4\n".encode())
    assert seen == []


@pytest.mark.parametrize("kind", ["mov", "mp4"])
def test_a_film_whose_pictures_lie_elsewhere_is_opened_without_a_request(store, visits, kind):
    url, seen = visits
    content = samples.pointing_film(kind, samples.reference_to(f"{url}/a.mov"))
    assert url.encode() in content
    with pytest.raises(RuleBroken, match="points to another file"):
        store(f"a.{kind}", content)
    assert seen == []


def test_a_film_with_an_alias_to_a_file_of_ours_is_refused(store, tmp_path):
    (tmp_path / "own.mov").write_bytes(samples.film("mov"))
    content = samples.pointing_film("mov", samples.alias_to(f"{tmp_path}/own.mov"))
    with pytest.raises(RuleBroken, match="points to another file"):
        store("a.mov", content)


def test_a_matroska_that_goes_on_in_another_file_is_opened_without_a_request(store, visits):
    url, seen = visits
    assert store("a.mkv", samples.linked_matroska(f"{url}/b.mkv")).mime == "video/x-matroska"
    assert seen == []


@pytest.mark.parametrize(
    "line",
    [
        "PHOTO;VALUE=uri:{url}/me.jpg",
        "PHOTO:{url}/me.jpg",
        "item1.PHOTO;TYPE=JPEG;VALUE=URL:{url}/me.jpg",
        "LOGO://example.org/logo.png",
        "SOUND;VALUE=uri:ftp://example.org/name.wav",
    ],
)
def test_a_contact_that_points_to_a_picture_elsewhere_is_refused(store, visits, line):
    url, seen = visits
    card = samples.vcard_with(line.format(url=url))
    with pytest.raises(RuleBroken, match="points to a picture or a sound on the web"):
        store("ann.vcf", card)
    with pytest.raises(RuleBroken, match="points to a picture or a sound on the web"):
        store("two.vcf", samples.vcard_with("NOTE:first") + card)
    assert seen == []


@pytest.mark.parametrize(
    "line", ["PHOTO;ENCODING=b;TYPE=JPEG:QUJD", "PHOTO:data:image/jpeg;base64,QUJD", "URL:http://a"]
)
def test_a_contact_that_holds_its_picture_is_kept(store, line):
    assert store("ann.vcf", samples.vcard_with(line)).kind == "contact"


# --- Made harmless -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_script_behind_a_picture_is_cut_off(store, kind):
    media = store("a.jpg", samples.picture(kind) + SCRIPT)
    kept = content_of(media)
    assert SCRIPT not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (40, 30)
    assert media.size == len(kept)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_taken_sideways_stands_upright_in_every_form(store, kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "At home"
    media = store("a", samples.picture(kind, exif=exif))
    assert (media.width, media.height) == (30, 40)
    assert b"At home" not in content_of(media)


def test_a_phone_s_film_does_not_tell_where_it_was_taken(store, tmp_path):
    path = tmp_path / "a.mov"
    with av.open(io.BytesIO(samples.film("mov"))) as old, av.open(path, "w", format="mov") as new:
        new.metadata["location"] = "+12.3456+056.7890/"
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    media = store("a.mov", path.read_bytes())
    assert media.mime == "video/quicktime"
    assert b"12.3456" in path.read_bytes()
    assert b"12.3456" not in content_of(media)


# --- Weight and names --------------------------------------------------------------------------


def test_a_film_of_100_mb_is_not_too_large(settings):
    assert settings.MEDIA_MAX_BYTES >= 100_000_000


def test_a_name_of_300_characters_with_slashes_and_marks_becomes_one_line(store):
    name = "../\u202e" + "a/very\u2066 long\n" * 30 + ".jpeg"
    media = store_media(samples.upload("a.jpg", samples.picture()), name=name, by=None)
    assert len(media.name) <= 255
    assert media.name.isprintable()
    assert "/" not in media.name
    assert media.public_name.endswith(".jpg")
