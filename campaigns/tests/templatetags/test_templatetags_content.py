"""The phone shows an MMS as phones do, and nothing in it is more than words."""

import re
from datetime import date, datetime

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.template import Context, Template
from django.test import RequestFactory

from campaigns.models import MediaFile
from campaigns.rules.formats import Format
from campaigns.rules.slides import Capacity
from campaigns.services.cards import CalendarCard
from campaigns.services.drafts import DraftSlide, MmsDraft
from campaigns.services.samples import sample_calendar, sample_pdf, sample_vcard
from campaigns.templatetags.content import as_length, as_message, when

MIMES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "contact": "text/vcard",
    "calendar": "text/calendar",
    "pdf": "application/pdf",
    "excel": "application/vnd.ms-excel",
}


@pytest.fixture(autouse=True)
def _forget():
    cache.clear()
    yield
    cache.clear()


def draw(draft, tag="{% phone draft %}", cookie="", **context):
    request = RequestFactory().get("/")
    request.COOKIES["magpie-phone"] = cookie
    page = Template("{% load content %}" + tag)
    return page.render(Context({"draft": draft, "request": request, **context}))


def file(kind, content=b"", number=1, **fields):
    names = {"image": "jpg", "video": "mp4", "audio": "wav", "pdf": "pdf"}
    public_name = f"{kind}-{number}.{names.get(kind, 'bin')}"
    media = MediaFile(
        pk=number,
        kind=kind,
        mime=MIMES[kind],
        name=fields.pop("name", f"my {kind}"),
        public_name=public_name,
        size=fields.pop("size", 412_000),
        sha256=f"{kind}-{number}",
        **fields,
    )
    media.file = ContentFile(content, public_name)
    return media


def slides(*several, **fields):
    return MmsDraft(slides=tuple(several), **fields)


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


# --- Dress and face ----------------------------------------------------------------------------


def look_of(page):
    return re.search(r'data-dress="(\w+)" data-shade="(\w+)" data-face="(\w+)"', page).groups()


def test_of_a_text_nothing_stands_instead():
    """Its page has nothing to choose there."""
    text = slides(DraftSlide("Hello"), format=Format.TEXT)
    assert " data-is-sms" in draw(text)
    assert " data-is-sms" not in draw(slides(DraftSlide("Hello")))


def test_a_phone_is_dressed_as_its_reader_left_it():
    assert look_of(draw(MmsDraft())) == ("ios", "light", "mms")
    assert look_of(draw(MmsDraft(), cookie="android-dark")) == ("android", "dark", "mms")


def test_a_page_may_dress_it_otherwise():
    tag = '{% phone draft face="sms" dress="android" shade="light" %}'
    assert look_of(draw(MmsDraft(), tag, cookie="ios-dark")) == ("android", "light", "sms")


def test_a_phone_is_drawn_without_a_request():
    page = Template("{% load content %}{% phone draft %}").render(Context({"draft": MmsDraft()}))
    assert look_of(page) == ("ios", "light", "mms")


def test_nothing_in_it_is_style_or_program():
    page = draw(slides(DraftSlide("Hi", (file("image"),))), '{% phone draft sender="12345" %}')
    assert "style=" not in page
    assert re.search(r"<script(?![^>]* src=)", page) is None


# --- Words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Fresh <b>eggs</b>\nnow", "Fresh &lt;b&gt;eggs&lt;/b&gt;<br>now"),
        (
            "See https://wren.example/a?b=1&c=2.",
            'See <span class="phone__link">https://wren.example/a?b=1&amp;c=2</span>.',
        ),
        ("me@wren.example", '<span class="phone__link">me@wren.example</span>'),
        ("Call +1 201-555-0142!", 'Call <span class="phone__link">+1 201-555-0142</span>!'),
        ("20 % until 2026-04-11", "20 % until 2026-04-11"),
        ("Order 12345", "Order 12345"),
        ('<a href="https://x.example">', '&lt;a href=&quot;<span class="phone__link">'),
    ],
)
def test_a_text_is_written_as_phones_do(text, written):
    assert as_message(text).startswith(written)


def test_a_link_leads_nowhere():
    assert "<a " not in draw(slides(DraftSlide("https://wren.example")))


def test_every_text_runs_its_own_way():
    assert '<p dir="auto">مرحبا</p>' in draw(slides(DraftSlide("مرحبا")))


def test_a_few_emoji_alone_stand_large():
    page = draw(slides(DraftSlide("🎉🌷"), DraftSlide("See you 🌷")))
    assert '<div class="phone__emoji">🎉🌷</div>' in page
    assert page.count("phone__emoji") == 1


def test_the_subject_stands_in_the_first_bubble():
    page = draw(slides(DraftSlide("Come"), DraftSlide("Soon"), subject="Party & more"))
    bubble = page[page.index('data-slide="1"') : page.index('data-slide="2"')]
    assert bubble.count("phone-bubble") == 1
    assert words(bubble).split("Subject: ")[1].strip().startswith("Party &amp; more Come")
    assert page.count("Party &amp; more") == 1


@pytest.mark.parametrize(
    "first", [DraftSlide("Look", (file("image"),)), DraftSlide(), DraftSlide("🎉")]
)
def test_the_subject_stands_above_what_is_no_text(first):
    page = draw(slides(first, subject="Party"))
    assert page.count("<bdi>Party</bdi>") == 1
    assert 'phone-bubble--subject"><strong' in page


def test_the_sender_is_written_as_a_phone_writes_it():
    assert "+1 201-555-0142" in draw(MmsDraft(), '{% phone draft sender="12015550142" %}')
    assert "<bdi>12345</bdi>" in draw(MmsDraft(), '{% phone draft sender="12345" %}')
    assert "Your number" in draw(MmsDraft())


# --- Groups and the SMS ------------------------------------------------------------------------


def test_a_group_shows_who_is_in_it_in_order():
    tag = '{% phone draft sender="12345" group=group %}'
    page = draw(MmsDraft(), tag, group=["12015550123", "Ann <Lee>"])
    assert look_of(page)[2] == "group"
    assert "3 people" in page
    listed = re.findall(r"<li><bdi>(.*?)</bdi>", page)
    assert listed == ["12345", "+1 201-555-0123", "Ann &lt;Lee&gt;"]


def test_one_person_is_no_group():
    assert "phone__people" not in draw(MmsDraft(), "{% phone draft group=group %}", group=[])


def test_the_sms_shows_its_text_its_link_and_its_parts():
    page = draw(MmsDraft(fallback_text="x" * 150), '{% phone draft face="sms" %}')
    assert "https://mms.example/" in page
    assert re.search(r"2 SMS +· GSM-7", words(page))
    without = draw(MmsDraft(fallback_text="x" * 150, fallback_link=False))
    assert "https://mms.example/" not in without
    assert "1 SMS" in words(without)


def test_an_sms_that_is_off_or_empty_says_so():
    assert "The fallback is off" in draw(MmsDraft(fallback=False))
    assert "The SMS has no text yet" in draw(MmsDraft(fallback_link=False))


# --- Files -------------------------------------------------------------------------------------


def test_a_picture_can_be_opened():
    picture = file("image", width=600, height=800, name='Rose "red"')
    page = draw(slides(DraftSlide("", (picture,))))
    assert 'data-picture="/m/image-1.jpg" data-name="Rose &quot;red&quot;"' in page
    assert "phone-bubble--tall" in page
    assert 'data-about="JPG · 412 KB · 600 × 800"' in page


def test_a_film_waits_behind_its_poster():
    film = file("video", poster="posters/1.jpg")
    page = draw(slides(DraftSlide("", (film,))))
    assert 'poster="/m/p/video-1.mp4" preload="none"' in page
    bare = draw(slides(DraftSlide("", (file("video"),))))
    assert 'preload="metadata"' in bare
    assert "poster=" not in bare


def test_two_phones_on_a_page_are_told_apart():
    film = slides(DraftSlide("", (file("video"),)))
    assert 'id="before-1-1"' in draw(film, '{% phone draft key="before" %}')


def test_a_sound_shows_its_name_and_length():
    page = words(draw(slides(DraftSlide("", (file("audio", name="Chime", seconds=2.2),)))))
    assert "Chime" in page
    assert "0:02 · 412 KB" in page


def test_a_contact_shows_what_is_in_it():
    page = words(draw(slides(DraftSlide("", (file("contact", sample_vcard()[1]),)))))
    for part in ("WG", "Wren Gardens", "+1 201-555-0142", "hello@wren-gardens.example"):
        assert part in page


def test_an_appointment_shows_its_day():
    page = words(draw(slides(DraftSlide("", (file("calendar", sample_calendar()[1]),)))))
    assert "Apr 11" in page
    assert "Sat, Apr 11, 14:00–18:00 UTC" in page
    assert "12 Orchard Lane" in page


def test_a_document_shows_its_name_pages_and_weight():
    page = words(draw(slides(DraftSlide("", (file("pdf", sample_pdf()[1], name="Prices"),)))))
    assert "Prices" in page
    assert "PDF document · 1 page · 412 KB" in page


def test_a_file_that_cannot_be_read_is_a_plain_card():
    broken = file("contact", b"BEGIN:VCARD nonsense", name="<Ann>.vcf")
    page = draw(slides(DraftSlide("", (broken,))))
    assert "&lt;Ann&gt;.vcf" in page
    assert "Contact card · 412 KB" in words(page)


# --- Small words -------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "said"), [(None, "0:00"), (2.4, "0:02"), (761, "12:41")])
def test_a_length_is_said_as_players_do(seconds, said):
    assert as_length(seconds) == said


def at(day, hour=14):
    return datetime(2026, 4, day, hour)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (CalendarCard("x"), ""),
        (CalendarCard("x", at(11), None, zone="EDT"), "Sat, Apr 11, 14:00 EDT"),
        (CalendarCard("x", at(11), at(11, 18)), "Sat, Apr 11, 14:00–18:00"),
        (CalendarCard("x", at(11), at(12, 2)), "Sat, Apr 11, 14:00 – Sun, Apr 12, 02:00"),
        (CalendarCard("x", at(11), at(11, 9)), "Sat, Apr 11, 14:00"),
        (
            CalendarCard("x", date(2026, 4, 11), date(2026, 4, 11), is_whole_day=True),
            "Sat, Apr 11, all day",
        ),
        (
            CalendarCard("x", date(2026, 4, 11), date(2026, 4, 12), is_whole_day=True),
            "Sat, Apr 11 – Sun, Apr 12",
        ),
    ],
)
def test_a_day_and_a_time_are_said_shortly(card, said):
    assert when(card) == said


def test_a_slide_says_its_weight_and_whether_it_is_the_heaviest():
    light, heavy = DraftSlide("Hi"), DraftSlide("", (file("image"),))
    tag = "{% slide_weight slide draft capacity %}"
    draft, capacity = slides(light, heavy), Capacity()
    page = draw(draft, tag, slide=heavy, capacity=capacity)
    assert "412 KB · heaviest" in words(page)
    assert 'width="41.20%"' in page
    assert "heaviest" not in draw(draft, tag, slide=light, capacity=capacity)
    small = Capacity(total=300_000)
    assert "412 KB · too heavy" in words(draw(draft, tag, slide=heavy, capacity=small))


def test_a_text_is_counted():
    page = draw(MmsDraft(), "{% text_count text 5000 %}", text="x" * 5001)
    assert 'count--bad">5,001 of 5,000: 1 too many' in page


@pytest.mark.parametrize(
    ("format", "heading"),
    [
        ("slides", "Text Message • MMS"),
        ("text", "Text Message • SMS"),
        ("choice", "Text Message • MMS, as text"),
    ],
)
def test_the_phone_says_how_it_comes(format, heading):
    page = draw(MmsDraft(format=format, slides=(DraftSlide("Hello"),)))
    assert f"<b>{heading}</b>" in page
