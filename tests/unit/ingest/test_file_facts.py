"""What is kept of a file beside its rows, and the control totals that a source may send with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ingest_case import DAY, HEADERS, Reader, profile

from orchestration.ingest.refusal import ExportRefused

_SALES = {"sale_id": "Номер", "net_amount": "Сумма", "sold_on": "День", "phone": "Телефон"}
_FILE = "Номер;Сумма;День;Скидка;Телефон\n001;10,50;05.01.2026;;8\n002;-0,50;06.01.2026;x;9\n"
_CONTROLS = {"file": "_control.csv", "entity": "Файл", "rows": "Строк", "sums": {"sales": {"Сумма": "Итого"}}}


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def _columns(reader: Reader, content: str) -> dict[str, tuple[str | None, int]]:
    (count,) = reader.read(reader.land(content), profile(_SALES, unknown_columns="ignore")).files
    return {name: (kind, filled) for name, kind, filled in count.columns}


def test_every_column_of_the_header_is_kept_with_the_kind_of_those_that_are_read(reader: Reader) -> None:
    assert _columns(reader, _FILE) == {
        "Номер": ("number", 2),
        "Сумма": ("number", 2),
        "День": ("date or time", 2),
        "Скидка": (None, 0),
        "Телефон": ("number", 2),
    }


def test_a_patient_in_the_header_is_not_kept(reader: Reader) -> None:
    header = "Номер;Сумма;День;Иванова Анна Петровна;Карта 0012345;Телефон"
    assert list(_columns(reader, f"{header}\n001;10,50;05.01.2026;;;8\n")) == [
        "Номер",
        "Сумма",
        "День",
        "(personal data)",
        "Телефон",
    ]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("1", "2,5", "-3.75"), "number"),
        (("2026-01-05", "05.01.2026 10:00"), "date or time"),
        (("10:30", "9:05:00"), "date or time"),
        (("1", "A2"), "text"),
        (("1", "05.01.2026"), "text"),
        (("", " "), None),
        (("1",) * 9 + ("n/a",), "number"),
        (("1",) * 8 + ("n/a",), "text"),
    ],
)
def test_a_column_is_of_the_kind_that_all_of_its_values_are(
    cells: tuple[str, ...], kind: str | None, reader: Reader
) -> None:
    rows = "".join(f"{cell};10,00;05.01.2026;;8\n" for cell in cells)
    assert _columns(reader, _FILE.splitlines()[0] + "\n" + rows)["Номер"][0] == kind


def _controls(reader: Reader, control: str | None, sales: str = _FILE, **changes: Any) -> dict[str, tuple[Any, Any]]:
    """What is controlled → (told, found)."""
    landed = reader.land(sales)
    if control is not None:
        reader.land(control, name="_control.csv")
    of = profile(_SALES, controls=_CONTROLS | changes, unknown_columns="ignore")
    (count,) = reader.read(landed, of).files
    return {what: (told, found) for what, told, found in count.controls}


@pytest.mark.parametrize("name", ["sales", "sales.csv", "Sales.CSV"])
def test_rows_and_sums_are_compared_with_what_was_read(name: str, reader: Reader) -> None:
    control = f"Файл;Строк;Итого\nother.csv;7;1\n{name};2;10,00\n"
    assert _controls(reader, control) == {"rows": ("2", "2"), "sum of Сумма": ("10", "10")}


def test_rows_that_go_to_quarantine_count_too(reader: Reader) -> None:
    wrong_day = _FILE + "003;5,00;yesterday;;7\n"
    found = _controls(reader, "Файл;Строк;Итого\nsales;3;15,00\n", wrong_day)
    assert found == {"rows": ("3", "3"), "sum of Сумма": ("15", "15")}
    assert len(reader.quarantined("rule")) == 1


def test_a_broken_line_is_a_row_and_leaves_no_sum(reader: Reader) -> None:
    found = _controls(reader, "Файл;Строк;Итого\nsales;3;10,00\n", _FILE + "003;5,00\n")
    assert found == {"rows": ("3", "3"), "sum of Сумма": ("10", "not every row can be")}


def test_an_amount_that_is_no_number_leaves_no_sum(reader: Reader) -> None:
    found = _controls(reader, "Файл;Строк;Итого\nsales;3;10,00\n", _FILE + "003;5O,00;05.01.2026;;7\n")
    assert found["sum of Сумма"] == ("10", "not every row can be")


def test_a_file_that_was_cut_is_seen(reader: Reader) -> None:
    found = _controls(reader, "Файл;Строк;Итого\nsales;2;10,00\n", "".join(_FILE.splitlines(keepends=True)[:2]))
    assert found == {"rows": ("2", "1"), "sum of Сумма": ("10", "10.5")}


def test_an_empty_file_has_no_rows_and_a_sum_of_nothing(reader: Reader) -> None:
    found = _controls(reader, "Файл;Строк;Итого\nsales;0;0,00\n", _FILE.splitlines()[0] + "\n")
    assert found == {"rows": ("0", "0"), "sum of Сумма": ("0", "0")}


def test_a_column_may_be_summed_that_nothing_else_reads(reader: Reader) -> None:
    sales = _FILE.replace("x", "1,25")
    found = _controls(reader, "Файл;Строк;Итого\nsales;2;1,25\n", sales, sums={"sales": {"Скидка": "Итого"}})
    assert found["sum of Скидка"] == ("1.25", "1.25")


@pytest.mark.parametrize(
    ("control", "refusal"),
    [
        (None, "the control file is missing. Export it to"),
        ("Файл;Строк;Итого\nother.csv;7;1\n", f"the control file has 0 rows for {DAY}/sales.csv"),
        ("Файл;Строк;Итого\nsales;7;1\nsales.csv;7;1\n", "the control file has 2 rows"),
        ("Файл;Строк\nsales;7\n", "the header lacks 'Итого'. Name the columns in 'controls'"),
    ],
)
def test_a_control_file_that_tells_nothing_refuses_the_file(control: str | None, refusal: str, reader: Reader) -> None:
    with pytest.raises(ExportRefused, match=r"_control\.csv") as caught:
        _controls(reader, control)
    assert refusal in str(caught.value)


def test_without_controls_nothing_is_compared(reader: Reader) -> None:
    (count,) = reader.read(reader.land(";".join(HEADERS.values()) + "\n")).files
    assert count.controls == []
