"""Status codes of an answer: every one has a class and a sentence."""

import logging

import pytest

from campaigns.gateways.errors import (
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unreachable,
)
from campaigns.gateways.sinch_mms.codes import CODES, error_of_code, error_of_status

#: reference/sinch-mms-json-api.md §4, and the two the sandbox adds.
REFERENCE = """
    E100 E103 E104 E105 E106 E107 E108 E110 E111 E112 E113 E114 E115 E120 E201 E212 E213 E214
    E223 E224 E225 E226 E227 E228 E229 E230 E241 E301 E302 E303 E304 E311 E312 E313 E314 E331
    E332 E333 E334 E335 E336 E337 E338 E341 E343 E351 E352 E353 E355 E356 E357 E358 E503 E618
    E619 E620 E622 E626 E627 E628 E629 E650 E651 E713 E714 E715 E339 E359
"""
CODES_OF_REFERENCE = REFERENCE.split()
CLASSES = {
    Throttled: "E106 E113 E120",
    Unreachable: "E351 E352 E353 E355 E356 E357 E358 E359 E618 E626",
    OutcomeUnknown: "E503",
    Misconfigured: "E103 E104 E105 E107 E111 E112 E201 E627 E650 E651 E713",
}
PERSONAL = ["E110", "E114", "E619", "E628", "E714", "E715"]


def test_the_table_holds_exactly_the_codes_of_the_reference():
    assert sorted(CODES) == sorted(CODES_OF_REFERENCE)


@pytest.mark.parametrize("code", CODES_OF_REFERENCE)
def test_each_code_has_its_class(code):
    expected = next((kind for kind, codes in CLASSES.items() if code in codes.split()), Refused)
    error = error_of_code(code, "")
    assert type(error) is expected
    assert error.code == code


@pytest.mark.parametrize("code", CODES_OF_REFERENCE)
def test_each_code_has_a_sentence(code):
    assert str(error_of_code(code, ""))[-1] == "."


@pytest.mark.parametrize("code", CODES_OF_REFERENCE)
def test_what_would_fail_for_everybody_is_about_the_content(code):
    error = error_of_code(code, "")
    if isinstance(error, Refused):
        assert error.about_content == (code not in PERSONAL and not error.is_template_gone)


def test_only_the_blacklist_blocks_a_person():
    blocked = [code for code in CODES if getattr(error_of_code(code, ""), "is_blocked", False)]
    assert blocked == ["E114"]


def test_what_comes_again_says_when():
    for code in ["E106", "E113", "E120", "E351", "E618", "E626"]:
        assert error_of_code(code, "").retry_after > 0


def test_the_pause_that_is_asked_for_is_kept():
    error = error_of_code("E106", "Calls too close: at least 12 seconds between calls")
    assert error.retry_after == 12


def test_the_providers_own_words_are_told():
    assert "slide 3" in str(error_of_code("E331", "Image too big in slide 3"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [("E199", Misconfigured), ("E900", Refused), ("", Refused), ("X\n1", Refused)],
)
def test_unknown_codes_are_logged_and_never_repeated(code, expected, caplog):
    with caplog.at_level(logging.ERROR):
        assert type(error_of_code(code, "")) is expected
    assert repr(code) in caplog.text


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, OutcomeUnknown),
        (301, Misconfigured),
        (308, Misconfigured),
        (400, OutcomeUnknown),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Misconfigured),
        (429, Throttled),
        (500, OutcomeUnknown),
        (504, OutcomeUnknown),
    ],
)
def test_an_unreadable_answer_is_judged_by_its_status(status, expected):
    error = error_of_status(status, None)
    assert type(error) is expected
    assert str(status) in str(error)
