"""Everything that stands in the way of an MMS is told at once, and apart from what is well."""

import dataclasses
import io

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from campaigns.gateways.http import Fetched, NotPublic
from campaigns.models import MediaFile, SavedMms, Sender
from campaigns.rules.findings import Finding
from campaigns.rules.slides import MediumDraft
from campaigns.services.arrival import _look_into, check_arrival, mark_of
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of
from campaigns.services.media import store_media
from campaigns.tests import samples

pytestmark = pytest.mark.django_db
STOP = "Reply STOP to opt out."


@pytest.fixture(autouse=True)
def at_an_address(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.SANDBOX = ""
    settings.PUBLIC_BASE_URL = "https://mms.example.org"


@pytest.fixture
def channel(make_channel):
    channel = make_channel()
    channel.senders.update(kind=Sender.Kind.SHORT_CODE)
    return channel


@pytest.fixture
def pictures():
    def make(count):
        files = [samples.picture(size=(40 + number, 40)) for number in range(count)]
        return [
            store_media(samples.upload(f"{number}.jpg", file), by=None)
            for number, file in enumerate(files)
        ]

    return make


def arrive(url, **options):
    """Our own portal, as the provider meets it."""
    media = MediaFile(public_name=url.rpartition("/")[2])
    return dataclasses.replace(ANSWERS[media.public_name], final_url=url)


ANSWERS: dict[str, Fetched] = {}


def serve(media, **wrong):
    with media.file.open("rb") as file:
        body = file.read()
    good = Fetched(200, {}, body, "", 0, 0.1, False, media.size, media.mime)
    ANSWERS[media.public_name] = dataclasses.replace(good, **wrong)


def with_media(*media, text=STOP, **words):
    slides = tuple(DraftSlide(text, tuple(files)) for files in media)
    return MmsDraft(**{"name": "Spring", "fallback_text": "Hi", "slides": slides, **words})


def test_what_is_well_is_told_as_well(channel, pictures):
    [picture] = pictures(1)
    serve(picture)
    arrival = check_arrival(with_media([picture]), channel=channel, fetch=arrive)
    assert (arrival.problems, arrival.warnings) == ((), ())
    assert [str(found) for found in arrival.fine] == [
        "The channel “Main” is open.",
        f"Slide 1: “0.jpg” is reachable: image/jpeg, {picture.size} bytes, 0.1 s.",
    ]
    assert arrival.summary == "The file can be fetched: it took 0.1 s."


def test_rules_files_and_channel_are_told_in_one_list_slide_by_slide(channel, pictures):
    first, second = pictures(2)
    serve(first, status=404)
    serve(second, content_type="text/html")
    channel.paused_at, channel.paused_reason = timezone.now(), "The key was refused."
    draft = with_media([second], [], [first], text="", fallback_text="")
    told = ([Finding("nobody has a city.", slide=2)], [Finding("12 have no name.")])
    arrival = check_arrival(draft, channel=channel, told=told, fetch=arrive)
    assert [(found.slide, found.text[:24]) for found in arrival.problems] == [
        (None, "The channel “Main” is pa"),
        (None, "The fallback SMS has no "),
        (1, "“1.jpg” arrives as text/"),
        (2, "nobody has a city."),
        (2, "it is empty."),
        (3, "Sinch cannot fetch “0.jp"),
    ]
    assert Finding("12 have no name.") in arrival.warnings


def test_a_file_on_two_slides_is_fetched_once(channel, pictures):
    [picture] = pictures(1)
    serve(picture)
    asked = []

    def fetch(url, **options):
        asked.append(url)
        return arrive(url)

    arrival = check_arrival(with_media([picture], [], [picture]), channel=channel, fetch=fetch)
    assert len(asked) == 1
    assert arrival.trips[0].slides == (1, 3)


def test_one_cause_for_all_files_is_told_once(channel, pictures):
    def fetch(url, **options):
        raise NotPublic("The address does not lead to a public place of the internet.")

    media = pictures(3)
    arrival = check_arrival(with_media(*[[file] for file in media]), channel=channel, fetch=fetch)
    [problem] = arrival.problems
    assert problem.text.startswith("Sinch cannot fetch any of the 3 files. The address does not")
    assert problem.remedy.startswith("Set PUBLIC_BASE_URL")
    assert arrival.summary == "None of the 3 files can be fetched."


def test_different_causes_are_told_one_by_one(channel, pictures):
    first, second = pictures(2)
    serve(first, status=404)
    serve(second, status=500)
    arrival = check_arrival(with_media([first], [second]), channel=channel, fetch=arrive)
    assert [found.slide for found in arrival.problems] == [1, 2]


def test_without_files_nothing_is_fetched(channel):
    arrival = check_arrival(with_media([]), channel=channel, fetch=None)
    assert arrival.summary == "There is no file that Sinch would have to fetch."


def test_without_a_channel_it_is_said_what_was_assumed():
    [doubt] = check_arrival(with_media([]), fetch=arrive).warnings
    assert "No channel is chosen" in doubt.text
    assert doubt.place == "channel"


def test_a_channel_without_a_number_and_with_a_failed_test_is_told(channel):
    channel.senders.all().delete()
    channel.test_problem = "The key was refused."
    arrival = check_arrival(with_media([]), channel=channel, fetch=arrive)
    assert "has no number to send from" in arrival.problems[0].text
    assert "The last test of “Main” failed: The key was refused." in arrival.warnings[0].text


def test_a_channel_that_works_in_part_has_not_failed(channel):
    channel.test_problem = f"{channel.IN_PART}MMS is ready."
    arrival = check_arrival(with_media([]), channel=channel, fetch=arrive)
    assert arrival.warnings[0].text == "The last test of “Main”: Works in part: MMS is ready."


def test_files_that_travel_in_the_open_are_a_doubt(channel, settings):
    settings.PUBLIC_BASE_URL = "http://mms.example.org"
    [doubt] = check_arrival(with_media([]), channel=channel, fetch=arrive).warnings
    assert "without encryption" in doubt.text


def test_the_kind_of_the_sender_is_known_to_the_rules(channel):
    sender = Sender(
        channel=channel,
        number="18005550100",
        kind=Sender.Kind.TOLL_FREE,
        replies_reach_us=True,
    )
    draft = with_media([], subject="Spring")
    [doubt] = check_arrival(draft, channel=channel, sender=sender, fetch=arrive).warnings
    assert "toll-free" in doubt.text


# --- What only the pictures themselves tell ------------------------------------------------------


def stored(name, image, kind, **options):
    path = io.BytesIO()
    image.save(path, kind, **options)
    media = store_media(samples.upload(name, path.getvalue()), by=None)
    serve(media)
    return media


def doubts_about(media, channel):
    arrival = check_arrival(with_media([media]), channel=channel, fetch=arrive)
    return [found.text for found in arrival.warnings]


def test_a_png_with_holes_is_a_doubt_and_one_without_is_none(channel):
    holes = stored("holes.png", Image.new("RGBA", (40, 40), (9, 9, 9, 0)), "PNG")
    solid = stored("solid.png", Image.new("RGBA", (40, 40), (9, 9, 9, 255)), "PNG")
    plain = stored("plain.png", Image.new("RGB", (41, 40)), "PNG")
    [doubt] = doubts_about(holes, channel)
    assert "“holes.png” is transparent in places" in doubt
    assert doubts_about(solid, channel) == doubts_about(plain, channel) == []


def test_the_pictures_of_a_gif_are_counted(channel):
    frames = [Image.new("RGB", (40, 40), (number * 20, 0, 0)) for number in range(10)]
    more = {"save_all": True, "append_images": frames[1:]}
    hasty = stored("hasty.gif", frames[0], "GIF", duration=50, **more)
    calm = stored("calm.gif", frames[0], "GIF", duration=400, **more)
    [doubt] = doubts_about(hasty, channel)
    assert "shows 20 pictures a second" in doubt
    assert doubts_about(calm, channel) == []


def test_a_picture_that_is_gone_from_the_disk_breaks_nothing(channel):
    media = stored("gone.png", Image.new("RGBA", (42, 40), (9, 9, 9, 0)), "PNG")
    media.file.storage.delete(media.file.name)
    assert doubts_about(media, channel) == []


# --- The template saved at the provider ----------------------------------------------------------


@pytest.fixture
def save(make_mms, channel):
    """An MMS saved at the provider; answers what the check says about that."""

    def save(status, *, edited=False, reason=""):
        mms = make_mms(text=f"20 % off. {STOP}", fallback_text="See our offer")
        SavedMms.objects.create(
            revision=mms.head,
            channel=channel,
            status=status,
            reason=reason,
            mms_id="35674",
            reference="saved-1",
        )
        draft = draft_of(mms.head)
        if edited:
            draft = dataclasses.replace(draft, subject="Spring")
        return check_arrival(draft, mms=mms, channel=channel, fetch=arrive)

    return save


def test_a_template_that_is_ready_is_good_news(save):
    arrival = save("ready")
    assert arrival.warnings == ()
    assert "template 35674" in arrival.fine[1].text


def test_a_template_on_its_way_is_no_doubt(save):
    assert save("transcoding").warnings == ()


@pytest.mark.parametrize("status", ["failed", "in_doubt"])
def test_a_template_that_failed_says_why(save, status):
    [doubt] = save(status, reason="Slide 1: the video has no codec.").warnings
    assert "Slide 1: the video has no codec." in doubt.text
    assert doubt.remedy


def test_a_template_older_than_the_words_on_the_page_is_a_doubt(save):
    [doubt] = save("ready", edited=True).warnings
    assert "older than what you have here" in doubt.text


# --- What was checked ----------------------------------------------------------------------------


def test_the_mark_changes_with_whatever_would_be_sent(channel, pictures):
    first, second = pictures(2)
    draft = with_media([first], [second])
    mark = mark_of(draft, channel, None)
    changes = [
        {"subject": "New"},
        {"fallback": False},
        {"fallback_link": False},
        {"fallback_text": "New"},
        {"slides": draft.slides[::-1]},
        {"slides": (DraftSlide("New", (first,)), draft.slides[1])},
    ]
    others = {mark_of(dataclasses.replace(draft, **change), channel, None) for change in changes}
    assert len(others | {mark}) == len(changes) + 1
    assert mark_of(draft, None, None) != mark
    assert mark_of(draft, channel, channel.senders.get()) != mark
    assert mark_of(dataclasses.replace(draft, name="Another name"), channel, None) == mark


def test_a_gif_that_grows_is_counted_without_being_drawn(channel):
    """Its row says what the first frame says; the others may be as large as they like."""
    frame = b"\x2c\0\0\0\0" + (16_000).to_bytes(2, "little") * 2 + b"\0\x02\x01\x44\0"
    delay = b"\x21\xf9\x04\0\x32\0\0\0"
    content = b"GIF89a\x0a\0\x0a\0\0\0\0" + (delay + frame) * 3 + b";"
    media = MediaFile(mime="image/gif", size=len(content), width=10, height=10)
    media.file.save("a.gif", ContentFile(content), save=False)
    judged = _look_into(media, MediumDraft("image", "image/gif", len(content), "a.gif"))
    assert (judged.frames, judged.seconds) == (3, 1.5)
