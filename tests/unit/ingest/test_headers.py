"""Headers of several rows, with names that stand twice, and files that have none."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from ingest_case import Reader, profile

from models.file_terms import TextFormat
from models.sources import Profile
from orchestration.ingest.formats.header import column_names, joined_header
from orchestration.ingest.refusal import ExportRefused

_TEXT = {"delimiter": ";", "decimal_mark": ","}


def _profile(columns: dict[str, Any], **text: Any) -> Profile:
    return profile(columns, text=_TEXT | text, unknown_columns="ignore")


def test_a_group_name_stands_before_the_names_of_its_columns() -> None:
    rows = [["№", "Пациент", "", "План", "", "Статус"], ["", "Карта", "ФИО", "Начало", "Конец", ""]]
    assert joined_header(rows) == ["№", "Пациент Карта", "Пациент ФИО", "План Начало", "План Конец", "Статус"]


def test_a_name_with_nothing_below_it_is_no_group_for_the_next_column() -> None:
    assert joined_header([["Врач", "", "Сумма"], ["", "Карта"]]) == ["Врач", "Карта", "Сумма"]


def test_a_header_of_three_rows_joins_all_of_them() -> None:
    rows = [["Приём", "", "", ""], ["План", "", "Факт", ""], ["с", "по", "с", "по"]]
    assert joined_header(rows) == ["Приём План с", "Приём План по", "Приём Факт с", "Приём Факт по"]


def test_columns_without_a_name_and_with_the_same_one_get_numbers() -> None:
    assert column_names(["Сумма", "", " сумма ", "Код"]) == ("Сумма (1)", "column 2", "сумма (2)", "Код")


def test_a_header_of_two_rows_is_read_and_rows_keep_their_numbers(reader: Reader) -> None:
    content = "Отчёт\n№;Сумма;\n;План;Факт\nS1;1,00;2,00\nИтого;1,00;2,00\nS2;x;3,00\nS3;;4,00;лишнее\n"
    chosen = _profile(
        {"sale_id": "№", "net_amount": "Сумма Факт", "units": "Сумма План"},
        header_row=2,
        header_rows=2,
        totals="Итого",
    )
    result = reader.read(reader.land(content), chosen)
    assert reader.typed("sale_id", "net_amount", "_row") == [("S1", Decimal(2), 4)]
    assert reader.quarantined("_row", "rule") == [(6, "not_a_number"), (7, "broken_row")]
    assert result.rows_read == 3


def test_a_missing_column_of_a_header_of_two_rows_is_told_with_the_joined_names(reader: Reader) -> None:
    with pytest.raises(ExportRefused, match=r"the header lacks 'Сумма'\. The file has: '№', 'Сумма План'") as refused:
        reader.read(reader.land("№;Сумма\n;План\n"), _profile({"sale_id": "№", "net_amount": "Сумма"}, header_rows=2))
    assert refused.value.problems[0].row == 2


def test_merged_cells_of_a_workbooks_header_name_groups_of_columns(reader: Reader) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet, form = book.add_worksheet(), book.add_format()
        sheet.merge_range("A1:D1", "Отчёт", form)
        sheet.merge_range("A2:A3", "Номер", form)
        sheet.merge_range("B2:C2", "Сумма", form)
        sheet.write_row("B3", ["План", "Факт"])
        # Stands above the name of one column; no merged cell says that it goes on to the next.
        sheet.write_row("D2", ["Число"])
        sheet.write_row("D3", ["Визиты", "Филиал"])
        sheet.write_row("A4", ["S1", 1, 2, 3, "Центр"])
        # Below the header a cell merged over columns is one number.
        sheet.write("A5", "S2")
        sheet.merge_range("B5:C5", 5, form)
    columns = {
        "sale_id": "Номер",
        "units": "Сумма План",
        "net_amount": "Сумма Факт",
        "visits": "Число Визиты",
        "clinic_id": "Филиал",
    }
    chosen = profile(columns, file="sales.xlsx", text={"header_row": 2, "header_rows": 2})
    reader.read(reader.land(buffer.getvalue(), name="sales.xlsx"), chosen)
    assert reader.typed(*columns, "_row") == [
        ("S1", Decimal(1), Decimal(2), 3, "Центр", 4),
        ("S2", Decimal(5), None, None, None, 5),
    ]


def test_of_columns_with_one_name_the_profile_means_one_by_its_number(reader: Reader) -> None:
    content = "Номер;Сумма;Сумма;Код;Код\nS1;1,00;2,00;x;y\n"
    result = reader.read(
        reader.land(content), profile({"sale_id": "Номер", "net_amount": "Сумма (2)"}, ignore=["Сумма (1)"])
    )
    assert reader.typed("sale_id", "net_amount") == [("S1", Decimal(2))]
    assert "unknown columns 'Код (1)', 'Код (2)'" in result.warnings[0]


def test_a_file_without_a_header_is_read_by_the_names_of_the_profile(reader: Reader) -> None:
    content = "S1;1,00\n\nS2;x\nS3;3,00;лишнее\nS4;4,00\n"
    result = reader.read(
        reader.land(content),
        _profile({"sale_id": "Номер", "net_amount": "Сумма"}, names=["Номер", "Сумма"]),
    )
    assert reader.typed("sale_id", "net_amount", "_row") == [("S1", Decimal(1), 1), ("S4", Decimal(4), 5)]
    assert reader.quarantined("_row", "rule") == [(3, "not_a_number"), (4, "broken_row")]
    assert result.rows_read == 4


def test_a_workbook_without_a_header_is_read_by_the_names_of_the_profile(reader: Reader) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet().write_row("A1", ["001", 1.5])
    chosen = profile({"sale_id": "Номер", "net_amount": "Сумма"}, file="sales.xlsx", text={"names": ["Номер", "Сумма"]})
    reader.read(reader.land(buffer.getvalue(), name="sales.xlsx"), chosen)
    assert reader.typed("sale_id", "net_amount", "_row") == [("001", Decimal("1.5"), 1)]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ({"names": ["A", "B"], "header_row": 2}, "without a header"),
        ({"names": ["A", "a"]}, "must be different"),
    ],
)
def test_names_of_a_file_without_a_header_are_different_and_need_none(text: dict[str, Any], mistake: str) -> None:
    with pytest.raises(ValueError, match=mistake):
        TextFormat.model_validate(text)
