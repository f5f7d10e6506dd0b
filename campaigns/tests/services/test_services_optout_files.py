"""Many opt-outs at once: every line is accounted for, and each number holds at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import AuditEntry, Consent, OptOut
from campaigns.rules.problems import RuleBroken
from campaigns.services import optout_files
from campaigns.services.optout_files import look_at, read_text, record_many
from campaigns.services.optouts import find_liftable, record_optout

A, B, C = "12015550123", "12015550124", "12015550125"
DAY = timedelta(days=1)


def enter(phones, by, **fields):
    told = {
        "source": OptOut.Source.FILE,
        "evidence": "Former system",
        "channel": None,
        "asked_at": timezone.now(),
        **fields,
    }
    return record_many(phones, by=by, **told)


def test_each_line_is_in_exactly_one_count(db):
    record_optout(C, source=OptOut.Source.REPLY)
    found = look_at("(201) 555-0123\n+1 201 555 0124\n\n12015550123\nnonsense\n2015550125\n12")
    assert found.new == [A, B]
    assert (found.known_count, found.repeated_count) == (1, 1)
    assert [(line.number, line.said) for line in found.bad] == [(5, "nonsense"), (7, "12")]
    assert found.line_count == 6


@pytest.mark.parametrize(
    "text",
    [
        "phone,name\n2015550123,Ann\n",
        "Name;Number\r\nAnn Lee;(201) 555-0123\r\n",
        "name\tphone\nAnn\t+12015550123",
        '"Lee, Ann","201-555-0123"',
        "\ufeff2015550123",
    ],
)
def test_the_number_is_found_in_whatever_column(db, text):
    found = look_at(read_text(text.encode()))
    assert (found.new, found.bad) == ([A], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_whatever_wrote_it(db, encoding):
    assert look_at(read_text("Zoë;2015550123".encode(encoding))).new == [A]


@pytest.mark.parametrize("line", ["1" * 140_000, "x" * 140_000, '"' + "x" * 140_000])
def test_a_cell_without_end_is_a_problem_of_its_line(db, line):
    found = look_at(f"2015550123\n{line}\n2015550124")
    assert found.new == [A, B]
    assert [(bad.number, bad.problem) for bad in found.bad] == [(2, optout_files.TOO_LONG)]


def test_only_the_first_line_may_be_a_heading(db):
    found = look_at("Phone\n2015550123\nPhone")
    assert (found.heading, len(found.bad)) == ("Phone", 1)


def test_who_opted_out_of_one_channel_may_still_opt_out_of_all(make_channel):
    channel = make_channel()
    record_optout(A, source=OptOut.Source.REPLY, channel=channel)
    assert look_at(A, channel).known_count == 1
    assert look_at(A).new == [A]


@pytest.mark.parametrize(("text", "problem"), [("", "no number"), ("\n ,\n", "no number")])
def test_nothing_is_not_entered(db, text, problem):
    with pytest.raises(RuleBroken, match=problem):
        look_at(text)


def test_too_much_at_once_says_how_to_go_on(db, monkeypatch):
    monkeypatch.setattr(optout_files, "MOST_LINES", 2)
    with pytest.raises(RuleBroken, match="at most 2 at once"):
        look_at("1\n2\n3")
    with pytest.raises(RuleBroken, match="split it"):
        read_text(b"1" * 2_000_001)


def test_all_are_opted_out_with_evidence_and_one_line_in_the_audit(marketer):
    record_optout(C, source=OptOut.Source.REPLY)
    asked_at = timezone.now() - timedelta(days=3)
    assert enter([A, B, B, C], marketer, asked_at=asked_at) == 2
    assert OptOut.objects.filter(source="file", asked_at=asked_at, by=marketer).count() == 2
    assert Consent.objects.filter(kind="opted_out", source="Former system").count() == 2
    assert AuditEntry.objects.get(verb="optout.file").after["count"] == 2
    assert enter([A, B], marketer) == 0


def test_what_only_waited_to_be_judged_is_sure_now(marketer):
    OptOut.objects.create(phone=A, source=OptOut.Source.REVIEW)
    assert look_at(A).new == [A]
    assert enter([A], marketer) == 1
    assert OptOut.objects.get().source == OptOut.Source.FILE


def test_source_and_a_day_that_has_come_are_asked_for(marketer):
    with pytest.raises(RuleBroken, match="come from"):
        enter([A], marketer, evidence=" ")
    with pytest.raises(RuleBroken, match="future"):
        enter([A], marketer, asked_at=timezone.now() + timedelta(days=1))
    assert not OptOut.objects.exists()


def test_a_second_file_moves_on_when_they_last_asked(marketer, make_channel):
    channel, now = make_channel(), timezone.now()
    first, again = now - timedelta(minutes=60), now - timedelta(minutes=20)
    enter([A], marketer, asked_at=first)
    record_optout(B, source=OptOut.Source.REPLY, asked_at=first)
    assert enter([A, B], marketer, asked_at=again, channel=channel) == 0
    assert enter([A, B], marketer, asked_at=first) == 0
    assert set(OptOut.objects.values_list("asked_at", "last_asked_at")) == {(first, again)}
    assert Consent.objects.filter(kind="opted_out", at=again).count() == 2
    for phone in (A, B):
        assert not find_liftable(phone, channel.pk, now - timedelta(minutes=30)).exists()
        assert find_liftable(phone, channel.pk, now).exists()


def test_a_doubt_that_a_file_makes_sure_keeps_when_they_wrote(marketer):
    wrote = timezone.now() - timedelta(minutes=5)
    OptOut.objects.create(phone=A, source=OptOut.Source.REVIEW, last_asked_at=wrote)
    enter([A], marketer, asked_at=wrote - DAY)
    assert OptOut.objects.get().last_asked_at == wrote
