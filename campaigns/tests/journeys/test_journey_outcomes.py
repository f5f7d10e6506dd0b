"""From launch to the last report: what becomes of a message, for every story of the sandbox."""

import pytest
from running import wait_for

pytestmark = pytest.mark.journey

#: The ending of a number → the state its message ends in (campaigns/sandbox/stories.py).
ENDS_AS = {
    "00": "Delivered",
    "60": "No receipt",
    "61": "Delivered as SMS",
    "62": "Delivered as SMS",
    "63": "Failed",
    "64": "Expired",
    "65": "Failed",
    "66": "Failed",
    "67": "Delivered",  # reports out of order
    "68": "Delivered",  # report before the answer
    "69": "Delivered",  # every report twice
    "70": "Delivered",  # an unknown report between
    "71": "Failed",
    "72": "Delivered",
    "73": "Failed",
    "74": "Failed",
    "76": "Delivered",  # after it had expired
    "80": "Failed",
    "81": "Failed",
    "82": "Delivered",  # throttled at first
    "83": "Unresolved",
    "84": "Failed",
    "86": "Failed",
    "88": "Delivered",  # no answer until the connection closes
    "89": "Unresolved",
    "90": "Unresolved",  # an HTML page
    "91": "Delivered",  # connection lost
    "92": "Unresolved",
    "93": "Delivered",  # an empty answer
    "97": "Delivered",
}


def phone(ending: str) -> str:
    return f"120855501{ending}"


def mixed_phones() -> list[str]:
    """Every story, each followed by one that delivers: troubles in a row would hold the lane."""
    pairs = zip(ENDS_AS, range(1, 60), strict=False)
    return [phone(ending) for story, plain in pairs for ending in (story, f"{plain:02d}")]


@pytest.fixture(scope="module")
def campaign(visitor, sender):
    """The page of a campaign to every ending that has come to its end."""
    page = visitor.launch("Every story", mixed_phones(), sender=sender)
    visitor.wait_until_done(page)
    return page


@pytest.mark.parametrize(("ending", "state"), ENDS_AS.items())
def test_every_story_ends_in_its_state(visitor, campaign, ending, state):
    wait_for(state, lambda: visitor.state_of(phone(ending)) == state, 10)


def test_every_recipient_is_counted_once(visitor, campaign):
    assert sum(visitor.counts(campaign).values()) == len(mixed_phones())


@pytest.mark.parametrize("ending", ["68", "69", "82", "88", "91", "93"])
def test_whatever_happens_on_the_way_a_phone_gets_it_once(visitor, campaign, ending):
    assert len(visitor.phone(phone(ending))) == 1


@pytest.mark.parametrize("ending", ["88", "89", "90", "91", "92", "93"])
def test_what_may_have_gone_is_never_sent_twice(visitor, campaign, ending):
    assert visitor.count_calls(phone(ending)) == 1


def test_what_was_throttled_is_tried_again(visitor, campaign):
    assert visitor.count_calls(phone("82")) == 2


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("80", "does not accept the recipient's number"),
        ("64", "could not deliver it in time"),
        ("66", "The carrier refused it"),
        ("86", "E977, which we do not know"),
        ("92", "may have gone"),
    ],
)
def test_what_went_wrong_is_told_in_words(visitor, campaign, ending, words):
    assert words in visitor.messages_to(phone(ending))[0]["why"]


def test_an_unknown_report_is_kept_and_shown(visitor, campaign):
    message = visitor.read(visitor.messages_to(phone("70"))[0]["path"])
    assert "Unknown code" in message
    assert "N777" in message


def test_a_picture_sent_back_is_in_the_inbox(visitor, sender):
    visitor.launch("Replies", [phone("96")], sender=sender)
    wait_for("the reply", lambda: "Here is mine!" in visitor.read("admin/campaigns/thread/"))


def test_who_answers_stop_is_skipped_by_the_next_campaign(visitor, sender):
    visitor.launch("Last words", [phone("95")], sender=sender)
    wait_for("the opt-out", lambda: is_opted_out(visitor, phone("95")))
    page = visitor.draft("One more", [phone("95"), phone("59")], sender=sender)
    visitor.press(page, "../launch", expected="1")
    visitor.wait_until_done(page)
    first, confirmation = visitor.phone(phone("95"))  # and nothing of the next campaign
    assert "Welcome" in first
    assert "opted out" in confirmation


def is_opted_out(visitor, number: str) -> bool:
    return "field-number_shown" in visitor.read(f"admin/campaigns/optout/?q=%2B{number}")
