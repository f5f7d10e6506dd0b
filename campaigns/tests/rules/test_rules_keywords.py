"""A word that is the whole message counts; a sentence that merely holds it is for a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replies import DOUBTS, NONES, STOPS, split

from campaigns.rules.keywords import ANSWERS, BUILT_IN, KNOWN, Kind, Language, fold, judge
from campaigns.rules.phrases import POLITE

ALL_STOPS = [(language, said) for language, table in STOPS.items() for said in split(table)]
WORDS = [
    (kind, language, word)
    for kind, languages in BUILT_IN.items()
    for language, words in languages.items()
    for word in words
]
#: Words that say nothing about messages, alone or together.
FILLER = "bill tomorrow we have got church shop red roses yesterday maybe grandma pizza".split()


@pytest.mark.parametrize(("language", "said"), ALL_STOPS)
def test_a_stop_acts_by_itself_and_is_answered_in_its_language(language, said):
    verdict = judge(said)
    assert (verdict.kind, verdict.language) == (Kind.STOP, language)


@pytest.mark.parametrize("said", split(DOUBTS))
def test_what_may_be_a_stop_is_for_a_person_who_sees_which_words(said):
    verdict = judge(said)
    assert verdict.kind == Kind.DOUBT
    assert verdict.words
    assert all(word in said for word in verdict.words)


@pytest.mark.parametrize("said", split(NONES))
def test_an_ordinary_reply_does_nothing(said):
    assert judge(said).kind == Kind.NONE


def test_the_tables_are_as_long_as_was_promised():
    assert len(ALL_STOPS) >= 60
    assert len(split(DOUBTS)) + len(split(NONES)) >= 200


@pytest.mark.parametrize(("kind", "language", "word"), WORDS)
def test_each_built_in_word_means_one_thing(kind, language, word):
    assert (judge(word).kind, judge(word).language) == (kind, language)
    assert judge(word.upper()) == judge(f"“{word.upper()}”!") or judge(word.upper()).kind == kind


@pytest.mark.parametrize(
    "said", ["HELP", "help?", "Info!", "❓ info", "Help please", "AYUDA", "Aide"]
)
def test_help_is_asked_for(said):
    assert judge(said).kind == Kind.HELP


@pytest.mark.parametrize("said", ["START", "Un-stop", "unstop", "Non-Arrêt", "start please"])
def test_messages_are_wanted_again(said):
    assert judge(said).kind == Kind.START


def test_yes_is_an_answer_and_not_an_opt_in():
    assert judge("YES").kind == Kind.NONE
    assert "yes" in ANSWERS


def test_words_of_the_portal_count_as_the_whole_message_only():
    own = {"ausgang": (Kind.STOP, Language.ENGLISH)}
    assert judge("Ausgang!", own).kind == Kind.STOP
    assert judge("the Ausgang is left", own).kind == Kind.NONE


def test_nobody_takes_a_built_in_word_away():
    own = {fold(word): (Kind.HELP, Language.ENGLISH) for word in ("stop", "arrêt")}
    assert judge("STOP", own).kind == Kind.STOP
    assert judge("Arrêt", own).kind == Kind.STOP


# --- Properties ----------------------------------------------------------------------------------

signs = st.text(st.sampled_from(" \t\n.!?*~'\"“”«»()[]🛑👍🏽❤️-–—_\u200b\u00ad…"), max_size=8)
cases = st.sampled_from([str.upper, str.lower, str.title, str.swapcase, str])
keywords = st.sampled_from(sorted({word for _, _, word in WORDS}))
phrases = st.sampled_from([said for _, said in ALL_STOPS])
filler = st.lists(st.sampled_from(FILLER), min_size=1, max_size=4).map(" ".join)


@given(keywords, cases, signs, signs)
def test_decorations_never_change_the_verdict(word, case, before, after):
    plain, decorated = judge(word), judge(f"{before}{case(word)}{after}")
    assert (decorated.kind, decorated.language) == (plain.kind, plain.language)


@given(keywords, st.sampled_from(sorted(POLITE)), st.booleans())
def test_courtesy_never_changes_the_verdict(word, courtesy, is_first):
    said = f"{courtesy} {word}" if is_first else f"{word} {courtesy}"
    assert judge(said).kind == judge(word).kind


@given(phrases, filler, filler, st.sampled_from([" ", ", ", ". ", "\n"]))
def test_in_a_sentence_nothing_opts_out_by_itself(phrase, before, after, joint):
    for said in (before + joint + phrase, phrase + joint + after, f"{before} {phrase} {after}"):
        assert judge(said).kind != Kind.STOP


@given(st.text())
def test_any_text_is_judged(said):
    verdict = judge(said)
    assert verdict.kind in Kind
    if verdict.kind == Kind.DOUBT:
        assert all(word in said for word in verdict.words)


@given(st.text(st.sampled_from("stop .no'más\u0301neplus\ud7ff"), max_size=60))
def test_near_misses_are_judged_too(said):
    assert judge(said).kind in Kind


def test_a_very_long_reply_is_judged_at_once():
    assert judge("stop " * 100_000).kind == Kind.STOP
    assert judge("ne " * 100_000).kind == Kind.NONE


def test_folding_is_final():
    assert all(fold(word) == word for word in KNOWN)
