"""What each person reads where a merge field stands, from the launch to the wire."""

import json

import pytest
from django.utils import timezone

from campaigns.gateways import errors
from campaigns.models import Campaign, Contact, Message, MmsRevision, SavedMms
from campaigns.rules.mergefields import MissingValue, as_text
from campaigns.rules.problems import RuleBroken
from campaigns.rules.statuses import MessageStatus, SavedStatus
from campaigns.services import dispatch
from campaigns.services.campaigns import launch_campaign
from campaigns.services.filling import fill_outbox
from campaigns.services.outbox import count_statuses
from campaigns.services.trying import send_test
from campaigns.services.wording import letter_of, names_in
from campaigns.tests.fakes import FakeGateway

S = MessageStatus
HELLO = "Hello {{ first_name|there }} from {{ City|our town }}"


class Listener(FakeGateway):
    """Keeps what it was asked to send."""

    def __init__(self, answer=None):
        super().__init__(answer)
        self.heard = []

    def _send(self, mms):
        with self.lock:
            self.heard.append(mms)
        return super()._send(mms)

    def texts(self):
        return {mms.to: dict(mms.own.texts)[1] if mms.own else None for mms in self.heard}


@pytest.fixture
def launched(make_campaign, make_mms, marketer):
    def make(text=HELLO, people=(), saved_id="", **fields):
        campaign = make_campaign(contacts=len(people), mms=make_mms(text=text, **fields))
        # Somebody elsewhere has these attributes, so their fields are no slips of the pen.
        known_elsewhere = {"City": "Ulm", "a": "b"}
        Contact.objects.create(phone="12065550188", attributes=known_elsewhere)
        for contact, known in zip(
            Contact.objects.filter(lists__campaigns=campaign).order_by("pk"), people, strict=True
        ):
            Contact.objects.filter(pk=contact.pk).update(**{"first_name": "", **known})
        campaign.channel.requests_per_second = 5000
        campaign.channel.save()
        if saved_id:
            SavedMms.objects.create(
                revision=campaign.mms.head,
                channel=campaign.channel,
                mms_id=saved_id,
                reference="saved-1",
                status=SavedStatus.READY,
            )
        launch_campaign(campaign, by=marketer)
        fill_outbox(campaign.pk, timezone.now())
        campaign.refresh_from_db()
        return campaign

    return make


def sent(campaign, answer=None):
    gateway = Listener(answer)
    dispatch.send_due(campaign.channel_id, gateway=gateway)
    return gateway


def test_everybody_reads_their_own_words(launched):
    people = [{"first_name": "Ada", "attributes": {"City": "Köln"}}, {}]
    campaign = launched(people=people)
    first, second = campaign.messages.order_by("contact_id").values_list("phone", flat=True)
    assert sent(campaign).texts() == {
        first: "Hello Ada from Köln",
        second: "Hello there from our town",
    }


def test_the_shared_content_never_shows_a_merge_field(launched):
    campaign = launched(
        people=[{}], subject="For {{ first_name|you }}", fallback_text="Hi {{ a|b }}"
    )
    letter = letter_of(campaign.revision, sender="12015550100", channel=campaign.channel)
    assert "{{" not in repr(letter.content)


def test_values_are_those_of_the_launch(launched):
    campaign = launched(people=[{"first_name": "Ada"}])
    Contact.objects.update(first_name="Somebody else")
    assert list(sent(campaign).texts().values()) == ["Hello Ada from our town"]


@pytest.mark.parametrize(
    ("value", "read"),
    [("  Bonn ", "Bonn"), (7, "7"), (7.0, "7"), (2.5, "2.5"), (True, "yes"), (None, "our town")],
)
def test_attributes_of_any_kind_are_read(launched, value, read):
    campaign = launched(people=[{"attributes": {"City": value}}])
    assert list(sent(campaign).texts().values()) == [f"Hello there from {read}"]


def test_an_attribute_with_an_odd_name_is_found(launched):
    name = "Wie's heißt: $.a[0]"
    campaign = launched(f"{{{{ {name}|? }}}}", people=[{"attributes": {name: "so"}}])
    assert json.loads(campaign.messages.get().merge_values) == {name: "so"}


def test_without_merge_fields_nothing_is_kept_of_anybody(launched):
    campaign = launched("20 % off", people=[{"first_name": "Ada"}])
    assert campaign.messages.get().merge_values == ""
    assert sent(campaign).heard[0].own is None


def test_who_lost_a_needed_value_after_the_check_is_skipped_with_the_reason(launched):
    campaign = launched(
        "Hello {{ first_name }}", people=[{"first_name": "Ada"}, {"first_name": "Ben"}]
    )
    gap = campaign.messages.first()
    Message.objects.filter(pk=gap.pk).update(merge_values='{"first_name": ""}')
    gateway = sent(campaign)
    gap.refresh_from_db()
    assert gap.status == S.SKIPPED
    assert "calls for first name" in gap.reason
    assert gap.phone not in gateway.sent
    assert count_statuses(campaign) == {S.ACCEPTED: 1, S.SKIPPED: 1}


def test_a_saved_template_goes_out_with_the_words_of_each(launched):
    campaign = launched(people=[{"first_name": "Ada"}], saved_id="35674")
    [mms] = sent(campaign).heard
    assert mms.content.saved_id == "35674"
    assert mms.content.slides == ()
    assert mms.own.texts == ((1, "Hello Ada from our town"),)


def test_a_letter_without_a_needed_value_is_not_written(launched):
    campaign = launched("Hello {{ first_name }}", people=[{"first_name": "Ada"}])
    letter = letter_of(campaign.revision, sender="12015550100", channel=campaign.channel)
    with pytest.raises(MissingValue):
        letter.to("12015550123", "r-1")


def test_a_letter_names_the_request_it_goes_in_with_others(launched):
    campaign = launched(people=[{}])
    letter = letter_of(campaign.revision, sender="12015550100", channel=campaign.channel)
    assert letter.to("12015550123", "r-1", batch_reference="b-7").batch_reference == "b-7"
    assert letter.to("12015550123", "r-1").batch_reference == ""


def test_names_are_found_in_every_text(make_mms):
    revision = make_mms(text="{{ a }}", subject="{{ b }}", fallback_text="{{ c|x }} {{ a }}").head
    assert set(names_in(revision)) == {"a", "b", "c"}
    MmsRevision.objects.update(fallback=False)
    revision.refresh_from_db()
    assert set(names_in(revision)) == {"a", "b"}


@pytest.mark.parametrize("value", [[], {}, None, [1]])
def test_what_is_no_word_reads_as_nothing(value):
    assert as_text(value) == ""


# --- A template that is gone -------------------------------------------------------------------


def gone_while_saved(mms):
    if mms.content.saved_id:
        return errors.Refused("Gone.", code="E241", is_template_gone=True)
    return None


def test_a_template_that_is_gone_gives_way_to_the_slides_and_nobody_is_lost(launched):
    campaign = launched(people=[{"first_name": f"Ann {n}"} for n in range(30)], saved_id="35674")
    gateway = sent(campaign, gone_while_saved)
    campaign.refresh_from_db()
    assert count_statuses(campaign) == {S.ACCEPTED: 30}
    assert {mms.to for mms in gateway.heard if not mms.content.saved_id} == set(gateway.sent)
    assert campaign.saved_id == ""
    assert "35674" in campaign.saved_note


def test_a_template_that_is_gone_is_saved_again_once(launched):
    campaign = launched(people=[{}] * 20, saved_id="35674")
    sent(campaign, gone_while_saved)
    saved = SavedMms.objects.get()
    assert (saved.status, saved.mms_id) == (SavedStatus.SAVING, "")
    assert saved.reference != "saved-1"


def test_what_stays_gone_fails_at_last(launched):
    campaign = launched(people=[{}], saved_id="35674")
    error = errors.Refused("Gone.", code="E241", is_template_gone=True)
    gateway = sent(campaign, lambda mms: error)
    assert count_statuses(campaign) == {S.FAILED: 1}
    assert sum(gateway.sent.values()) < 10


# --- Tests ---------------------------------------------------------------------------------------


def test_a_test_reads_as_the_contact_with_that_number_would(launched, marketer):
    campaign = launched(people=[{"first_name": "Ada"}])
    phone = campaign.messages.get().phone
    for number in (phone, "12015550199"):
        send_test(campaign.revision, campaign.channel, campaign.sender, number, by=marketer)
    Campaign.objects.update(status="paused")
    texts = sent(campaign).texts()
    assert texts[phone] == "Hello Ada from our town"
    assert texts["12015550199"] == "Hello there from our town"


def test_a_test_to_a_stranger_says_by_name_what_is_not_known(launched, marketer):
    campaign = launched(people=[{"first_name": "Ada"}], text="Hello {{ first_name }}")
    numbers = campaign.channel, campaign.sender, "12015550199"
    with pytest.raises(RuleBroken, match="Nothing is known for “First name” of this number"):
        send_test(campaign.revision, *numbers, by=marketer)


def test_a_test_shows_the_saved_template_as_a_campaign_would(launched, marketer):
    campaign = launched(people=[{}], saved_id="35674")
    Campaign.objects.update(status="paused")
    send_test(campaign.revision, campaign.channel, campaign.sender, "12015550199", by=marketer)
    [mms] = sent(campaign).heard
    assert mms.content.saved_id == "35674"


def test_no_file_or_slide_is_read_for_each_message(launched, django_assert_max_num_queries):
    campaign = launched(people=[{}] * 30)
    with django_assert_max_num_queries(60):
        sent(campaign)
