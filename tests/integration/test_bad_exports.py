"""Exports that are wrong in one way each: what is said of them, and that `rows read = loaded + quarantined` holds."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from exports import DELIMITER, DayOfFiles

from models.contracts import load_contracts
from models.sources import SOURCES_DIR, load_profile
from orchestration.demo import DemoSummary
from orchestration.ingest.refusal import ExportRefused

pytestmark = pytest.mark.xdist_group("outpatient")

DAY = "2026-01-05"  # a Monday: the workbook of the marketing spend is there
ENTITIES = ("appointments", "service_lines", "payments", "marketing_spend")


@pytest.fixture
def day(demo: DemoSummary, tmp_path: Path) -> DayOfFiles:
    """A day without a fault: every test spoils it in its own way."""
    profile = load_profile(SOURCES_DIR / "demo_mis.yaml")
    profile = profile.model_copy(update={"entities": {name: profile.entities[name] for name in ENTITIES}})
    files = DayOfFiles(tmp_path, profile, load_contracts(), date.fromisoformat(DAY))
    files.copy_from(demo.out / DAY)
    return files


def test_the_day_is_clean_before_it_is_spoilt(day: DayOfFiles) -> None:
    reads = day.read()
    assert reads.keys() == set(ENTITIES)
    for entity, read in reads.items():
        assert (read.rows_quarantined, read.warnings) == (0, [])
        assert read.rows_read == len(day.lines(f"{entity}.csv")) - 1 if entity != "marketing_spend" else True
    day.load()
    assert day.query("select count(*) from ops.quarantine") == [(0,)]
    assert day.query("select sum(rows_loaded) from ops.load_log") == [(sum(r.rows_read for r in reads.values()),)]


# The file as a whole cannot be read: refused, with a message of its own -----------------------------------------


def _delete(day: DayOfFiles) -> None:
    (day.folder / "payments.csv").unlink()


def _rename_column(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [lines[0].replace("Сумма", "Сумма, руб."), *lines[1:]])


def _drop_last_column(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [line.rpartition(DELIMITER)[0] for line in lines])


def _use_commas(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [line.replace(DELIMITER, ",") for line in lines])


def _name_a_column_twice(day: DayOfFiles) -> None:
    day.rewrite("payments.csv", lambda lines: [lines[0].replace("Статус", "Способ"), *lines[1:]])


def _write_utf8(day: DayOfFiles) -> None:
    path = day.folder / "payments.csv"
    path.write_bytes(path.read_bytes().decode("cp1251").encode())


def _write_utf8_that_decodes(day: DayOfFiles) -> None:
    """In UTF-8 the letter И has a byte that cp1251 lacks; without it the wrong encoding "succeeds"."""
    day.rewrite("payments.csv", lambda lines: [line.replace("И", "I") if n else line for n, line in enumerate(lines)])
    _write_utf8(day)
    assert (day.folder / "payments.csv").read_bytes().decode("cp1251")


def _plant_a_byte_that_cp1251_lacks(day: DayOfFiles) -> None:
    path = day.folder / "payments.csv"
    lines = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join([*lines[:4], lines[4] + b"\x98", *lines[5:]]))


def _empty(day: DayOfFiles) -> None:
    (day.folder / "payments.csv").write_bytes(b"")


def _break_workbook(day: DayOfFiles) -> None:
    (day.folder / "marketing_spend.xlsx").write_bytes(b"this is no workbook")


def _truncate_workbook(day: DayOfFiles) -> None:
    path = day.folder / "marketing_spend.xlsx"
    path.write_bytes(path.read_bytes()[:-300])


def _deliver_gzip(day: DayOfFiles) -> Path:
    """The payments as `payments.csv.gz`, as another site of this MIS might send them."""
    mapping = day.profile.entities["payments"].model_copy(update={"file": "payments.csv.gz"})
    day.profile = day.profile.model_copy(update={"entities": day.profile.entities | {"payments": mapping}})
    plain = day.folder / "payments.csv"
    packed = day.folder / "payments.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    return packed


def _truncate_gzip(day: DayOfFiles) -> None:
    packed = _deliver_gzip(day)
    packed.write_bytes(packed.read_bytes()[:-40])


def _corrupt_gzip(day: DayOfFiles) -> None:
    packed = _deliver_gzip(day)
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 0xFF
    packed.write_bytes(bytes(content))


def _send_text_as_gzip(day: DayOfFiles) -> None:
    _deliver_gzip(day).write_bytes(b"no archive at all")


REFUSED: dict[str, tuple[Callable[[DayOfFiles], None], str]] = {
    "missing file": (_delete, r"payments\.csv\): the file is missing\. Export it to .*payments\.csv, then run"),
    "renamed column": (_rename_column, r"payments\.csv, row 1\): the header lacks 'Сумма'\..*'Сумма, руб\.'"),
    "missing column": (_drop_last_column, r"payments\.csv, row 1\): the header lacks 'Изменено'"),
    "other delimiter": (_use_commas, r"payments\.csv, row 1\): the header lacks .*text\.delimiter"),
    "column named twice": (_name_a_column_twice, r"payments\.csv, row 1\): the header names a column twice: Способ"),
    "utf-8 for cp1251": (_write_utf8, r"payments\.csv, row 1\): the file is not cp1251.* It may be utf-8"),
    "utf-8 that would pass": (_write_utf8_that_decodes, r"row 1\): the file is UTF-8, but the profile says cp1251: ev"),
    "byte that is no letter": (_plant_a_byte_that_cp1251_lacks, r"payments\.csv, row 5\): the file is not cp1251"),
    "empty file": (_empty, r"payments\.csv, row 1\): the file is empty"),
    "no workbook": (_break_workbook, r"marketing_spend\.xlsx\): the workbook cannot be opened"),
    "cut workbook": (_truncate_workbook, r"marketing_spend\.xlsx\): the workbook cannot be opened"),
    "cut gzip": (_truncate_gzip, r"payments\.csv\.gz\): the archive is damaged"),
    "corrupt gzip": (_corrupt_gzip, r"payments\.csv\.gz\): the archive is damaged"),
    "no gzip": (_send_text_as_gzip, r"payments\.csv\.gz\): the archive is damaged"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_file_that_cannot_be_read_is_refused(day: DayOfFiles, fault: str) -> None:
    spoil, message = REFUSED[fault]
    spoil(day)
    with pytest.raises(ExportRefused) as refused:
        day.read()
    [problem] = refused.value.problems
    assert str(problem).startswith(f"demo_mis {DAY} ")
    assert re.search(message, str(problem)), str(problem)
    assert day.to_load() == []


def test_each_fault_has_a_message_of_its_own(day: DayOfFiles) -> None:
    patterns = {
        pattern for fault, (_, pattern) in REFUSED.items() if fault not in ("no workbook", "no gzip", "cut gzip")
    }
    assert len(patterns) == len(REFUSED) - 3


def test_all_bad_files_are_named_in_one_go(day: DayOfFiles) -> None:
    _write_utf8(day)
    _break_workbook(day)
    day.rewrite("appointments.csv", lambda lines: [lines[0].replace("Статус", "Состояние"), *lines[1:]])
    with pytest.raises(ExportRefused) as refused:
        day.read()
    assert {problem.entity for problem in refused.value.problems} == {"payments", "marketing_spend", "appointments"}


def test_a_day_that_has_not_landed_is_refused(day: DayOfFiles) -> None:
    day.day = date(2026, 1, 6)
    with pytest.raises(ExportRefused, match=r"demo_mis 2026-01-06 .*no export has landed"):
        day.find()


def test_a_good_gzip_reads_as_the_plain_file_does(day: DayOfFiles) -> None:
    plain = day.read()["payments"].rows_read
    _deliver_gzip(day)
    assert day.read()["payments"].rows_read == plain > 0


def test_a_refused_reissue_takes_back_what_was_ready_to_load(day: DayOfFiles) -> None:
    """Batches of the first issue would otherwise be loaded under the name of the second."""
    day.keep("payments")
    day.read()
    day.load()
    loaded = day.query("select * from ops.load_log order by all")
    _write_utf8(day)
    with pytest.raises(ExportRefused):
        day.read()
    assert day.to_load() == []
    assert day.query("select * from ops.load_log order by all") == loaded


# The file can be read, something in it is odd or wrong --------------------------------------------------------


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
        _cell("payments.csv", 4, "Дата платежа", "2026-01-05 10:00"),
        ("payments", 4, "read", "paid_at", "2026-01-05 10:00", "not_a_date_and_time"),
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


@pytest.mark.xfail(
    strict=True, reason="the reason lists every missing field, in an order that changes with each reading"
)
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


@pytest.mark.xfail(
    strict=True, reason="the rest of the file is taken for one value: its rows are neither loaded nor counted"
)
def test_a_quote_that_is_never_closed_loses_no_row_silently(day: DayOfFiles) -> None:
    day.keep("payments")
    day.set_value("payments.csv", 6, "Плательщик", '"Ромашка')
    rows = len(day.lines("payments.csv")) - 1
    day.read()
    day.load()
    [(read, loaded, quarantined)] = day.query(
        "select rows_read, rows_loaded, rows_quarantined from ops.load_log where entity = 'payments'"
    )
    assert read == loaded + quarantined
    assert (loaded, read) == (rows - 1, rows)


def test_a_line_break_inside_quotes_is_part_of_the_value(day: DayOfFiles) -> None:
    day.set_value("payments.csv", 4, "Плательщик", '"ООО\r\nРомашка"')
    day.set_value("payments.csv", 9, "Сумма", "после")
    rows = len(day.lines("payments.csv")) - 2
    read = day.read()["payments"]
    assert (read.rows_read, read.rows_quarantined) == (rows, 1)


def test_a_workbook_cell_that_is_no_number_names_its_row(day: DayOfFiles) -> None:
    day.keep("marketing_spend")
    import xlsxwriter

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
