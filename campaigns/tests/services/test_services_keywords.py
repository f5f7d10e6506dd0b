"""Words and answers of the portal's own people, and opt-outs taken back by staff."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Consent, Keyword, KeywordReply, OptOut, Policy, Sender
from campaigns.rules.answers import DEFAULTS
from campaigns.rules.keywords import Kind, Language
from campaigns.rules.problems import RuleBroken
from campaigns.services.hearing import find_route_warning
from campaigns.services.keywords import (
    add_keyword,
    find_help_problem,
    judge_reply,
    remove_keyword,
    save_reply,
    word_answer,
)
from campaigns.services.optouts import lift_optout, record_optout

PHONE = "12015550123"
STOP, HELP, EN = Kind.STOP, Kind.HELP, Language.ENGLISH


def add(words, by, **fields):
    return add_keyword(words, **{"kind": STOP, "language": EN, **fields}, by=by)


def test_a_word_of_ones_own_counts_and_can_be_taken_away(administrator):
    word = add(" Enough  now ", administrator)
    assert judge_reply("ENOUGH-NOW!").kind == STOP
    remove_keyword(word, by=administrator)
    assert judge_reply("enough now").kind == Kind.NONE
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["keyword.added", "keyword.removed"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("STOP", "built in"),
        ("Opt-Out", "built in"),
        ("🛑", "Write a word"),
        ("", "Write a word"),
        ("x" * 61, "at most 60"),
        ("Yes!", "also an answer"),
        ("ok", "also an answer"),
    ],
)
def test_what_cannot_be_a_keyword_says_why(words, problem, administrator):
    with pytest.raises(RuleBroken, match=problem):
        add(words, administrator)
    assert not Keyword.objects.exists()


def test_an_answer_becomes_a_keyword_only_on_purpose(administrator):
    add("YES", administrator, kind=Kind.START, is_sure=True)
    assert judge_reply("yes").kind == Kind.START


def test_one_word_means_one_thing(administrator):
    add("enough", administrator)
    with pytest.raises(RuleBroken, match="there already"):
        add("E-N-O-U-G-H", administrator, kind=HELP)


def test_the_words_of_a_channel_go_before_those_for_all(administrator, make_channel):
    channel = make_channel()
    Policy.objects.update_or_create(pk=1, defaults={"brand": "Bird"})
    save_reply(STOP, EN, None, "{brand}: bye.", by=administrator)
    save_reply(STOP, EN, channel, "{brand}: so long.", by=administrator)
    assert word_answer(STOP, EN) == "Bird: bye."
    assert word_answer(STOP, EN, channel) == "Bird: so long."
    assert word_answer(STOP, EN, make_channel("Other")) == "Bird: bye."


def test_without_words_the_built_in_ones_are_back(administrator):
    save_reply(STOP, EN, None, "{brand}: bye.", by=administrator)
    save_reply(STOP, EN, None, " ", by=administrator)
    assert not KeywordReply.objects.exists()
    save_reply(STOP, EN, None, DEFAULTS[STOP, EN], by=administrator)
    assert not KeywordReply.objects.exists()


def test_help_says_what_is_missing(db):
    assert "brand and a contact are missing" in find_help_problem()
    Policy.objects.update_or_create(pk=1, defaults={"brand": "Bird", "contact": "a@b.ca"})
    assert find_help_problem() == ""


def test_a_number_without_a_route_for_texts_says_so(make_channel):
    sender = make_channel().senders.get()
    assert "+1 201-555-0100 will not reach this portal" in find_route_warning(sender)
    sender.replies_reach_us = True
    assert find_route_warning(sender) == find_route_warning(None) == ""
    assert Sender.objects.count() == 1


# --- Taken back by staff -------------------------------------------------------------------------


@pytest.fixture
def optout(db):
    asked_at = timezone.now() - timedelta(days=30)
    return record_optout(PHONE, source=OptOut.Source.REPLY, asked_at=asked_at)


def lift(optout, by, **fields):
    told = {
        "reason": "Phoned us",
        "method": "phone",
        "wording": "Yes, send me offers",
        "at": timezone.now(),
        **fields,
    }
    lift_optout(optout, by=by, **told)


def test_it_is_taken_back_with_a_reason_and_a_newer_consent(optout, administrator):
    lift(optout, administrator)
    assert not OptOut.objects.exists()
    kinds = list(Consent.objects.order_by("id").values_list("kind", "by__username"))
    assert kinds == [("opted_out", None), ("lifted", "administrator"), ("given", "administrator")]
    entry = AuditEntry.objects.get(verb="optout.lifted")
    assert PHONE not in f"{entry.target}{entry.before}{entry.after}"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"reason": " "}, "why this opt-out"),
        ({"method": ""}, "how they agreed"),
        ({"wording": ""}, "which words"),
        ({"at": timezone.now() + timedelta(days=2)}, "future"),
        ({"at": timezone.now() - timedelta(days=40)}, "before they opted out"),
    ],
)
def test_without_evidence_it_stays(fields, problem, optout, administrator):
    with pytest.raises(RuleBroken, match=problem):
        lift(optout, administrator, **fields)
    assert OptOut.objects.exists()


def test_what_waits_to_be_judged_is_judged_and_not_taken_back(administrator):
    optout = OptOut.objects.create(phone=PHONE, source=OptOut.Source.REVIEW)
    with pytest.raises(RuleBroken, match="judge it"):
        lift(optout, administrator)
