"""What `{{ first_name|there }}` becomes."""

import pytest

from campaigns.rules.mergefields import (
    MOST_FIELDS,
    MergeField,
    MissingValue,
    as_text,
    fill_in,
    fill_in_for_nobody,
    fill_in_for_preview,
    find_broken,
    find_fields,
    find_too_long,
    find_unknown,
    find_wording_problems,
    passages_in,
    tell_held,
    tell_missing,
    tell_places,
)


@pytest.mark.parametrize(
    ("text", "values", "read"),
    [
        ("Hello {{ first_name|there }}!", {"first_name": "Ada"}, "Hello Ada!"),
        ("Hello {{first_name|there}}!", {}, "Hello there!"),
        ("Hello {{ first_name | there }}!", {"first_name": "  "}, "Hello there!"),
        ("Hello{{ first_name| }}!", {}, "Hello!"),
        ("{{ Favourite colour|blue }}", {"Favourite colour": "rot"}, "rot"),
        ("{{ a|x }}{{ b|y }}", {"b": "{{ a }}"}, "x{{ a }}"),
        ("Nothing here { }", {}, "Nothing here { }"),
    ],
)
def test_a_field_is_read_as_its_value_or_its_fallback(text, values, read):
    assert fill_in(text, values) == read


def test_without_a_fallback_a_missing_value_is_an_error():
    with pytest.raises(MissingValue) as missing:
        fill_in("Hello {{ first_name }}", {"first_name": ""})
    assert missing.value.name == "first_name"


def test_a_template_holds_the_fallbacks():
    assert fill_in_for_nobody("Hello {{ first_name|there }}, {{ city }}.") == "Hello there, ."


def test_fields_are_found_once_each():
    fields = find_fields("{{ a }} {{ a }} {{ a|b }}", "{{a}}")
    assert fields == (MergeField("a"), MergeField("a", "b"))


def test_a_field_is_written_as_it_is_read():
    assert find_fields(str(MergeField("a", "b c"))) == (MergeField("a", "b c"),)


@pytest.mark.parametrize(
    "text", ["{{ first_name", "first_name }}", "{{ }}", "{{|there}}", "{{ {{ a }}"]
)
def test_a_broken_field_is_told(text):
    assert len(find_wording_problems(text)) == 1


@pytest.mark.parametrize("text", ["", "{{ a }}", "{{ a|b }} and {{ c }}", "{a} | b"])
def test_a_good_one_is_not(text):
    assert find_wording_problems(text) == []


# --- What is found about them --------------------------------------------------------------------


def sentences(findings):
    return [str(found) for found in findings]


def test_a_preview_marks_what_is_missing():
    assert fill_in_for_preview("{{ a|x }} {{ City }} {{ b }}", {"b": "B"}) == "x [City?] B"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("frist_name", "first_name"),
        ("First Name", "first_name"),
        ("city", "City"),
        ("mail", "email"),
    ],
)
def test_an_unknown_field_is_told_with_the_one_that_may_be_meant(written, meant):
    passages = passages_in("", ["Hello", f"{{{{ {written}|x }}}}"], "")
    found = find_unknown(passages, {written}, ["first_name", "email", "City"])
    assert sentences(found) == [f"Slide 2: there is no field “{written}”. Did you mean {meant}?"]


def test_a_field_like_no_other_is_sent_to_the_menu():
    found = find_unknown(passages_in("{{ zzz }}", [], ""), {"zzz"}, ["first_name"])
    assert sentences(found) == [
        "In the subject, there is no field “zzz”. Choose one from the menu."
    ]


def test_a_broken_field_is_told_with_its_place():
    passages = passages_in("{{ a", ["fine {{ b }}", "{{ }}"], "c }}")
    assert [(found.slide, found.field) for found in find_broken(passages)] == [
        (None, "subject"),
        (2, "text"),
        (None, "fallback_text"),
    ]


@pytest.mark.parametrize(
    ("field", "missing", "sentence"),
    [
        (
            MergeField("first_name", "there"),
            12,
            "12 of 4,812 have no first name and will read “there”.",
        ),
        (MergeField("City", ""), 1, "1 of 4,812 has no “City” and will read nothing there."),
        (
            MergeField("first_name"),
            12,
            "12 of 4,812 have no first name, and {{ first_name }} has no fallback: give it one, "
            "or complete the contacts.",
        ),
    ],
)
def test_who_lacks_a_value_is_counted_in_a_sentence(field, missing, sentence):
    assert str(tell_missing(field, missing, 4812)) == sentence


def test_a_text_that_fits_as_written_may_outgrow_its_room():
    (passage, *_) = passages_in("Hi {{ first_name|there }}", [], "")
    assert find_too_long(passage, {"first_name": 37}, 40) == []
    (found,) = find_too_long(passage, {"first_name": 38}, 40)
    assert "with the longest values there are 41 characters; up to 40 fit." in str(found)


def test_a_long_fallback_counts_like_a_long_value():
    (passage, *_) = passages_in("{{ a|four }}{{ b|x }}", [], "")
    assert find_too_long(passage, {"a": 1, "b": 2}, 6) == []
    assert len(find_too_long(passage, {"a": 1, "b": 2}, 5)) == 1


def test_a_text_that_is_too_long_as_it_is_written_is_told_elsewhere():
    (passage, *_) = passages_in("x" * 50, [], "")
    assert find_too_long(passage, {}, 40) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (" Ada ", "Ada"),
        (True, "yes"),
        (False, "no"),
        (5.0, "5"),
        (5.5, "5.5"),
        (0, "0"),
        ([1], ""),
        ({"a": 1}, ""),
    ],
)
def test_a_value_reads_like_a_word(value, text):
    assert as_text(value) == text


def test_more_fields_than_can_be_filled_in_are_a_problem():
    text = " ".join(f"{{{{ field {number}|x }}}}" for number in range(MOST_FIELDS))
    assert find_broken(passages_in("", [text], "")) == []
    [problem] = find_broken(passages_in("", [text], "{{ one more|x }}"))
    assert str(problem).startswith(f"There are {MOST_FIELDS + 1} different merge fields")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", ""),
        (
            "{{ a|x }} {{ City| }}",
            "The template holds the fallback of each merge field (a and City).",
        ),
        (
            "{{ first_name }} {{ City|x }}",
            "The template holds the fallback of City; First name has none and stays empty there.",
        ),
        (
            "{{ a }} {{ b }} {{ c|x }}",
            "The template holds the fallback of c; a and b have none and stay empty there.",
        ),
        ("{{ email }}", "E-mail stays empty in the template: there is no fallback."),
    ],
)
def test_a_template_is_said_to_hold_what_it_holds(text, sentence):
    assert tell_held(find_fields(text)) == sentence


def test_a_field_with_several_fallbacks_is_told_with_the_texts_it_stands_in():
    passages = passages_in("{{ a|x }}", ["{{ a|y }}", "{{ b|z }}", "{{ a|y }}"], "{{ a }}")
    places = {str(field): tell_places(field, passages) for field in find_fields(*texts(passages))}
    assert places == {
        "{{ a|x }}": "the subject",
        "{{ a|y }}": "slide 1 and slide 3",
        "{{ b|z }}": "",
        "{{ a }}": "the fallback SMS",
    }


@pytest.mark.parametrize(
    ("fallback", "sentence"),
    [
        ("you", "1 of 9 has no first name and will read “you” in the subject."),
        ("", "1 of 9 has no first name and will read nothing in the subject."),
        (
            None,
            "1 of 9 has no first name, and {{ first_name }} in the subject has no fallback: "
            "give it one, or complete the contacts.",
        ),
    ],
)
def test_who_lacks_a_value_is_told_with_the_place(fallback, sentence):
    assert str(tell_missing(MergeField("first_name", fallback), 1, 9, "the subject")) == sentence


def texts(passages):
    return [passage.text for passage in passages]
