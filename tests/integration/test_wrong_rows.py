"""Files with something wrong in them: the wrong rows alone go to quarantine, and `rows read = loaded + quarantined`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xlsxwriter
from exports import DAY, DELIMITER, DayOfFiles

from orchestration.ingest.refusal import ExportRefused


def test_an_unknown_column_is_a_warning_and_the_day_goes_on(day: DayOfFiles) -> None:
    day.keep("payments")
    rows = day.read()["payments"].rows_read
    day.rewrite("payments.csv", lambda lines: [lines[0] + ";Кешбэк", *(line + ";5" for line in lines[1:])])
    read = day.read()["payments"]
    [warning] = read.warnings
    assert "payments.csv, row 1): the header has unknown columns 'Кешбэк'" in warning
    assert (read.rows_read, read.rows_quarantined) == (rows, 0)
    day.load()
    assert day.query("select rows_loaded from ops.load_log where entity = 'payments'") == [(rows,)]


def test_columns_in_another_order_are_read_by_name(day: DayOfFiles) -> None:
    day.keep("payments")

    def reverse(lines: list[str]) -> list[str]:
        return [DELIMITER.join(reversed(line.split(DELIMITER))) for line in lines]

    day.read()
    day.load()
    before = day.query("select * exclude (_load_id) from raw.payments order by all")
    day.rewrite("payments.csv", reverse)
    day.read()
    day.load()
    assert day.query("select * exclude (_load_id) from raw.payments order by all") == before


def test_a_file_with_a_header_alone_is_a_day_on_which_nothing_happened(day: DayOfFiles) -> None:
    day.keep("payments")
    day.rewrite("payments.csv", lambda lines: lines[:1])
    assert day.read()["payments"].rows_read == 0
    day.load()
    assert day.query("select rows_read, rows_loaded from ops.load_log where entity = 'payments'") == [(0, 0)]


def _negative_price(day: DayOfFiles) -> None:
    for column in ("Сумма по прайсу", "К оплате"):
        day.set_value("service_lines.csv", 7, column, "-500,00")
    day.set_value("service_lines.csv", 7, "Скидка", "0,00")
    day.set_value("service_lines.csv", 7, "Тип строки", "Продажа")
    day.set_value("service_lines.csv", 7, "Исходная строка", "")


def _repeat_row(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [*lines, lines[3]])


def _cut_row(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [*lines[:5], DELIMITER.join(lines[5].split(";")[:4]), *lines[6:]])


def _lengthen_row(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [*lines[:5], lines[5] + ";1;2", *lines[6:]])


def _cell(name: str, row: int, column: str, value: str) -> Callable[[DayOfFiles], None]:
    return lambda day: day.set_value(name, row, column, value)


# Fault → how to plant it; entity, row, stage, column, value and rule of the quarantine entry, and its reason.
QUARANTINED: dict[str, tuple[Callable[[DayOfFiles], None], tuple[str, int, str, str | None, str | None, str], str]] = {
    "negative price": (
        _negative_price,
        ("service_lines", 7, "guard", "net_amount", "-500.00", "negative_line_is_a_refund"),
        "Only a refund is negative",
    ),
    "unparsable date": (
        _cell("appointments.csv", 4, "Начало план", "31.02.2026 10:00"),
        ("appointments", 4, "read", "planned_start_at", "31.02.2026 10:00", "not_a_date_and_time"),
        "not a timestamp written as %d.%m.%Y %H:%M",
    ),
    "american date": (
        _cell("payments.csv", 4, "Дата платежа", "2026-02-02 10:00"),
        ("payments", 4, "read", "paid_at", "2026-02-02 10:00", "not_a_date_and_time"),
        "not a timestamp written as",
    ),
    "decimal point": (
        _cell("payments.csv", 4, "Сумма", "1200.50"),
        ("payments", 4, "read", "payment_amount", "1200.50", "not_a_number"),
        "not a number with the decimal mark ,",
    ),
    "tenth of a kopeck": (
        _cell("payments.csv", 4, "Сумма", "1200,505"),
        ("payments", 4, "read", "payment_amount", "1200,505", "too_precise"),
        "more than 2 decimals",
    ),
    "unknown status": (
        _cell("appointments.csv", 3, "Статус", "Архив"),
        ("appointments", 3, "read", "status", "Архив", "unknown_value"),
        "it knows: Запланирован, Завершён",
    ),
    "empty id": (
        _cell("payments.csv", 3, "Номер платежа", ""),
        ("payments", 3, "read", "payment_id", None, "required"),
        "empty, but required",
    ),
    "repeated key": (
        _repeat_row,
        ("payments", 4, "guard", "payment_id", "", "key_is_unique"),
        "A day holds each payment_id once",
    ),
    "too few fields": (_cut_row, ("payments", 6, "read", None, None, "broken_row"), ""),
    "too many fields": (_lengthen_row, ("payments", 6, "read", None, None, "broken_row"), ""),
}


@pytest.mark.parametrize("fault", QUARANTINED)
def test_a_wrong_row_goes_to_quarantine_and_only_it(day: DayOfFiles, fault: str) -> None:
    plant, (entity, row, stage, column, value, rule), reason = QUARANTINED[fault]
    day.keep(entity)
    plant(day)
    rows = len(day.lines(f"{entity}.csv")) - 1
    if fault == "repeated key":
        value = day.lines("payments.csv")[3].split(DELIMITER)[0]
    day.read()
    day.load()
    [found] = day.query(
        "select entity, _file, _row, stage, column_name, value, rule, reason from ops.quarantine where rule = ?", rule
    )
    assert found[:-1] == (entity, f"{DAY}/{entity}.csv", row, stage, column, value, rule)
    assert reason in found[-1]
    assert day.query("select count(distinct (_file, _row)) from ops.quarantine") == [(1,)]
    log = day.query("select rows_read, rows_loaded, rows_quarantined from ops.load_log where entity = ?", entity)
    assert log == [(rows, rows - 1, 1)]
    assert day.query(f"select count(*), count(*) filter (_row = {row}) from raw.{entity}") == [(rows - 1, 0)]


def test_rows_are_numbered_as_in_a_spreadsheet_also_behind_broken_ones(day: DayOfFiles) -> None:
    day.keep("payments")
    _cut_row(day)
    day.set_value("payments.csv", 5, "Сумма", "до")
    day.set_value("payments.csv", 9, "Сумма", "после")
    day.read()
    day.load()
    found = day.query("select _row, value from ops.quarantine order by _row")
    assert found == [(5, "до"), (6, None), (9, "после")]


def test_a_broken_row_is_described_in_one_sentence_that_is_the_same_each_time(day: DayOfFiles) -> None:
    day.keep("payments")
    _cut_row(day)
    reasons = set()
    for _ in range(3):
        day.read()
        day.load()
        reasons |= set(day.query("select reason from ops.quarantine"))
    [(reason,)] = reasons
    assert len(reason) < 200
    assert "4" in reason


def test_a_quote_that_is_never_closed_refuses_the_file_and_says_where(day: DayOfFiles) -> None:
    day.keep("payments")
    day.set_value("payments.csv", 6, "Плательщик", '"Ромашка')
    with pytest.raises(ExportRefused, match=r"payments\.csv, row 6\): a quote is opened and not closed"):
        day.read()


def test_a_line_break_inside_quotes_is_part_of_the_value(day: DayOfFiles) -> None:
    day.set_value("payments.csv", 4, "Плательщик", '"ООО\r\nРомашка"')
    day.set_value("payments.csv", 9, "Сумма", "после")
    rows = len(day.lines("payments.csv")) - 2
    read = day.read()["payments"]
    assert (read.rows_read, read.rows_quarantined) == (rows, 1)


def test_a_workbook_cell_that_is_no_number_names_its_row(day: DayOfFiles) -> None:
    day.keep("marketing_spend")
    path = day.folder / "marketing_spend.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Филиал", "Дата", "Канал", "Расход", "Изменено"])
        sheet.write_row(1, 0, ["K1", "29.12.2025", "Сайт", 1234.5, "05.01.2026 09:00"])
        sheet.write_row(2, 0, ["K1", "30.12.2025", "Сайт", "н/д", "05.01.2026 09:00"])
    read = day.read()["marketing_spend"]
    assert (read.rows_read, read.rows_quarantined, read.warnings) == (2, 1, [])
    day.load()
    assert day.query("select _row, column_name, value, rule from ops.quarantine") == [
        (3, "spend_amount", "н/д", "not_a_number")
    ]
