"""A row without its unusable cells: what can be left out, and what never."""

import pytest

from campaigns.rules import contactrows, phones
from campaigns.rules.contactrows import (
    ContactRow,
    FieldType,
    Layout,
    make_contact,
    make_without_unusable,
    tell_left_out,
)
from campaigns.rules.problems import RuleBroken

PHONE = "12015550101"
NAMES = ["Phone", "Name", "Mail", "State", "Zip", "Zone", "Age"]
KINDS = ("phone", "full_name", "email", "state", "postal_code", "time_zone", "attribute")
LAYOUT = Layout(NAMES, dict(enumerate(KINDS)), fields={6: FieldType("Age", "number")})
SOUND = (PHONE, "Ann Lee", "ann@example.com", "NY", "10001", "America/New_York", "30")


@pytest.mark.parametrize(
    ("place", "cell"),
    [(1, "A" * 101), (2, "ann at home"), (3, "Atlantis"), (5, "Nowhere/Town"), (6, "old")],
)
def test_each_unusable_cell_is_left_out_and_the_rest_stays(place, cell):
    broken = [*SOUND]
    broken[place] = cell
    blank = [*SOUND]
    blank[place] = ""
    contact, left_out = make_without_unusable(broken, LAYOUT)
    assert contact == make_contact(blank, LAYOUT)
    assert [where for where, _ in left_out] == [place]


def test_all_unusable_cells_of_a_row_are_left_out_in_the_order_of_its_columns():
    cells = [PHONE, "", "nobody", "Atlantis", "", "", "old"]
    contact, left_out = make_without_unusable(cells, LAYOUT)
    assert contact == ContactRow(PHONE)
    assert [place for place, _ in left_out] == [2, 3, 6]


def test_a_sound_row_loses_nothing():
    assert make_without_unusable(SOUND, LAYOUT) == (make_contact(SOUND, LAYOUT), [])


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["12345", "", "nobody"], phones.SHORT_CODE),
        (["", "Ann"], phones.EMPTY),
        ([*SOUND, "one more"], contactrows.EXTRA),
    ],
)
def test_without_a_number_or_in_the_wrong_columns_there_is_nobody(cells, sentence):
    with pytest.raises(RuleBroken) as refusal:
        make_without_unusable(cells, LAYOUT)
    assert str(refusal.value) == sentence


def test_what_was_left_out_is_said_with_its_column():
    _, left_out = make_without_unusable([PHONE, "", "nobody", "", "", "", "old"], LAYOUT)
    told = tell_left_out(left_out, NAMES)
    assert told.startswith(
        f"Imported without “Mail”: {contactrows.BAD_EMAIL} Imported without “Age”: "
    )
    assert "Age: " not in told
