"""What `{{ first_name|there }}` becomes."""

import pytest

from campaigns.rules.mergefields import (
    MergeField,
    MissingValue,
    fill_in,
    fill_in_for_nobody,
    find_fields,
    find_wording_problems,
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
