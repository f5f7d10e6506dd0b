"""Cards of the gallery: few questions, one state each, found by what they say."""

import pytest
from django.utils import timezone

from campaigns.models import Mms, SavedMms
from campaigns.rules.templates import TemplateState
from campaigns.services.content import freeze
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of
from campaigns.services.gallery import in_state, make_cards, saved_on, saying, used, with_heads
from campaigns.services.media import store_media
from campaigns.services.reports import count_needs
from campaigns.services.samples import sample_image, sample_vcard
from campaigns.tests import samples

pytestmark = pytest.mark.django_db
T = TemplateState


def rows():
    return with_heads(Mms.objects.order_by("pk"))


def card_of(mms):
    return make_cards(list(rows().filter(pk=mms.pk)))[0]


@pytest.fixture
def channels(make_channel):
    return [make_channel("One"), make_channel("Two")]


@pytest.fixture
def save(channels):
    def save(mms, status, channel=0):
        SavedMms.objects.create(
            revision=freeze(mms.head, timezone.now()),
            channel=channels[channel],
            reference=f"{mms.pk}-{mms.head.pk}-{channel}",
            status=status,
        )

    return save


@pytest.fixture
def edit(marketer):
    def edit(mms, text="Edited"):
        draft = MmsDraft(name=mms.name, slides=(DraftSlide(text),))
        return save_draft(mms, draft, by=marketer)

    return edit


@pytest.fixture
def of_every_state(make_mms, save, edit):
    """State → an MMS in it."""
    found = {}
    for state in (T.SAVING, T.TRANSCODING, T.READY, T.FAILED, T.IN_DOUBT):
        found[state] = make_mms(state.label)
        save(found[state], state.value)
    found[T.OUT_OF_DATE] = make_mms("Out of date")
    save(found[T.OUT_OF_DATE], "ready")
    edit(found[T.OUT_OF_DATE])
    found[T.NONE] = make_mms("Draft")
    return found


def test_each_card_has_the_state_of_its_working_version(of_every_state):
    assert {card_of(mms).state: mms for mms in of_every_state.values()} == of_every_state


def test_the_filter_finds_what_the_card_shows(of_every_state):
    for state, mms in of_every_state.items():
        assert list(in_state(rows(), state)) == [mms]


def test_of_two_channels_the_one_that_needs_somebody_counts(make_mms, save):
    mms = make_mms()
    save(mms, "ready", channel=0)
    save(mms, "failed", channel=1)
    assert card_of(mms).state == T.FAILED
    assert list(in_state(rows(), T.FAILED)) == [mms]
    assert not in_state(rows(), T.READY).exists()


def test_a_failed_save_of_an_older_version_is_forgotten(make_mms, save, edit):
    mms = make_mms()
    save(mms, "failed")
    edit(mms)
    assert card_of(mms).state == T.NONE
    assert list(in_state(rows(), T.NONE)) == [mms]


def test_today_counts_what_the_gallery_shows_as_failed(make_mms, save, edit):
    broken, mended = make_mms("Broken"), make_mms("Mended")
    for mms in (broken, mended):
        save(mms, "failed", channel=0)
        save(mms, "failed", channel=1)
    edit(mended)
    assert count_needs().failed_templates == 1
    assert list(in_state(rows(), T.FAILED)) == [broken]


def test_a_card_shows_the_newest_version(make_mms, settings, tmp_path, marketer):
    settings.MEDIA_ROOT = tmp_path
    card = store_media(samples.upload(*sample_vcard()), by=None)
    picture = store_media(samples.upload(*sample_image()), by=None)
    mms = make_mms()
    freeze(mms.head, timezone.now())
    slides = (DraftSlide("", (card,)), DraftSlide("Hello", (picture,)))
    save_draft(mms, MmsDraft(name="Spring sale", slides=slides), by=marketer)
    found = card_of(mms)
    assert (found.slide_count, found.picture, found.words) == (2, picture, "Hello")
    assert found.size == draft_of(mms.head).size


def test_words_are_found_in_names_subjects_and_slides_of_the_working_version(make_mms, edit):
    spring = make_mms("Spring", text="Fresh eggs and tulips", subject="Easter")
    summer = make_mms("Summer", text="Ice cream")
    assert list(saying(rows(), "SPRING")) == [spring]
    assert list(saying(rows(), "tulips spring")) == [spring]
    assert list(saying(rows(), "easter")) == [spring]
    assert not saying(rows(), "tulips cream").exists()
    freeze(summer.head, timezone.now())
    edit(summer, "Lemonade")
    assert not saying(rows(), "cream").exists()
    assert list(saying(rows(), "lemonade")) == [summer]


def test_use_and_channel_are_asked(make_campaign, make_mms, save, channels):
    sent, idle = make_campaign(0).mms, make_mms("Idle")
    save(idle, "ready", channel=1)
    assert list(used(rows(), True)) == [sent]
    assert list(used(rows(), False)) == [idle]
    assert list(saved_on(rows(), channels[1].pk)) == [idle]
    assert not saved_on(rows(), channels[0].pk).exists()
    assert card_of(sent).campaign_count == 1


def test_cards_of_long_histories_ask_no_more(make_mms, edit, save, django_assert_num_queries):
    mms = make_mms()
    make_mms("Other")
    for number in range(5):
        save(mms, "ready")
        edit(mms, f"Words {number}")
    with django_assert_num_queries(6):
        assert len(make_cards(list(rows()))) == 2
