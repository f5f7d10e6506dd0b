"""Definitions of segments: what is wrong with them, how they are said, how they are edited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.segments import Known, KnownField, Takes
from campaigns.rules.segments_editing import (
    Group,
    blank,
    definition_of,
    edit,
    group_of,
    read_condition,
    read_value,
)
from campaigns.rules.segments_problems import MOST_CONDITIONS, find_segment_problems
from campaigns.rules.segments_words import say

ON_VIP = {"about": "list", "how": "on", "value": 1}
IN_NY = {"about": "state", "how": "is", "value": "NY"}
GOT_SPRING = {"about": "campaign", "how": "got", "value": 5}
SILENT = {"about": "campaign", "how": "not_replied", "value": 5}
KNOWN = Known(
    lists={1: "VIP"},
    campaigns={5: "Spring sale"},
    segments={7: ("Inner", {"all": [ON_VIP]}), 8: ("Loop", {"all": []})},
    fields={"city": KnownField("text"), "plan": KnownField("choice", ("gold", "silver"))},
)


def test_a_segment_is_said_as_a_sentence():
    tree = {"all": [ON_VIP, SILENT, {"not": {"any": [IN_NY, GOT_SPRING]}}]}
    assert say(tree, KNOWN) == (
        "in “VIP” and got “Spring sale” but did not reply"
        " and not (state is “NY” or got “Spring sale”)"
    )


def test_what_includes_the_unknown_says_so():
    condition = {
        "about": "attribute",
        "name": "city",
        "kind": "text",
        "how": "is_not",
        "value": "B",
    }
    assert say({"all": [condition]}, KNOWN) == "city is not “B” (or is not known)"


def test_what_was_deleted_is_said_to_be():
    assert say({"all": [{**ON_VIP, "value": 3}]}, KNOWN) == "in a list that was deleted"


@pytest.mark.parametrize("nothing", [{}, None, {"all": []}])
def test_a_segment_without_a_condition_is_refused(nothing):
    assert find_segment_problems(nothing, KNOWN)


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ({"all": [{"any": []}]}, "A group is empty"),
        ({"all": [{"not": {}}]}, "damaged"),
        ({"all": [7]}, "damaged"),
        ({"all": [ON_VIP], "any": [ON_VIP]}, "damaged"),
        ({"all": [blank()]}, "Choose what a condition is about"),
        ({"all": [{**ON_VIP, "value": 3}]}, "does not exist any more"),
        ({"all": [{**ON_VIP, "value": True}]}, "does not exist any more"),
        ({"all": [{**ON_VIP, "value": "VIP?"}]}, "There is no list “VIP?”"),
        ({"all": [{**ON_VIP, "value": None}]}, "Choose a list"),
        ({"all": [{"about": "state", "how": "more", "value": "NY"}]}, "choose how"),
        ({"all": [{**IN_NY, "value": 5}]}, "write what"),
        ({"all": [{**IN_NY, "value": "N\0Y"}]}, "nobody can read"),
        ({"all": [{**IN_NY, "value": "\ud800"}]}, "nobody can read"),
        ({"all": [{"about": "campaigns", "how": "got", "value": 0}]}, "from 1 to"),
        ({"all": [{"about": "created_at", "how": "since", "value": "2026-02-30"}]}, "a date"),
        ({"all": [{"about": "created_at", "how": "until", "value": "9999-12-31"}]}, "a date"),
        (
            {"all": [{"about": "attribute", "name": "age", "kind": "number", "how": "known"}]},
            "no field “age” any more",
        ),
        (
            {"all": [{"about": "attribute", "name": "city", "kind": "number", "how": "known"}]},
            "another type now",
        ),
        (
            {
                "all": [
                    {
                        "about": "attribute",
                        "name": "plan",
                        "kind": "choice",
                        "how": "is",
                        "value": "tin",
                    }
                ]
            },
            "not offered any more",
        ),
    ],
)
def test_every_problem_is_a_sentence(definition, told):
    assert any(told in problem for problem in find_segment_problems(definition, KNOWN))


def test_all_problems_are_told_at_once():
    tree = {"all": [blank(), {**ON_VIP, "value": 3}, {"any": []}]}
    assert len(find_segment_problems(tree, KNOWN)) == 3


def test_a_segment_does_not_hold_itself():
    loop = {"all": [{"about": "segment", "how": "in", "value": 7}]}
    assert find_segment_problems(loop, KNOWN) == []
    assert "would hold itself" in find_segment_problems(loop, KNOWN, itself=7)[0]


def test_a_circle_of_two_segments_is_refused():
    def through(number):
        return {"all": [{"about": "segment", "how": "in", "value": number}]}

    known = Known(segments={7: ("A", through(8)), 8: ("B", through(7))})
    assert "would hold itself" in find_segment_problems(through(8), known, itself=7)[0]
    assert "would hold itself" in find_segment_problems(through(7), known)[0]


def test_a_segment_with_a_problem_makes_those_that_name_it_problems():
    tree = {"not": {"about": "segment", "how": "in", "value": 8}}
    assert "The segment “Loop” cannot be used." in find_segment_problems(tree, KNOWN)[0]


def test_a_sentence_has_an_end():
    assert "too long" in find_segment_problems({"all": [ON_VIP] * (MOST_CONDITIONS + 1)}, KNOWN)[0]
    deep = ON_VIP
    for _ in range(50):
        deep = {"not": deep}
    assert "too long" in find_segment_problems(deep, KNOWN)[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "about", "how", "value", "name", "kind"]),
            inner
            | st.sampled_from(["list", "on", "state", "is", "attribute", "number", "segment"]),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_judged_said_and_shown_without_an_accident(definition):
    find_segment_problems(definition, KNOWN)
    say(definition, KNOWN)
    definition_of(group_of(definition))


# --- Editing -------------------------------------------------------------------------------------


def test_none_of_these_is_kept_as_not_any():
    kept = {"all": [ON_VIP, {"not": {"any": [IN_NY]}}]}
    group = group_of(kept)
    assert group.parts[1] == Group("none", [IN_NY])
    assert definition_of(group) == kept


@pytest.mark.parametrize(
    ("step", "path", "about", "goes_to"),
    [
        ("up", "1", ["state", "list", "group"], "0"),
        ("down", "1", ["list", "group", "state"], "2"),
        ("up", "0", ["list", "state", "group"], "0"),
        ("remove", "1", ["list", "group"], "1"),
        ("duplicate", "0", ["list", "list", "state", "group"], "1"),
        ("after", "0", ["list", "", "state", "group"], "1"),
        ("condition", "", ["list", "state", "group", ""], "3"),
        ("group", "", ["list", "state", "group", "group"], "3-0"),
        ("remove", "9", ["list", "state", "group"], "9"),
        ("remove", "x", ["list", "state", "group"], "x"),
        ("remove", "²", ["list", "state", "group"], "²"),
        ("remove", "9" * 4_301, ["list", "state", "group"], "9" * 4_301),
    ],
)
def test_each_step_changes_its_place_and_tells_where_to_go_on(step, path, about, goes_to):
    group = group_of({"all": [ON_VIP, IN_NY, {"any": [GOT_SPRING]}]})
    assert edit(group, step, path) == goes_to
    shown = ["group" if isinstance(part, Group) else part["about"] for part in group.parts]
    assert shown == about


def test_a_copy_is_not_the_same_row():
    group = group_of({"all": [{"any": [dict(IN_NY)]}]})
    edit(group, "duplicate", "0")
    group.parts[0].parts[0]["value"] = "CA"
    assert group.parts[1].parts[0]["value"] == "NY"


def test_a_value_of_something_else_is_forgotten():
    """The third list is not the third campaign."""
    assert read_condition("campaign", "got", "#3", "list LIST", KNOWN)["value"] is None
    assert read_condition("campaign", "got", "#3", "campaign CAMPAIGN", KNOWN)["value"] == 3
    assert read_condition("state", "one_of", "NY", "state TEXT", KNOWN)["value"] == ["NY"]


@pytest.mark.parametrize(
    ("typed", "kept"), [("12", 12), ("1,200.5", 1200.5), ("many", "many"), ("", None)]
)
def test_what_is_typed_is_kept_as_a_number_if_it_is_one(typed, kept):
    assert read_value(Takes.NUMBER, typed) == kept
