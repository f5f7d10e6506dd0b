"""The gallery of MMS: cards with one ribbon, found by words, at any number of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Mms, MmsRevision, SavedMms, Slide
from campaigns.services.content import freeze

pytestmark = pytest.mark.django_db
GALLERY = "/admin/campaigns/mms/"


@pytest.fixture
def look(sign_in, marketer):
    client = sign_in(marketer)
    return lambda **asked: client.get(GALLERY, asked).content.decode()


@pytest.fixture
def many():
    """3,000 MMS of three slides each."""

    def make(count):
        all_mms = Mms.objects.bulk_create(Mms(name=f"MMS {number}") for number in range(count))
        revisions = MmsRevision.objects.bulk_create(MmsRevision(mms=mms) for mms in all_mms)
        Slide.objects.bulk_create(
            Slide(revision=revision, position=position, text=f"Words {revision.pk}")
            for revision in revisions
            for position in (1, 2, 3)
        )

    return make


def test_an_empty_gallery_says_what_to_do(look):
    assert "No MMS yet." in look()


def test_a_card_has_one_ribbon_in_words(look, make_mms, make_channel):
    mms = make_mms()
    assert '<p class="ribbon ribbon--wait">Draft</p>' in look()
    for name, status in (("One", "ready"), ("Two", "failed")):
        SavedMms.objects.create(
            revision=freeze(mms.head, timezone.now()),
            channel=make_channel(name),
            reference=name,
            status=status,
        )
    page = look()
    assert page.count('class="ribbon') == 1
    assert '<p class="ribbon ribbon--bad">Failed</p>' in page


def test_a_card_tells_its_slides_weight_and_use(look, make_campaign):
    make_campaign(0)
    page = look()
    assert "1 slide · 8 bytes" in page
    assert "In 1 campaign<" in page


def test_it_is_searched_by_the_words_on_the_slides(look, make_mms):
    make_mms("Spring", text="Tulips for you")
    make_mms("Summer", text="Ice cream")
    page = look(q="tulips")
    assert "Spring" in page
    assert "Summer" not in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"state": "none"}, {"Idle", "Sent"}),
        ({"state": "ready"}, set()),
        ({"state": "nonsense"}, {"Idle", "Sent"}),
        ({"used": "yes"}, {"Sent"}),
        ({"used": "no"}, {"Idle"}),
        ({"used": "no", "state": "none", "q": "idle"}, {"Idle"}),
    ],
)
def test_it_is_filtered(look, make_mms, make_campaign, asked, found):
    make_mms("Idle")
    make_campaign(0, mms=make_mms("Sent"))
    page = look(**asked)
    assert {name for name in ("Idle", "Sent") if f">{name}</a>" in page} == found


def test_channels_are_offered_where_there_is_a_choice(look, make_mms, make_channel):
    make_mms()
    first = make_channel("First")
    assert "Saved on" not in look()
    make_channel("Second")
    assert "Saved on" in look()
    assert "Nothing matches." in look(channel=first.pk)


def test_it_asks_the_same_for_three_and_three_thousand(
    look, many, make_mms, django_assert_num_queries
):
    for number in range(3):
        make_mms(f"Early {number}")
    with CaptureQueriesContext(connection) as few:
        look()
    many(3000)
    with django_assert_num_queries(len(few)):
        page = look()
    assert page.count('class="ribbon') == 24
    assert "MMS 2999" in look(q="MMS 2999")


def test_a_long_history_is_not_loaded(look, make_mms, django_assert_num_queries):
    mms = make_mms()
    with CaptureQueriesContext(connection) as short:
        look()
    for number in range(2, 40):
        revision = MmsRevision.objects.create(mms=mms, number=number)
        Slide.objects.create(revision=revision, position=1, text=f"Words {number}")
    with django_assert_num_queries(len(short)):
        page = look()
    assert "Words 39" in page


@pytest.mark.parametrize("chosen", ["²", "9" * 30, "9" * 5000])
def test_a_channel_that_cannot_be_is_no_channel(look, make_mms, make_channel, chosen):
    make_mms()
    make_channel("One")
    make_channel("Two")
    assert "Spring sale" in look(channel=chosen)
