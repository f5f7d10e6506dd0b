"""Formats and channels: who carries what, what is found, what arrives, what is kept."""

from dataclasses import replace

import pytest

from campaigns.models import MmsRevision
from campaigns.rules.formats import Choice, ChoiceKind, Format, WrittenPlace
from campaigns.rules.problems import RuleBroken
from campaigns.services.content_checks import capacity_of, find_draft_problems
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft, as_plain, draft_of
from campaigns.services.formats import list_offers, tell_format
from campaigns.services.media import store_media
from campaigns.services.template_saving import save_to_provider
from campaigns.services.templates import list_shelves, tell_not_kept
from campaigns.services.transcoding import arriving
from campaigns.services.version_comparing import compare_versions
from campaigns.services.versions import restore_version
from campaigns.tests import samples

pytestmark = pytest.mark.django_db
F = Format
CARD = MmsDraft(
    name="Spring",
    format=F.CARD,
    slides=(DraftSlide("20 % off", title="Sale", choices=(Choice(title="Yes"),)),),
    fallback_text="See our offer",
)
PLACE = MmsDraft(
    name="Garden",
    format=F.LOCATION,
    slides=(),
    place=WrittenPlace("Garden", "", "52.5, 13.4"),
    fallback_text="See our offer",
)


@pytest.fixture
def channels(make_channel):
    return {
        kind: make_channel(name, kind=kind)
        for kind, name in (
            ("sinch_mms", "Main"),
            ("sinch_conversation", "Talk"),
            ("sinch_sms", "Batches"),
        )
    }


# --- Who carries what ----------------------------------------------------------------------------


def test_a_channel_offers_what_its_interface_carries(channels):
    carried = {
        kind: {offer.format for offer in list_offers(F.TEXT, capacity_of(row)) if offer.is_carried}
        for kind, row in channels.items()
    }
    assert carried["sinch_mms"] == {F.SLIDES}
    assert carried["sinch_conversation"] == set(F)
    assert {F.SLIDES, F.TEXT, F.MEDIA} <= carried["sinch_sms"] < set(F)


def test_what_a_channel_does_not_carry_is_told_with_where_it_goes(channels):
    main = channels["sinch_mms"]
    told = tell_format(F.SLIDES, main, capacity_of(main))
    assert "“Main” does not carry Text, File or Card: choose “Batches” or “Talk” for that." in told
    others = "Question with choices, Cards in a row or Place"
    assert told.endswith(f"for that. Nor {others}: choose “Talk” for that.")


def test_without_such_a_channel_its_interface_is_named(make_channel):
    main = make_channel("Main")
    told = tell_format(F.SLIDES, main, capacity_of(main))
    assert "that takes a channel of Sinch Conversation API" in told


def test_without_a_channel_it_is_told_who_carries_the_format(channels):
    told = tell_format(F.SLIDES, None, capacity_of(None))
    assert told.endswith("Every channel here carries slides, “Batches” and “Talk” only one.")
    told = tell_format(F.CAROUSEL, None, capacity_of(None))
    assert told.endswith("Of the channels here, “Talk” carries cards in a row.")


def test_no_choices_are_promised_of_a_channel_that_carries_none(channels):
    batches, talk = channels["sinch_sms"], channels["sinch_conversation"]
    bare = "“Batches” carries it without choices."
    assert bare in tell_format(F.CARD, batches, capacity_of(batches))
    assert bare in tell_format(F.CARD, None, capacity_of(None))
    assert "without choices" not in tell_format(F.CARD, talk, capacity_of(talk))
    assert "without choices" not in tell_format(F.TEXT, batches, capacity_of(batches))


def test_a_card_with_choices_goes_by_no_channel_without(channels):
    said = [str(found) for found in find_draft_problems(CARD, channels["sinch_sms"])[0]]
    assert said == ["This channel carries no choices. Take them out, or choose another channel."]
    assert find_draft_problems(CARD, channels["sinch_conversation"])[0] == []


def test_a_card_on_a_channel_for_slides_is_a_problem(channels):
    assert find_draft_problems(CARD, channels["sinch_conversation"])[0] == []
    [found] = find_draft_problems(CARD, channels["sinch_mms"])[0]
    assert (found.place, found.where) == ("format", "Format")


@pytest.mark.parametrize("format", F)
def test_whatever_leads_somewhere_says_where(format, make_channel, settings, tmp_path):
    """A link on the page needs words."""
    settings.MEDIA_ROOT = tmp_path
    png = store_media(samples.upload("a.png", samples.picture("PNG")), by=None)
    slide = DraftSlide("", (png, png), choices=(Choice(ChoiceKind.URL),))
    draft = MmsDraft(format=format, slides=(slide,), choices=(Choice(),))
    for channel in (None, make_channel(kind="sinch_conversation")):
        for found in [found for part in find_draft_problems(draft, channel) for found in part]:
            assert found.where or not found.place, found


# --- What arrives --------------------------------------------------------------------------------


def test_a_card_arrives_as_a_subject_a_text_and_a_file(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    picture = store_media(samples.upload("a.jpg", samples.picture()), by=None)
    shown = arriving(replace(CARD, slides=(replace(CARD.slides[0], media=(picture,)),)))
    assert shown.subject == "Sale"
    assert shown.slides == (DraftSlide("20 % off\n> YES", (picture,)),)


def test_only_slides_may_have_a_link_in_the_sms():
    slides = MmsDraft(slides=(DraftSlide("a"),))
    assert arriving(slides).fallback_link
    assert not arriving(slides, adds_link=False).fallback_link
    assert not arriving(CARD).fallback_link


def test_what_is_not_written_yet_shows_nothing():
    assert arriving(replace(PLACE, place=WrittenPlace("Garden", "", "52.5,"))).slides == ()


# --- What is kept --------------------------------------------------------------------------------


def test_templates_are_kept_where_the_interface_keeps_them(channels, marketer):
    slides = save_draft(None, MmsDraft(name="S", slides=(DraftSlide("a"),)), by=marketer)
    assert [str(shelf.channel) for shelf in list_shelves(slides.mms)] == ["Main"]
    assert tell_not_kept(slides) == (
        "“Batches” and “Talk” keep no templates: there the message itself is sent."
    )
    with pytest.raises(RuleBroken, match="keeps no template"):
        save_to_provider(slides, channels["sinch_conversation"], by=marketer)


def test_a_card_is_no_template(channels, marketer):
    card = save_draft(None, CARD, by=marketer)
    assert list_shelves(card.mms) == []
    assert "Templates hold slides only" in tell_not_kept(card)
    with pytest.raises(RuleBroken, match="keeps no template"):
        save_to_provider(card, channels["sinch_mms"], by=marketer)


# --- Versions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "summary"),
    [
        (replace(CARD.slides[0], title="Bread"), "Card 1: title."),
        (replace(CARD.slides[0], choices=()), "Card 1: choices."),
    ],
)
def test_versions_tell_titles_and_choices(marketer, after, summary):
    one = save_draft(None, CARD, by=marketer)
    MmsRevision.objects.filter(pk=one.pk).update(frozen_at="2026-01-01T00:00Z")
    other = save_draft(one.mms, replace(CARD, slides=(after,)), by=marketer)
    assert compare_versions(one, other).summary == summary
    assert draft_of(restore_version(one.mms, 1, by=marketer)) == CARD


def test_another_format_and_place_are_told(marketer):
    one = save_draft(None, CARD, by=marketer)
    MmsRevision.objects.filter(pk=one.pk).update(frozen_at="2026-01-01T00:00Z")
    other = save_draft(one.mms, replace(PLACE, name="Spring"), by=marketer)
    summary = compare_versions(one, other).summary
    assert summary == "Format: card, now place; card 1 removed; place."


@pytest.mark.parametrize(
    "other",
    [
        replace(CARD, format=F.CAROUSEL),
        replace(CARD, slides=(replace(CARD.slides[0], title="x"),)),
        replace(CARD, slides=(replace(CARD.slides[0], choices=()),)),
        replace(CARD, choices=(Choice(),)),
        replace(CARD, place=WrittenPlace("x")),
    ],
)
def test_whatever_is_sent_marks_what_somebody_looked_at(other):
    assert as_plain(other) != as_plain(CARD)
