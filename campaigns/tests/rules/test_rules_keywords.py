"""A word that is the whole message counts; a sentence that merely holds it does not."""

import pytest

from campaigns.rules import keywords
from campaigns.rules.keywords import is_help, is_start, is_stop

STOPS = [
    *keywords.STOP_WORDS,
    *map(str.upper, keywords.STOP_WORDS),
    "Stop.",
    "STOP!!!",
    " stop \n",
    "“STOP”",
    "'stop'",
    "«Stop»",
    "(stop)",
    "*STOP*",
    "🛑 STOP 🛑",
    "Stop 👍🏽",
    "stop ❤️",
    "ＳＴＯＰ",
    "Opt-Out",
    "optout",
    "OPT OUT!",
    "opt–out",
    "opt_out",
    "opt\u00a0out",
    "Un-subscribe",
    "STOP ALL",
    "Arrêt",
    "ARRÊT.",
    "\u200bstop\u200b",
    "¡Stop!",
]
NOT_STOPS = [
    "",
    "🛑",
    "we have got to STOP this bill",
    "stop it please",
    "Don't stop",
    "stop stop",
    "stopped",
    "the end",
    "weekend",
    "cancel my order",
    "stop.it",
    "1 stop",
    "yes",
    "start",
    "nonstop",
]


@pytest.mark.parametrize("text", STOPS)
def test_an_opt_out_word_that_is_the_whole_message_counts(text):
    assert is_stop(text)


@pytest.mark.parametrize("text", NOT_STOPS)
def test_anything_else_does_not(text):
    assert not is_stop(text)


@pytest.mark.parametrize("text", ["HELP", "help?", "Info!", "AIDE", "❓ info"])
def test_help_words(text):
    assert is_help(text)


@pytest.mark.parametrize("text", ["START", "Un-stop", "unstop", "Non-Arrêt"])
def test_start_words(text):
    assert is_start(text)


def test_yes_is_an_answer_and_not_an_opt_in():
    assert not is_start("YES")


def test_no_word_means_two_things():
    words = [*keywords.STOP_WORDS, *keywords.HELP_WORDS, *keywords.START_WORDS]
    for word in words:
        assert is_stop(word) + is_help(word) + is_start(word) == 1
