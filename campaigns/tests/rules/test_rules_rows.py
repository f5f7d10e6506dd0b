"""Bytes become rows: encodings, delimiters, quotes, and lines that cost only themselves."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules import rows, workbooks
from campaigns.rules.rows import find_delimiter, find_encoding, find_file_problem, read_rows

TEXT = "Phone,Name\n12015550101,Zoë\n"


def read(text, delimiter=","):
    return list(read_rows(io.StringIO(text, newline=""), delimiter))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (b"Phone\n12015550101\n", "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
        (b"", "utf-8-sig"),
    ],
)
def test_encodings_are_found(content, encoding):
    assert find_encoding([content]) == encoding


def test_a_letter_cut_in_two_by_the_end_of_a_chunk_is_still_utf_8():
    content = "Zoë".encode()
    assert find_encoding([content[:3], content[3:]]) == "utf-8-sig"


def test_one_wrong_byte_at_the_far_end_is_noticed():
    assert find_encoding([b"a" * 70_000, b"\xe9\n"]) == "cp1252"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b;c\n1;2,5;3\n4;5,5;6\n", ";"),
        ("a\tb\n1\t2,3\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('a;b\n"x,y,z";1\n"x,y,z";2\n', ";"),
        ('"a;b;c",d\n"e;f;g",h\n', ","),
        ("sep=;\na,b;c\n", ";"),
        ('"sep=|"\na\n', "|"),
        ("Phone\n12015550101\n", ","),
        ("", ","),
        ('name;note\nAnn;"one, two\nthree, four"\nBo;x\n', ";"),
        ('1,"a;b;c"\n2,"d;e;f"\n', ","),
        ('Phone,Note\n1,"Hi;\nthere;\nyou"\n2,"Lo;\nand;\nbehold"\n', ","),
        ('"Phone","He said ""a;b;c"""\n"1",";;;"\n', ","),
        ('1;"a,b,c"\n2;"d\te\tf"\n', ";"),
        ('1\t"a,b|c;d,e|f;"\n2\t"a,b|c;d,e|f;"\n', "\t"),
        ('1|"a,b,c"|\r2|"d,e,f"|\r', "|"),
        ('Ann;12" pipe, 3 m, new\nBo;x\n', ";"),
        ('Name\n"Doe; Ann"\n"Roe; Bo"\n', ","),
        ("a;b\nx\u2028,,y;c\nx\u2028,,y;c\n", ";"),
        ('Phone,Note\n1,"never closed; and; so\n2,"a;b;c"\n3,"d;e;f"\n4,"g;h;i"\n', ","),
    ],
)
def test_delimiters_are_found_outside_quotes(text, delimiter):
    assert find_delimiter(text) == delimiter


CELLS = st.text(alphabet='ab1 ,;\t|"\n', max_size=8)


@given(
    delimiter=st.sampled_from(sorted(rows.DELIMITERS)),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    table=st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)
    ),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_is_quoted_parts_nothing(delimiter, quoting, table, end):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(table)
    assert find_delimiter(text.getvalue()) == delimiter


@given(
    delimiter=st.sampled_from(sorted(rows.DELIMITERS)),
    table=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1),
)
def test_the_head_decides_where_only_some_cells_are_quoted(delimiter, table):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([("Phone", "Name", "Note"), *table])
    assert find_delimiter(text.getvalue()) == delimiter


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", workbooks.OLD),
        (b"%PDF-1.7\n", rows.BINARY),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 4, rows.BINARY),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00\x01" * 20, rows.BINARY),
        (TEXT.encode(), ""),
        (TEXT.encode("utf-16"), ""),
        (TEXT.encode("utf-16-le"), ""),
        (b"Phone\n1201\x005550101\n", ""),
    ],
)
def test_what_is_not_a_table_of_text_is_refused_in_words(head, sentence):
    assert find_file_problem(head) == sentence


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_a_line_end(end):
    assert [row.cells for row in read(f"a,b{end}c,d{end}")] == [["a", "b"], ["c", "d"]]


def test_a_line_break_inside_quotes_belongs_to_the_cell():
    found = read('a,"x\ny"\nb,z\n')
    assert [(row.line, row.cells) for row in found] == [(1, ["a", "x\ny"]), (3, ["b", "z"])]


def test_blank_lines_are_no_rows_but_count_as_lines():
    assert [row.line for row in read("a\n\n ,,\nb\n")] == [1, 4]


@pytest.mark.parametrize("sign", ["5", "é", '"', " ", "x", "="])
def test_a_sign_that_parts_nothing_is_not_obeyed(sign):
    assert rows.find_delimiter(f"sep={sign}\na,b\nc,d\n") == ","


@pytest.mark.parametrize("sign", [*rows.DELIMITERS, ":", "~"])
def test_a_separator_line_is_no_row_whatever_sign_it_names(sign):
    text = f"sep={sign}\r\na{sign}b\r\n"
    assert rows.find_delimiter(text) == sign
    assert [row.cells for row in read(text, sign)] == [["a", "b"]]


def test_excels_separator_line_is_no_row():
    assert [row.cells for row in read("sep=;\na;b\n", ";")] == [["a", "b"]]


def test_a_forgotten_quotation_mark_costs_only_its_line():
    lines = [f"1201555{number:04},Ann" for number in range(100)]
    lines[3] = '12015550003,"Ann'
    found = read("\n".join(lines))
    assert len(found) == 100
    assert [(row.line, row.problem) for row in found if row.problem] == [(4, rows.UNCLOSED)]


def test_a_forgotten_quotation_mark_near_the_end_costs_only_its_line():
    found = read('1,a\n2,"b\n3,c\n4,d\n')
    assert [row.problem for row in found] == ["", rows.UNCLOSED, "", ""]


def test_a_line_of_ten_megabytes_costs_only_itself():
    found = read(f"a,b\n{'x' * 10_000_000}\nc,d\n")
    assert [(row.line, row.problem) for row in found] == [(1, ""), (2, rows.TOO_LONG), (3, "")]
    assert len(found[1].cells[0]) == 500


def test_a_nul_character_is_a_problem_of_its_line():
    found = read("a\nb\0c\nd\n")
    assert [row.problem for row in found] == ["", rows.NUL, ""]
    assert found[1].cells == ["bc"]


def test_no_row_has_a_nul_whatever_else_is_wrong():
    found = read('1,"\0a\n2,b\n' + "\0" + "x" * 200_000 + "\n3,c\n")
    assert [row.problem for row in found] == [rows.UNCLOSED, "", rows.TOO_LONG, ""]
    assert not any("\0" in cell for row in found for cell in row.cells)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_are_the_same_in_blocks_and_with_care(end, monkeypatch):
    lines = [f"{number},Ann {number},{'x' * (number % 97)}" for number in range(900)]
    lines[300:300] = ["", ",,", '5,"a' + end + 'b",c']
    text = end.join(lines) + end
    monkeypatch.setattr(rows, "_BLOCK", 1_000)
    fast = read(text)
    monkeypatch.setattr(rows, "_HARD", re.compile(""))
    assert read(text) == fast
    assert len(fast) == 901


def test_a_character_that_cannot_be_read_is_a_problem_of_its_line():
    assert [row.problem for row in read("a\nM\ufffdller\n")] == ["", rows.UNREADABLE]
