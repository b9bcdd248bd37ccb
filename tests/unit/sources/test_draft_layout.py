"""Where the table lies in its file: delimiter, quote, header, what stands above and below."""

from __future__ import annotations

import pytest

from orchestration.profiling.layout import table_layout, text_layout


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_rows_of_one_width(delimiter: str) -> None:
    rows = [["id", "name", "amount"], ["1", "a", "10.50"], ["2", "b c", "7"]]
    text = "".join(f"{delimiter.join(row)}\n" for row in rows)
    assert text_layout(text).delimiter == delimiter


def test_decimal_commas_do_not_make_the_comma_a_delimiter() -> None:
    text = "id;price;sum\n1;1,50;2,50\n2;3,00;4,75\n3;5,10;6,20\n"
    assert text_layout(text).delimiter == ";"


def test_a_delimiter_inside_quotes_is_none() -> None:
    text = 'id,name\n1,"a;b;c"\n2,"d;e;f"\n'
    layout = text_layout(text)
    assert (layout.delimiter, layout.quote) == (",", '"')


def test_values_in_single_quotes_are_quoted_by_them() -> None:
    assert text_layout("id;name\n'1';'a;b'\n'2';'c;d'\n").quote == "'"


def test_titles_above_the_header_and_empty_rows_are_counted() -> None:
    text = "Report;January\n\nid;name;amount\n1;a;10\n2;b;20\n3;c;30\n"
    assert text_layout(text).table.header_row == 3


@pytest.mark.parametrize("word", ["Итого", "ИТОГО:", "Всего", "Total", "Grand"])
def test_a_total_below_the_table_is_told_by_its_first_word(word: str) -> None:
    text = (
        f"id;name;amount\n1;a;10\n2;b;20\n{word} total;;30\n"
        if word == "Grand"
        else f"id;n;a\n1;a;1\n2;b;2\n{word};;3\n"
    )
    assert text_layout(text).table.totals == (word.rstrip(":"),)


def test_an_id_that_begins_like_a_total_is_a_row() -> None:
    assert text_layout("id;name;amount\n1;a;10\nTotalis;b;20\n").table.totals == ()


def test_lines_with_a_number_sign_are_comments() -> None:
    assert text_layout("# made by x\nid;name\n1;a\n").table.comment == "#"


def test_a_row_of_values_is_no_header() -> None:
    assert table_layout([["1", "2", "3"], ["id", "name", "amount"], ["4", "a", "5"]]).header_row == 2


def test_a_file_with_a_header_alone_has_it_in_the_first_row() -> None:
    assert table_layout([["id", "name"]]).header_row == 1
    assert table_layout([]).header_row == 1
