"""Spreadsheets: cells arrive as the profile's text files write them, and a broken workbook is refused with words."""

from __future__ import annotations

import io
import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from ingest_case import DAY, HEADERS, Reader, profile

from orchestration.ingest.refusal import ExportRefused

FIXTURES = Path(__file__).parents[2] / "fixtures"


def _workbook(rows: list[list[Any]], sheets: tuple[str, ...] = ("Лист1",)) -> bytes:
    """A workbook whose last sheet holds `rows`; formats of dates as a spreadsheet program sets them."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    pages = [book.add_worksheet(name) for name in sheets]
    formats = {
        datetime: book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
        date: book.add_format({"num_format": "dd.mm.yyyy"}),
        time: book.add_format({"num_format": "hh:mm"}),
        timedelta: book.add_format({"num_format": "[hh]:mm"}),
    }
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            pages[-1].write(number, place, cell, formats.get(type(cell)))
    book.close()
    return buffer.getvalue()


def _read(reader: Reader, column: str, cells: list[Any], **changes: Any) -> list[Any]:
    rows = [[HEADERS["sale_id"], HEADERS[column]], *([f"S{number}", cell] for number, cell in enumerate(cells))]
    chosen = profile({"sale_id": HEADERS["sale_id"], column: HEADERS[column]}, file="sales.xlsx", **changes)
    result = reader.read(reader.land(_workbook(rows), name="sales.xlsx"), chosen)
    assert result.rows_read == len(cells)
    return [value for (value,) in reader.typed(column)]


def test_numbers_keep_the_digits_that_a_spreadsheet_shows(reader: Reader) -> None:
    cells = [1234.5, 0.1 + 0.2, -7, 1e6, 0.07, 99999999999.99]
    expected = ["1234.5", "0.3", "-7", "1000000", "0.07", "99999999999.99"]
    assert _read(reader, "net_amount", cells) == [Decimal(number) for number in expected]


@pytest.mark.parametrize("mark", [",", "."])
def test_numbers_are_read_with_either_decimal_mark(reader: Reader, mark: str) -> None:
    text = {"encoding": "cp1251", "delimiter": ";", "decimal_mark": mark}
    assert _read(reader, "net_amount", [12.5], text=text) == [Decimal("12.50")]


def test_a_number_with_three_decimals_is_no_amount(reader: Reader) -> None:
    assert _read(reader, "net_amount", [1.005, 2.5]) == [Decimal("2.50")]
    assert reader.quarantined("_row", "rule") == [(2, "too_precise")]


def test_whole_numbers_have_no_decimals(reader: Reader) -> None:
    assert _read(reader, "visits", [3, 0, -1, 2.0, 10**14]) == [3, 0, -1, 2, 10**14]


def test_text_ids_keep_their_leading_zeros(reader: Reader) -> None:
    assert _read(reader, "clinic_id", ["001", "0", "1e5", "12.50"]) == ["001", "0", "1e5", "12.50"]


def test_ids_written_as_numbers_are_whole(reader: Reader) -> None:
    assert _read(reader, "clinic_id", [17, 1234567890123]) == ["17", "1234567890123"]


def test_dates_are_dates(reader: Reader) -> None:
    assert _read(reader, "sold_on", [date(2026, 1, 5), date(2026, 12, 31)]) == [date(2026, 1, 5), date(2026, 12, 31)]


def test_moments_are_read_also_at_midnight(reader: Reader) -> None:
    moments = [datetime(2026, 1, 5, 9, 30), datetime(2026, 1, 5), datetime(2026, 1, 5, 23, 59)]
    assert _read(reader, "sold_at", moments) == moments


def test_a_moment_with_seconds_is_not_cut_to_its_minute(reader: Reader) -> None:
    assert _read(reader, "sold_at", [datetime(2026, 1, 5, 9, 30, 15)]) == [datetime(2026, 1, 5, 9, 30, 15)]


def test_a_bare_date_is_a_moment_only_in_a_spreadsheet(reader: Reader) -> None:
    assert _read(reader, "sold_at", [date(2026, 1, 5)]) == [datetime(2026, 1, 5)]
    assert reader.one("sold_at", "05.01.2026") == (None, "not_a_date_and_time")


def test_times_are_times(reader: Reader) -> None:
    cells = [time(9, 5), timedelta(hours=10, minutes=30)]
    assert _read(reader, "opens_at", cells) == [time(9, 5), time(10, 30)]


def test_a_duration_beyond_a_day_is_no_time_of_another_day(reader: Reader) -> None:
    cells = [timedelta(hours=26), timedelta(hours=24), timedelta(hours=-1), time(9, 5)]
    assert _read(reader, "opens_at", cells) == [time(9, 5)]


def test_booleans_are_the_words_of_the_profile(reader: Reader) -> None:
    assert _read(reader, "is_new", [True, False, "Да", 0]) == [True, False, True, False]


def test_texts_with_delimiters_quotes_and_newlines_stay_whole(reader: Reader) -> None:
    texts = ['a;b "c"', "two\nlines", "1;2", '"']
    assert _read(reader, "clinic_id", texts) == texts


def test_empty_cells_are_empty_and_rows_keep_their_numbers(reader: Reader) -> None:
    rows: list[list[Any]] = [["Номер", "Филиал"], ["S1", None], [None, None], ["S3", "A"]]
    result = reader.read(
        reader.land(_workbook(rows), name="sales.xlsx"), profile({"sale_id": "Номер", "clinic_id": "Филиал"})
    )
    assert reader.typed("sale_id", "clinic_id", "_row") == [("S1", None, 2), ("S3", "A", 4)]
    assert result.rows_read == 2


def test_the_sheet_of_the_profile_is_read(reader: Reader) -> None:
    content = _workbook([["Номер"], ["S1"]], sheets=("Титул", "Продажи"))
    reader.read(reader.land(content, name="sales.xlsx"), profile({"sale_id": "Номер"}, sheet="Продажи"))
    assert reader.typed("sale_id") == [("S1",)]


def _refusal(reader: Reader, content: bytes, **changes: Any) -> str:
    with pytest.raises(ExportRefused) as caught:
        reader.read(reader.land(content, name="sales.xlsx"), profile({"sale_id": "Номер"}, **changes))
    return str(caught.value)


def test_a_sheet_that_is_not_there_is_refused(reader: Reader) -> None:
    told = _refusal(reader, _workbook([["Номер"], ["S1"]]), sheet="Продажи")
    assert "the workbook has no sheet 'Продажи'. Name one of its sheets in the profile: 'Лист1'" in told


def test_an_empty_sheet_is_refused(reader: Reader) -> None:
    assert "not even a header" in _refusal(reader, _workbook([]))


@pytest.mark.parametrize("content", [b"", b"Sale;1\n", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_workbook_is_refused(reader: Reader, content: bytes) -> None:
    assert "sales.xlsx): the workbook cannot be opened" in _refusal(reader, content)


def test_a_page_of_html_that_is_called_a_workbook_is_told_to_be_one(reader: Reader) -> None:
    assert "it is a page of HTML or XML" in _refusal(reader, b"\xef\xbb\xbf\n<html><table></table></html>")


def test_a_damaged_workbook_is_read_or_refused_but_never_breaks_the_program(reader: Reader) -> None:
    whole = _workbook([["Номер"], *([f"S{number}"] for number in range(50))])
    dice = random.Random(7)
    refused = 0
    for _ in range(60):
        spoilt = bytearray(whole)
        spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        landed = reader.land(
            bytes(spoilt[: dice.choice([len(spoilt), dice.randrange(len(spoilt))])]), DAY, "sales.xlsx"
        )
        try:
            reader.read(landed, profile({"sale_id": "Номер"}, unknown_columns="ignore"))
        except ExportRefused:
            refused += 1
    assert refused > 20


# --- sheets made for people


def _book(write: Any) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    write(book, book.add_worksheet("Лист1"))
    book.close()
    return buffer.getvalue()


def test_titles_above_and_totals_below_the_table_are_passed_over(reader: Reader) -> None:
    rows = [["Отчёт о продажах"], [], ["Номер", "Сумма"], ["S1", 1.5], ["Итого", 1.5], ["S2", 2], ["Итого", 2]]
    chosen = profile(
        {"sale_id": "Номер", "net_amount": "Сумма"}, file="sales.xlsx", text={"header_row": 3, "totals": "Итого"}
    )
    result = reader.read(reader.land(_workbook(rows), name="sales.xlsx"), chosen)
    assert reader.typed("sale_id", "net_amount", "_row") == [("S1", Decimal("1.5"), 4), ("S2", Decimal(2), 6)]
    assert result.rows_read == 2


def test_a_merged_cell_means_every_row_that_it_covers(reader: Reader) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.merge_range("A1:C1", "Отчёт", book.add_format())
        sheet.write_row("A2", ["Филиал", "Номер", "Сумма"])
        sheet.merge_range("A3:A5", "Центр", book.add_format())
        for number, row in enumerate([["S1", 1], ["S2", 2], ["S3", 3]]):
            sheet.write_row(2 + number, 1, row)
        sheet.write_row("A6", ["Юг", "S4", 4])

    columns = {"sale_id": "Номер", "clinic_id": "Филиал"}
    chosen = profile(columns, file="sales.xlsx", text={"header_row": 2}, unknown_columns="ignore")
    reader.read(reader.land(_book(write), name="sales.xlsx"), chosen)
    assert reader.typed("sale_id", "clinic_id") == [("S1", "Центр"), ("S2", "Центр"), ("S3", "Центр"), ("S4", "Юг")]


def test_dates_as_bare_serial_numbers_are_read_if_the_profile_says_so(reader: Reader) -> None:
    mapping = {"sale_id": "Номер", "sold_on": {"from": "День", "format": ["%d.%m.%Y", "serial"]}}
    rows = [["Номер", "День"], ["S1", 46027], ["S2", date(2026, 1, 6)], ["S3", "07.01.2026"]]
    reader.read(reader.land(_workbook(rows), name="sales.xlsx"), profile(mapping, file="sales.xlsx"))
    assert [str(day) for (day,) in reader.typed("sold_on")] == ["2026-01-05", "2026-01-06", "2026-01-07"]


def test_a_workbook_inside_an_archive_is_read(reader: Reader) -> None:
    landed = reader.land(_workbook([["Номер"], ["001"]]), name="export.zip!report/sales.xlsx")
    reader.read(landed, profile({"sale_id": "Номер"}, file="export.zip!report/sales.xlsx"))
    assert reader.typed("sale_id") == [("001",)]


def test_the_old_workbook_format_is_read_too(reader: Reader) -> None:
    columns = {
        "sale_id": "Номер",
        "clinic_id": "Филиал",
        "net_amount": "Сумма",
        "sold_on": {"from": "День", "format": ["%d.%m.%Y", "serial"]},
        "sold_at": {"from": "Оказано", "format": ["%d.%m.%Y %H:%M", "serial"]},
    }
    content = (FIXTURES / "sales.xls").read_bytes()
    text = {"header_row": 3, "totals": "Итого", "decimal_mark": ","}
    reader.read(reader.land(content, name="sales.xls"), profile(columns, file="sales.xls", text=text))
    day, moment = date(2026, 1, 5), datetime(2026, 1, 5, 10, 30)
    assert reader.typed("sale_id", "clinic_id", "net_amount", "sold_on", "sold_at") == [
        ("001", "Центр", Decimal("1234.50"), day, moment),
        ("002", "Юг", Decimal("0.07"), day, moment),
    ]
