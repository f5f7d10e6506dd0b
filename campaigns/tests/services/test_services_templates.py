"""What is saved where, what a campaign would send, and templates that the provider lost."""

import pytest
from django.utils import timezone

from campaigns.gateways.errors import Refused
from campaigns.gateways.outcomes import Outcome
from campaigns.models import AuditEntry, Campaign, MediaFile, SavedMms
from campaigns.rules.statuses import SavedStatus
from campaigns.rules.templates import TemplateState
from campaigns.services.content import freeze
from campaigns.services.content_writing import save_draft
from campaigns.services.drafts import DraftSlide, MmsDraft, draft_of
from campaigns.services.outbox import Claimed
from campaigns.services.outcomes import Troubles, act_on
from campaigns.services.template_saving import resave_gone, save_to_provider
from campaigns.services.templates import explain_choice, find_ready_id, list_shelves

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(make_channel):
    return make_channel("Main")


@pytest.fixture
def mms(make_mms):
    return make_mms()


@pytest.fixture
def save(channel, marketer):
    """Has the working version saved on the channel, as if the provider had answered."""

    def save(mms, status=SavedStatus.READY, *, on=None, mms_id="35674", reason=""):
        row = save_to_provider(mms.head, on or channel, by=marketer)
        SavedMms.objects.filter(pk=row.pk).update(status=status, mms_id=mms_id, reason=reason)
        return row

    return save


@pytest.fixture
def edit(marketer):
    def edit(mms, text):
        draft = MmsDraft(name=mms.name, slides=(DraftSlide(text),), fallback_text="See:")
        return save_draft(mms, draft, by=marketer)

    return edit


def make_video(size):
    return MediaFile.objects.create(
        name="film.mp4",
        kind="video",
        mime="video/mp4",
        size=size,
        sha256=str(size),
        public_name=f"{size}.mp4",
    )


# --- Shelves -----------------------------------------------------------------------------------


def test_every_channel_has_a_shelf(mms, channel, make_channel, save):
    make_channel("Other")
    save(mms)
    shelves = {shelf.channel.name: shelf for shelf in list_shelves(mms)}
    assert shelves["Main"].state == TemplateState.READY
    assert not shelves["Main"].may_save
    assert (shelves["Other"].state, shelves["Other"].row) == (TemplateState.NONE, None)
    assert shelves["Other"].may_save


def test_an_edit_puts_the_template_out_of_date_and_names_both_versions(mms, save, edit):
    save(mms)
    edit(mms, "Other words")
    [shelf] = list_shelves(mms)
    assert shelf.state == TemplateState.OUT_OF_DATE
    assert shelf.sentence == "Edited since: version 1 is saved, you are writing version 2."
    assert shelf.row.mms_id == "35674"
    assert shelf.may_save
    assert not shelf.is_waiting


def test_saving_the_edit_makes_it_ready_again(mms, save, edit):
    save(mms)
    edit(mms, "Other words")
    save(mms, mms_id="99999")
    [shelf] = list_shelves(mms)
    assert (shelf.state, shelf.row.mms_id) == (TemplateState.READY, "99999")


def test_a_template_that_failed_before_an_edit_is_nothing_to_keep(mms, save, edit):
    save(mms, SavedStatus.FAILED, mms_id="", reason="No.")
    edit(mms, "Other words")
    [shelf] = list_shelves(mms)
    assert (shelf.state, shelf.row) == (TemplateState.NONE, None)


def test_the_newest_of_several_older_templates_is_shown(mms, save, edit):
    for number in range(1, 4):
        save(mms, mms_id=str(number))
        edit(mms, f"Words {number}")
    [shelf] = list_shelves(mms)
    assert (shelf.row.mms_id, shelf.row.revision.number) == ("3", 3)


def test_a_failed_one_tells_its_reason_and_leads_to_the_slide(mms, save):
    save(mms, SavedStatus.FAILED, reason="Slide 1, “a.jpg”: No.")
    [shelf] = list_shelves(mms)
    assert (shelf.slide, shelf.sentence) == (1, "Slide 1, “a.jpg”: No.")
    assert shelf.may_save


@pytest.mark.parametrize("status", [SavedStatus.SAVING, SavedStatus.TRANSCODING])
def test_what_is_under_way_is_waited_for(mms, save, status):
    save(mms, status)
    [shelf] = list_shelves(mms)
    assert shelf.is_waiting
    assert not shelf.may_save


def test_shelves_ask_a_fixed_number_of_questions(
    mms, save, edit, make_channel, django_assert_num_queries
):
    with django_assert_num_queries(5):
        list_shelves(mms)
    for number in range(5):
        save(mms, mms_id=str(number))
        save(mms, on=make_channel(f"Channel {number}"), mms_id=f"{number}0")
        edit(mms, f"Words {number}")
    with django_assert_num_queries(5):
        list_shelves(mms)


# --- The choice --------------------------------------------------------------------------------


def test_a_ready_template_is_chosen(mms, channel, save):
    save(mms)
    choice = explain_choice(mms.head, channel)
    assert (choice.uses_saved, choice.mms_id) == (True, "35674")
    assert find_ready_id(mms.head.pk, channel.pk) == "35674"


def test_a_template_of_another_version_or_channel_is_not(mms, channel, save, edit, make_channel):
    save(mms)
    assert not explain_choice(mms.head, make_channel("Other")).uses_saved
    edit(mms, "Other words")
    choice = explain_choice(mms.head, channel)
    assert not choice.uses_saved
    assert choice.sentence.endswith("because version 1 is saved and this is version 2.")
    assert find_ready_id(mms.head.pk, channel.pk) == ""


def test_the_choice_of_a_version_does_not_look_at_later_ones(mms, channel, save, edit):
    first = mms.head
    edit_before = save(mms, SavedStatus.FAILED, mms_id="")
    edit(mms, "Other words")
    save(mms)
    assert edit_before.revision == first
    choice = explain_choice(first, channel)
    assert choice.sentence.endswith("because version 1 could not be saved.")


def test_a_later_template_says_nothing_of_an_older_version(mms, channel, save, edit, marketer):
    first = freeze(mms.head, timezone.now())
    edit(mms, "Other words")
    save(mms)
    choice = explain_choice(first, channel)
    assert choice.sentence.endswith("because nothing of it is saved on “Main”.")


def test_much_video_is_weighed_over_all_slides(channel, marketer):
    slides = tuple(DraftSlide("", (make_video(size),)) for size in (200_000, 250_000))
    draft = MmsDraft(name="Film", slides=slides, fallback_text="See:")
    revision = save_draft(None, draft, by=marketer)
    choice = explain_choice(revision, channel, recipients=4812)
    assert choice.is_urgent
    assert "450 KB of video" in choice.advice
    assert "once instead of 4,812 times" in choice.advice


def test_without_a_version_or_a_channel_nothing_is_chosen(mms, channel):
    assert explain_choice(None, channel) is None
    assert explain_choice(mms.head, None) is None


# --- Gone --------------------------------------------------------------------------------------


def test_a_template_that_is_gone_is_saved_again(
    mms, channel, save, django_capture_on_commit_callbacks
):
    row = save(mms)
    with django_capture_on_commit_callbacks() as rung:
        resave_gone(mms.head.pk, channel.pk, "35674")
    again = SavedMms.objects.get()
    assert (again.pk, again.status, again.mms_id) == (row.pk, SavedStatus.SAVING, "")
    assert "35674" in again.reason
    assert again.reference != row.reference
    assert again.started_at is None
    assert len(rung) == 1
    entry = AuditEntry.objects.get(verb="mms.saved_again")
    assert (entry.actor, entry.after) == (None, {"channel": "Main", "gone": "35674"})


def test_many_who_meet_the_gap_save_it_once(mms, channel, save, django_capture_on_commit_callbacks):
    save(mms)
    with django_capture_on_commit_callbacks() as rung:
        for _ in range(5):
            resave_gone(mms.head.pk, channel.pk, "35674")
    assert len(rung) == 1
    assert AuditEntry.objects.filter(verb="mms.saved_again").count() == 1


def test_what_was_saved_again_meanwhile_is_left_alone(mms, channel, save):
    save(mms, mms_id="99999")
    resave_gone(mms.head.pk, channel.pk, "35674")
    resave_gone(mms.head.pk, channel.pk, "")
    row = SavedMms.objects.get()
    assert (row.status, row.mms_id) == (SavedStatus.READY, "99999")


def test_only_a_ready_template_can_be_gone(mms, channel, save):
    save(mms, SavedStatus.FAILED)
    resave_gone(mms.head.pk, channel.pk, "35674")
    assert SavedMms.objects.get().status == SavedStatus.FAILED


def test_a_gone_template_of_an_older_version_is_saved_as_that_version(mms, channel, save, edit):
    first = save(mms).revision
    edit(mms, "Other words")
    resave_gone(first.pk, channel.pk, "35674")
    row = SavedMms.objects.get()
    assert row.revision == first
    assert draft_of(row.revision).slides[0].text == "20 % off"


@pytest.mark.parametrize("is_test", [False, True])
def test_late_answers_about_a_gone_template_leave_the_one_saved_since(make_campaign, save, is_test):
    campaign = make_campaign(0)
    save(campaign.mms, on=campaign.channel)
    revision = campaign.mms.head
    Campaign.objects.update(saved_id="35674", revision=revision, status="sending")
    of = None if is_test else campaign.pk
    parcel = Claimed(1, of, revision.pk, "12015550123", "12015550100", "r", 0, 0)
    error = Refused("Gone.", code="E241", is_template_gone=True)
    gone = Outcome("r", error=error, saved_id="35674")
    act_on(campaign.channel, parcel, gone, Troubles())
    SavedMms.objects.update(status=SavedStatus.READY, mms_id="99999")
    act_on(campaign.channel, parcel, gone, Troubles())
    row = SavedMms.objects.get()
    assert (row.status, row.mms_id) == (SavedStatus.READY, "99999")
    campaign.refresh_from_db()
    assert campaign.saved_id == ""
    assert "35674" in campaign.saved_note
