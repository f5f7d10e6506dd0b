"""What stands on a card is read from its file; nothing is fetched, nothing raises."""

import hashlib
from datetime import date, datetime

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile

from campaigns.models import MediaFile
from campaigns.services.cards import CalendarCard, ContactCard, DocumentCard, read_card
from campaigns.services.samples import sample_calendar, sample_pdf, sample_vcard
from campaigns.tests import samples


@pytest.fixture(autouse=True)
def _forget():
    cache.clear()
    yield
    cache.clear()


def read(kind, content):
    digest = hashlib.sha256(content).hexdigest()
    media = MediaFile(kind=kind, size=len(content), sha256=digest)
    media.file = ContentFile(content, "x")
    return read_card(media)


def vcard(*lines):
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""]).encode()


def event(*lines, before=()):
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", *before, "BEGIN:VEVENT", "SUMMARY:Party"]
    return "\r\n".join([*head, *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


# --- Contacts ----------------------------------------------------------------------------------


def test_a_contact_shows_its_name_numbers_and_addresses():
    assert read("contact", sample_vcard()[1]) == ContactCard(
        name="Wren Gardens",
        phones=("+12015550142",),
        emails=("hello@wren-gardens.example",),
        monogram="WG",
    )


def test_an_organisation_stands_beside_a_persons_name():
    card = read("contact", vcard("N:Lee;Ann;;;", "FN:Ann Lee", "ORG:Wren Gardens;Roses"))
    assert (card.name, card.organisation, card.monogram) == ("Ann Lee", "Wren Gardens, Roses", "AL")


def test_a_contact_without_a_name_is_called_by_what_there_is():
    assert read("contact", vcard("N:;;;;", "FN:", "ORG:Roses")).name == "Roses"
    card = read("contact", vcard("N:;;;;", "FN:", "TEL:+12015550123"))
    assert (card.name, card.monogram) == ("+12015550123", "")


@pytest.mark.parametrize(
    ("name", "monogram"),
    [("ann", "A"), ("Ann van Lee", "AL"), ("李小龙", "李"), ("ورود الربيع", "و"), ("Öl ß", "ÖS")],
)
def test_the_monogram_is_made_of_first_letters(name, monogram):
    assert read("contact", vcard(f"N:{name};;;;", f"FN:{name}")).monogram == monogram


def test_cards_of_old_phones_are_read():
    name = b"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg\n"
    old = b"BEGIN:VCARD\nVERSION:2.1\n" + name
    card = read("contact", old + b"item1.TEL;CELL:+12015550123\nEND:VCARD\n")
    assert (card.name, card.phones) == ("Jörg Müller", ("+12015550123",))


def test_a_remote_photo_is_not_fetched():  # a request would fail the test: sockets are closed
    card = read(
        "contact", vcard("N:Lee;Ann;;;", "FN:Ann Lee", "PHOTO;VALUE=uri:http://192.0.2.1/me.jpg")
    )
    assert card.name == "Ann Lee"


def test_a_huge_card_shows_a_little_of_each_field():
    photo = "PHOTO;ENCODING=b:" + "\r\n AAAA" * 200_000
    phones = [f"TEL:+120155501{number:02}" for number in range(20)]
    card = read("contact", vcard("N:;;;;", f"FN:{'x' * 90_000}", *phones, photo))
    assert len(card.name) == 200
    assert len(card.phones) == 3


# --- Appointments ------------------------------------------------------------------------------


def test_an_appointment_shows_its_day_time_and_place():
    assert read("calendar", sample_calendar()[1]) == CalendarCard(
        title="Spring sale at Wren Gardens",
        starts=datetime(2026, 4, 11, 14, 0),  # noqa: DTZ001  the zone stands beside it
        ends=datetime(2026, 4, 11, 18, 0),  # noqa: DTZ001
        place="12 Orchard Lane",
        zone="UTC",
    )


def test_a_time_in_utc_is_shown_in_the_zone_of_the_portal(settings):
    settings.TIME_ZONE = "America/New_York"
    card = read("calendar", event("DTSTART:20260411T140000Z"))
    assert (card.starts.hour, card.zone) == (10, "EDT")


@pytest.mark.parametrize(
    ("line", "zone"),
    [
        ("DTSTART;TZID=America/Chicago:20260411T140000", "CDT"),
        ("DTSTART;TZID=Nowhere/../there:20260411T140000", ""),
        ("DTSTART:20260411T140000", ""),
    ],
)
def test_a_time_of_its_own_zone_stays_as_it_is(line, zone):
    card = read("calendar", event(line))
    assert (card.starts.hour, card.zone) == (14, zone)


def test_a_zone_that_the_file_describes_is_kept():
    lines = "TZID:Ours|BEGIN:STANDARD|DTSTART:19700101T000000|TZOFFSETFROM:+0300|TZOFFSETTO:+0300"
    zone = f"BEGIN:VTIMEZONE|{lines}|TZNAME:OURS|END:STANDARD|END:VTIMEZONE".split("|")
    card = read(
        "calendar", event("DTSTART;TZID=Ours:20260411T140000", "DURATION:PT2H", before=zone)
    )
    assert (card.starts.hour, card.ends.hour, card.zone) == (14, 16, "OURS")


def test_whole_days_end_on_their_last_day():
    card = read("calendar", event("DTSTART;VALUE=DATE:20260411", "DTEND;VALUE=DATE:20260413"))
    assert card.is_whole_day
    assert (card.starts, card.ends) == (date(2026, 4, 11), date(2026, 4, 12))


def test_an_appointment_without_a_time_keeps_its_title():
    assert read("calendar", event("LOCATION:Here")) == CalendarCard(title="Party", place="Here")


# --- Documents and what cannot be read ---------------------------------------------------------


def test_a_document_shows_its_pages():
    assert read("pdf", sample_pdf()[1]) == DocumentCard(pages=1)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("contact", b""),
        ("contact", b"BEGIN:VCARD"),
        ("contact", b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n"),
        ("contact", b"\xff\xfe\x00nonsense"),
        ("contact", sample_calendar()[1][:40]),
        ("calendar", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"),
        ("calendar", sample_vcard()[1]),
        ("calendar", event("DTSTART:99999999T999999Z")),
        ("pdf", b"%PDF-1.4 and nothing else"),
        ("pdf", b""),
        ("excel", samples.workbook()),
        ("image", b"jpg"),
    ],
)
def test_what_cannot_be_read_has_no_card(kind, content):
    assert read(kind, content) is None


def test_a_file_that_is_gone_has_no_card(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert read_card(MediaFile(kind="contact", sha256="0" * 64, file="media/gone.vcf")) is None


def test_a_file_is_read_once(monkeypatch):
    first = read("contact", sample_vcard()[1])
    monkeypatch.setattr("campaigns.services.cards.vobject.readComponents", None)
    assert read("contact", sample_vcard()[1]) == first
