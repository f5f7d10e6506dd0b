"""The phone's dress is remembered, and the page says what the message weighs and how long it is."""

import pytest
from django.test import RequestFactory

from campaigns.admin import phone
from campaigns.models import Sender
from campaigns.services.drafts import DraftSlide, MmsDraft


@pytest.fixture
def ask():
    """The context of the part, for a draft and what was posted or kept."""

    def ask(draft=None, cookie="", sender=None, **fields):
        request = RequestFactory().post("/", fields)
        if cookie:
            request.COOKIES["magpie-phone"] = cookie
        draft = draft or MmsDraft()
        return phone.context(request, mms=None, draft=draft, channel=None, sender=sender)

    return ask


def test_a_phone_is_dressed_as_it_was_left(ask):
    assert ask()["dress"] == "ios"
    kept = ask(cookie="android-dark")
    assert (kept["dress"], kept["shade"], kept["face"]) == ("android", "dark", "mms")


def test_what_is_chosen_on_the_page_goes_first(ask):
    chosen = ask(cookie="android-dark", dress="ios", shade="light", face="group")
    assert (chosen["dress"], chosen["shade"], chosen["face"]) == ("ios", "light", "group")


def test_a_choice_that_there_is_not_is_not_taken(ask):
    odd = ask(dress="<b>", shade="dim", face="fax")
    assert (odd["dress"], odd["shade"], odd["face"]) == ("ios", "light", "mms")


def test_the_choice_stands_in_the_address_too():
    request = RequestFactory().get("/", {"face": "sms"})
    found = phone.context(request, mms=None, draft=MmsDraft(), channel=None, sender=None)
    assert found["face"] == "sms"


def test_the_link_is_counted_in_only_where_it_is_sent(ask):
    text = "x" * 150
    assert ask(MmsDraft(fallback_text=text))["sms"].parts == 2
    assert ask(MmsDraft(fallback_text=text, fallback_link=False))["sms"].parts == 1
    assert ask(MmsDraft(fallback_text=text, fallback=False))["link_length"] == 0


def test_what_forces_unicode_is_named_and_what_can_be_replaced_is_counted(ask):
    found = ask(MmsDraft(fallback_text="“Sale” — 🎉"))
    assert [item.char for item in found["forcing"]] == ["“", "”", "—", "🎉"]
    assert found["replaceable"] == 3


def test_the_class_of_the_sender_decides_what_carriers_take(ask):
    draft = MmsDraft(slides=(DraftSlide("x" * 960_000),))
    short_code, unknown = Sender(kind="short_code"), None
    assert ask(draft, sender=short_code)["meter"].verdict.words.endswith("heavy for some phones")
    heavy = MmsDraft(slides=(DraftSlide("x" * 1_100_000),))
    limits = {
        c.name: c.limit for c in ask(heavy, sender=Sender(kind="10dlc"))["meter"].verdict.carriers
    }
    assert limits["T-Mobile"] == 2_306_867
    assert ask(heavy, sender=unknown)["meter"].verdict.tone == "bad"


def test_the_meter_shows_each_slide(ask):
    draft = MmsDraft(slides=(DraftSlide("x" * 10), DraftSlide("x" * 90_000)))
    meter = ask(draft)["meter"]
    assert [part.size for part in meter.parts] == [10, 90_000]
    assert meter.heaviest.number == 2


def test_a_merge_field_counts_as_what_stands_there_for_nobody(ask):
    found = ask(
        MmsDraft(subject="Hi {{ first_name|Ann }}", fallback_text="{{ first_name|you }}, see")
    )
    assert found["subject_count"].words.startswith("6 of 40")
    assert (found["fallback_length"], found["sms"].parts) == (8, 1)
