"""File names are made fit to be shown."""

import pytest

from campaigns.rules.media import clean_name, is_named_as, name_fitted, say_size, say_sizes


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("offer.jpg", "offer.jpg"),
        ("../../etc/passwd", "etc passwd"),
        ("C:\\fakepath\\offer.jpg", "C: fakepath offer.jpg"),
        ("in\u202egpj.exe", "ingpj.exe"),
        ("a\x00b\nc.png", "ab c.png"),
        ("\u200f\u200b", "file"),
        ("Füße été 春.gif", "Füße été 春.gif"),
    ],
)
def test_a_name_is_one_visible_line(given, shown):
    assert clean_name(given) == shown


def test_a_long_name_is_cut_before_its_extension():
    name = clean_name("/".join(["nice\u2066"] * 60) + ".jpeg")
    assert len(name) == 255
    assert name.endswith(".jpeg")


def test_spellings_of_an_extension_are_the_same_type():
    assert is_named_as("A.JPEG", "jpg")
    assert not is_named_as("a.png", "jpg")


def test_sizes_are_said_as_people_say_them():
    sizes = (12, 412_300, 999_499, 999_500, 1_050_000, 14_200_000, 30_000_000)
    words = "12 bytes, 412 KB, 999 KB, 1 MB, 1.05 MB, 14.2 MB, 30 MB"
    assert ", ".join(map(say_size, sizes)) == words


@pytest.mark.parametrize(
    ("size", "limit", "words"),
    [
        (1_102_000, 1_000_000, ("1.10 MB", "1.00 MB")),
        (1_000_200, 1_000_000, ("1.0002 MB", "1.0000 MB")),
        (400_000, 300_000, ("400 KB", "300 KB")),
        (300_200, 300_000, ("300.2 KB", "300.0 KB")),
        (18, 10, ("18 bytes", "10 bytes")),
        (1_000_000, 1_000_000, ("1.00 MB", "1.00 MB")),
    ],
)
def test_weights_that_are_compared_are_told_apart(size, limit, words):
    assert say_sizes(size, limit) == words


@pytest.mark.parametrize(
    ("name", "extension", "fitted"),
    [
        ("rose.jpg", "jpg", "rose, 412 KB.jpg"),
        ("long.wav", "mp3", "long, 412 KB.mp3"),
        ("rose, 1.2 MB.jpg", "jpg", "rose, 412 KB.jpg"),
        ("rose", "jpg", "rose, 412 KB.jpg"),
    ],
)
def test_a_fitted_file_is_called_by_its_weight(name, extension, fitted):
    assert name_fitted(name, 412_000, extension) == fitted
    assert len(name_fitted("x" * 300, 412_000, extension)) == 255
