"""A phone is drawn as somebody likes it, and writes numbers as phones do."""

import pytest

from campaigns.rules.looks import Look, read_look, write_number


def test_what_somebody_likes_is_read_back():
    assert read_look("android-dark") == Look("android", "dark")
    assert read_look("ios-light") == Look()


@pytest.mark.parametrize("kept", ["", "nonsense", "windows-dim", "-", 'ios"><script>-dark"'])
def test_what_is_no_look_is_the_first_of_each(kept):
    assert read_look(kept) == Look("ios", "light")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("12015550142", "+1 201-555-0142"),
        ("+12015550142", "+1 201-555-0142"),
        ("390612345678", "+39 06 1234 5678"),
        ("12345", "12345"),
        ("Ann Lee", "Ann Lee"),
        ("", ""),
        ("99999999999999", "99999999999999"),
        ("٠١٢٣٤٥٦٧٨٩", "٠١٢٣٤٥٦٧٨٩"),
    ],
)
def test_numbers_are_spaced_and_everything_else_stays(number, written):
    assert write_number(number) == written
