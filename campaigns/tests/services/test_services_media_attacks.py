"""Files made to cost much, or to do something, are refused in a sentence before they do."""

import io
import struct
import threading
import zlib
from pathlib import Path

import pytest
from django.db import connection
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from vobject.icalendar import getTzid

from campaigns.models import MediaFile
from campaigns.rules import boxes, metadata
from campaigns.rules.problems import RuleBroken
from campaigns.services import media as media_service
from campaigns.services import probes_documents, probes_streams
from campaigns.services import samples as nice
from campaigns.services.media import store_media
from campaigns.services.streams import open_stream
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


# --- Sounds and films ----------------------------------------------------------------------------


def png(side):
    def chunk(name, inside):
        crc = zlib.crc32(name + inside)
        return struct.pack(">I", len(inside)) + name + inside + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side + 1) * side))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def with_cover(sound, cover):
    inside = b"\0image/png\0\x03\0" + cover
    frame = b"APIC" + struct.pack(">I", len(inside)) + b"\0\0" + inside
    size = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame + sound


@pytest.mark.parametrize(("side", "is_decoded"), [(100, True), (3100, False)])
def test_a_huge_cover_of_a_sound_is_not_decoded_and_the_sound_is_kept(store, side, is_decoded):
    content = with_cover(samples.film("mp3"), png(side))
    with open_stream(io.BytesIO(content)) as container:
        assert (container.streams.video[0].format is not None) is is_decoded
    assert store("song.mp3", content).mime == "audio/mpeg"


def test_a_film_padded_with_thousands_of_boxes_is_refused_unopened(store, monkeypatch):
    padding = struct.pack(">I4s", 8, b"free")
    assert store("a.mp4", samples.film("mp4") + padding * 100).kind == "video"
    content, opened = samples.film("mp4") + padding * (boxes.MAX_BOXES + 1), []
    monkeypatch.setattr(probes_streams, "open_stream", lambda *args, **more: opened.append(args))
    with pytest.raises(RuleBroken, match="The video is damaged"):
        store("b.mp4", content)
    assert not opened


def test_boxes_are_counted_wherever_they_lie():
    many = struct.pack(">I4s", 8, b"free") * (boxes.MAX_BOXES + 1)
    film = struct.pack(">I4s", 8 + len(many), b"moov") + many
    with pytest.raises(ValueError, match="too many boxes"):
        metadata.blank_film(io.BytesIO(film), len(film))


def test_a_film_of_an_unknown_codec_is_refused_in_a_sentence(store):
    content = samples.film("3gp").replace(b"avc1", b"xyzw")
    with pytest.raises(RuleBroken, match="The video is damaged"):
        store("a.3gp", content)


# --- Pictures ------------------------------------------------------------------------------------


def jpeg_of_many_scans(more):
    content = samples.picture(progressive=True)
    *_, last, _ = metadata._jpeg_segments(content)
    _, start, end = last
    return content[:end] + content[start:end] * more + content[end:]


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_drawn(store, monkeypatch):
    assert store("plain.jpg", jpeg_of_many_scans(5)).mime == "image/jpeg"
    content, drawn = jpeg_of_many_scans(150), []
    monkeypatch.setattr(Image.Image, "load", lambda self: drawn.append(self))
    with pytest.raises(RuleBroken, match="far too many layers"):
        store("slow.jpg", content)
    assert not drawn


def test_scans_behind_a_marker_without_a_length_are_counted():
    content = jpeg_of_many_scans(20)
    _, start, _ = next(one for one in metadata._jpeg_segments(content) if one[0] == 0xDA)
    hidden = content[:start] + b"\xff\xd0" + content[start:]
    assert metadata.count_jpeg_scans(hidden) == metadata.count_jpeg_scans(content) > 20


def growing_gif(side, frames):
    """A small screen, then frames far larger."""
    start, frame = samples.picture("GIF", (10, 10)), samples.picture("GIF", (20, 20))
    at = frame.index(b"\x2c\0\0\0\0")
    large = frame[at : at + 5] + struct.pack("<2H", side, side) + frame[at + 9 : -1]
    return start[:-1] + large * frames + b";"


@pytest.mark.parametrize(
    ("side", "frames", "words"),
    [
        (16_000, 1, "more than 25 million pixels"),
        (4000, 2, "moves and has more than 8 million pixels"),
        (2000, 200, "moves through 201 frames"),
    ],
)
def test_a_gif_that_grows_after_its_first_frame_is_refused(store, side, frames, words):
    with pytest.raises(RuleBroken, match=words):
        store("small.gif", growing_gif(side, frames))


def test_a_picture_whose_notes_are_damaged_is_no_error_of_ours(store, monkeypatch):
    def fail(image):
        raise SyntaxError("not a TIFF file")

    monkeypatch.setattr(media_service, "_is_turned", fail)
    with pytest.raises(RuleBroken, match="The picture is damaged"):
        store("a.jpg", samples.picture())


# --- Cards, calendars, workbooks -----------------------------------------------------------------


def test_lines_that_go_on_are_joined_in_either_way():
    folded = "NOTE:one\r\n  two\r\nN;ENCODING=QUOTED-PRINTABLE:a=41=\r\n=42\r\nFN:a=\r\nTEL:1"
    whole = "NOTE:one two\nN;ENCODING=QUOTED-PRINTABLE:a=41=42\nFN:a=\nTEL:1"
    assert probes_documents._unfold(folded) == whole


def test_the_library_reads_each_line_of_a_card_whole(store, monkeypatch):
    seen, read = [], probes_documents.vobject.readComponents

    def listen(text, **options):
        seen.append(text)
        return read(text, **options)

    monkeypatch.setattr(probes_documents.vobject, "readComponents", listen)
    store("a.vcf", samples.vcard_with("NOTE;ENCODING=QUOTED-PRINTABLE:" + "=41=\r\n" * 50 + "b"))
    assert "=41" * 50 + "b" in seen[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (samples.vcard_with("NOTE:" + "x" * 2_100_000), "stay below 2 MB"),
        (b"BEGIN:VCARD\r\n" * 3000 + b"END:VCARD\r\n" * 3000, "contact card"),
        (b"BEGIN:VCALENDAR\r\n" * 3000 + b"END:VCALENDAR\r\n" * 3000, "calendar entry"),
        (samples.vcard_with("NOTE;CHARSET=foo;ENCODING=QUOTED-PRINTABLE:=FF"), "cannot be read"),
    ],
)
def test_a_strange_card_is_refused_in_a_sentence(store, content, words):
    with pytest.raises(RuleBroken, match=words):
        store("a.vcf", content)


def test_the_time_zone_of_one_file_stays_its_own(store):
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Attic\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    content = nice.sample_calendar()[1].replace(b"BEGIN:VEVENT", f"{zone}BEGIN:VEVENT".encode())
    assert store("a.ics", content).kind == "calendar"
    assert getTzid("Attic") is None


def test_a_workbook_of_a_version_to_come_is_refused_in_a_sentence(store):
    content = bytearray(samples.workbook())
    content[content.index(b"PK\x01\x02") + 6] = 255
    with pytest.raises(RuleBroken, match="damaged archive"):
        store("a.xlsx", bytes(content))


# --- PDF -----------------------------------------------------------------------------------------


def pdf_with(key, make):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(nice.sample_pdf()[1])))
    writer.root_object[NameObject(key)] = make(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def action(kind, **more):
    more = {NameObject(f"/{name}"): value for name, value in more.items()}
    return DictionaryObject({NameObject("/S"): kind, **more})


def named(kind):
    return action(NameObject(kind))


DANGERS = [
    ("/OpenAction", lambda pdf: action(pdf._add_object(NameObject("/Launch"))), "starts a program"),
    ("/OpenAction", lambda pdf: named("/SubmitForm"), "reaches for other files"),
    ("/OpenAction", lambda pdf: named("/ImportData"), "reaches for other files"),
    ("/OpenAction", lambda pdf: named("/GoToR"), "reaches for other files"),
    ("/OpenAction", lambda pdf: named("/GoToE"), "reaches for other files"),
    ("/OpenAction", lambda pdf: pdf._add_object(named("/URI")), "opens a web page by itself"),
    (
        "/OpenAction",
        lambda pdf: action(NameObject("/GoTo"), Next=ArrayObject([named("/URI")])),
        "opens a web page by itself",
    ),
    (
        "/AA",
        lambda pdf: DictionaryObject({NameObject("/WC"): named("/URI")}),
        "opens a web page by itself",
    ),
    ("/Names", lambda pdf: action(NameObject("/X"), EmbeddedFiles=NumberObject(1)), "carries"),
    ("/X", lambda pdf: action(NameObject("/X"), EF=NumberObject(1)), "carries other files"),
]


@pytest.mark.parametrize(("key", "make", "words"), DANGERS)
def test_a_pdf_that_does_more_than_show_itself_is_refused(store, key, make, words):
    with pytest.raises(RuleBroken, match=words):
        store("a.pdf", pdf_with(key, make))


@pytest.mark.parametrize(
    "make",
    [
        lambda pdf: action(ArrayObject([NumberObject(1), NumberObject(2)])),
        lambda pdf: DictionaryObject(
            {
                NameObject("/A"): action(
                    NameObject("/URI"), URI=TextStringObject("https://a.example")
                )
            }
        ),
    ],
)
def test_a_pdf_with_a_link_or_a_harmless_list_is_kept(store, make):
    assert store("a.pdf", pdf_with("/X", make)).kind == "pdf"


# --- Keeping -------------------------------------------------------------------------------------


def test_the_same_file_kept_by_another_meanwhile_gives_that_row(store, marketer, monkeypatch):
    content, add = samples.picture("PNG"), media_service._add

    def come_second(*args):
        monkeypatch.setattr(media_service, "_add", add)
        store("first.png", content)
        return add(*args)

    monkeypatch.setattr(media_service, "_add", come_second)
    assert store("second.png", content).name == "first.png"
    assert MediaFile.objects.count() == 1


def test_a_file_that_could_not_be_noted_is_not_left_on_the_disk(store, monkeypatch, tmp_path):
    def fail(*args, **options):
        raise RuntimeError("the disk of the database is full")

    monkeypatch.setattr(media_service, "record", fail)
    with pytest.raises(RuntimeError):
        store("a.png", samples.picture("PNG"))
    assert not [path for path in Path(tmp_path).rglob("*") if path.is_file()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_the_same_file_uploaded_twice_at_once_is_one_row(store, monkeypatch):
    gate, kept, hash_of = threading.Barrier(2), [], media_service._hash
    content = samples.picture("PNG")

    def meet(file):
        digest = hash_of(file)
        gate.wait(10)
        return digest

    def run():
        try:
            kept.append(store("a.png", content).pk)
        finally:
            connection.close()

    monkeypatch.setattr(media_service, "_hash", meet)
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(kept) == 2
    assert MediaFile.objects.get().pk == kept[0] == kept[1]
