"""Coordinates as people write them, and the link to the map."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.coordinates import map_link, read_coordinates, write_coordinates


@pytest.mark.parametrize(
    "text",
    [
        "52.5,13.4",
        " 52.5, 13.4 ",
        "52.5 13.4",
        "52.5; 13.4",
        "52.5° N, 13.4° E",
        "52.5N 13.4E",
        "https://www.google.com/maps/@52.5,13.4,17z",
        "https://www.google.com/maps/search/?api=1&query=52.5%2C13.4",
    ],
)
def test_every_usual_spelling_is_read(text):
    assert read_coordinates(text) == (52.5, 13.4)


def test_south_and_west_are_below_zero():
    assert read_coordinates("33.9 S, 70.6 W") == (-33.9, -70.6)


@pytest.mark.parametrize(
    "text", ["", "52.5", "52,5,13,4", "Berlin", "91,0", "0,181", "nan,nan", "52.5,13.4,7", "1e3,4"]
)
def test_what_is_no_place_on_earth_is_not_read(text):
    assert read_coordinates(text) is None


def test_a_link_to_the_map_loses_what_single_precision_loses():
    link = "https://www.google.com/maps/search/?api=1&query=55.610477,13.002873"
    assert map_link(55.610479, 13.002873) == link


def test_small_and_whole_numbers_are_written_plainly():
    assert map_link(0.00001, 52.0).endswith("query=0.00001,52")
    assert write_coordinates(0.00001, -52.0) == "0.00001,-52"


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(degrees)
def test_what_is_written_is_read_again(pair):
    assert read_coordinates(write_coordinates(*pair)) in {pair, None}


@given(degrees)
def test_the_link_names_the_very_place_in_single_precision(pair):
    told = map(float, map_link(*pair).partition("query=")[2].split(","))
    assert [struct.pack("f", number) for number in told] == [
        struct.pack("f", number) for number in pair
    ]
