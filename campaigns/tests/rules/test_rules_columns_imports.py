"""What columns mean, rows as contacts, and cells no spreadsheet calculates."""

import re

import pytest

from campaigns.rules import columns, contactrows
from campaigns.rules.cells import neutralise, take_plain
from campaigns.rules.columns import (
    find_mapping_problems,
    guess_mapping,
    is_header,
    name_columns,
)
from campaigns.rules.contactrows import ContactRow, Layout, make_contact
from campaigns.rules.problems import RuleBroken

PHONE = "12015550101"


@pytest.mark.parametrize(
    "word",
    "Phone|phone number|Mobile|Cell #|MSISDN|Número|Telefon|Téléphone portable|Tel.|Handynummer|"
    "Recipient|Teléfono móvil|Customer phone|电话号码".split("|"),
)
def test_a_phone_column_is_known_by_its_name(word):
    assert guess_mapping(["Id", word], [["7", PHONE]], "US")[1] == "phone"


def test_names_and_e_mail_are_known_in_several_languages():
    names = ["Vorname", "Nom", "E-Mail", "Phone", "Città"]
    assert list(guess_mapping(names, [], "US").values()) == [
        "first_name",
        "last_name",
        "email",
        "phone",
        "attribute",
    ]


def test_a_mobile_wins_over_a_landline_column():
    mapping = guess_mapping(["Home phone", "Mobile"], [[PHONE, PHONE]], "US")
    assert mapping == {0: "attribute", 1: "phone"}


def test_what_is_in_a_column_counts_more_than_its_name():
    mapping = guess_mapping(["Phone model", "Contact"], [["Pixel", PHONE]], "US")
    assert mapping[1] == "phone"


def test_without_a_header_the_phone_is_found_by_its_cells():
    names = name_columns(["", ""], has_header=False)
    assert names == ["Column 1", "Column 2"]
    assert guess_mapping(names, [["Ann", PHONE]], "US") == {0: "attribute", 1: "phone"}


def test_a_file_without_any_phone_has_no_phone_column():
    mapping = guess_mapping(["Colour", "Size"], [["red", "L"]], "US")
    assert find_mapping_problems(mapping) == ["Say which column holds the phone number."]


def test_two_phone_columns_are_one_too_many():
    assert find_mapping_problems({0: "phone", 1: "phone"}) == [
        "“Phone number” is chosen for 2 columns: choose one."
    ]


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        (["Phone", "Name"], True),
        (["12015550101", "Ann"], False),
        (["(201) 555-0101"], False),
        (["1", "2"], False),
        (["Ann", "Lee"], True),
    ],
)
def test_a_header_has_words_and_no_long_numbers(cells, answer):
    assert is_header(cells) is answer


def test_columns_of_the_same_name_stay_apart():
    assert name_columns([" City ", "City", ""], has_header=True) == ["City", "City (2)", "Column 3"]


MAPPING = {0: "phone", 1: "full_name", 2: "email", 3: "attribute", 4: ""}
NAMES = ["Phone", "Name", "E-mail", "City", "Note"]


def make(*cells):
    return make_contact(cells, Layout(NAMES, MAPPING))


def test_a_row_becomes_a_contact():
    contact = make("(201) 555-0101", "Ann van der Lee", "ann@example.com", " Rome ", "x")
    assert contact == ContactRow(
        PHONE,
        "Ann",
        "van der Lee",
        "ann@example.com",
        attributes={"City": "Rome"},
        is_whole_name=True,
    )


def test_a_name_written_with_the_last_name_first():
    assert make(PHONE, "Lee, Ann").first_name == "Ann"


def test_a_short_row_says_nothing_about_the_missing_cells():
    assert make(PHONE) == ContactRow(PHONE)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ((PHONE, "Ann", "", "Rome", "", "one more"), contactrows.EXTRA),
        ((PHONE, "Ann", "ann at example"), contactrows.BAD_EMAIL),
        ((PHONE, "Ann", "a@b@example.com"), contactrows.BAD_EMAIL),
        ((PHONE, "A" * 101), contactrows.LONG_NAME),
        ((PHONE, "Ann", "", "x" * 1001), contactrows.LONG_CELL),
    ],
)
def test_a_row_that_cannot_be_says_why(cells, sentence):
    with pytest.raises(RuleBroken) as refusal:
        make(*cells)
    assert str(refusal.value) == sentence


def test_blank_cells_beyond_the_columns_are_nothing():
    assert make(PHONE, "Ann", "", "", "", " ", "").first_name == "Ann"


def test_a_later_row_wins_and_its_blanks_do_not_erase():
    older = ContactRow(PHONE, "Ann", "Lee", attributes={"City": "Rome", "Size": "L"})
    newer = ContactRow(PHONE, "Anna", attributes={"City": "Oslo"})
    assert newer.over(older) == ContactRow(
        PHONE, "Anna", "Lee", attributes={"City": "Oslo", "Size": "L"}
    )


FORMULAS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", '"=1', "'=1", "＝1", "\0=1", "=cmd|x"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula_after_neutralising(cell):
    assert neutralise(cell).startswith("'")


INNER = [
    "STOP;=1+1;x",
    "a,@x",
    "a|+1",
    "a\t-1",
    "a\n=1",
    'a;"=1',
    "a; =1",
    "a;;=1",
    "a;\t=1",
    "a;'=1",
]


@pytest.mark.parametrize("cell", INNER)
def test_no_part_of_a_cell_is_a_formula_for_who_parts_it_otherwise(cell):
    parts = re.split(r"[,;|\t\n]", neutralise(cell))
    assert not [part for part in parts if re.match(r"[\s\"]*[=+@-]", part)]


@pytest.mark.parametrize(
    "cell", ["Ann", "12015550101", "a=b", "", "O'Hara", "'tis", "1+1", "Lee, Ann", "a; 'b'"]
)
def test_ordinary_cells_stay_as_they_are(cell):
    assert neutralise(cell) == take_plain(cell) == cell


@pytest.mark.parametrize("cell", [*FORMULAS, *INNER, "Ann", "+12015550101"])
def test_reading_a_neutralised_cell_gives_the_cell_back(cell):
    assert take_plain(neutralise(cell)) == cell.strip()


def test_the_column_of_reasons_says_nothing_when_it_comes_back():
    names = ["Phone", columns.REASON_COLUMN]
    assert guess_mapping(names, [], "US") == {0: "phone", 1: ""}
