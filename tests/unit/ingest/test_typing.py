"""Cells become values of the contract's types, exactly, or the row goes to quarantine with the reason."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ingest_case import HEADERS, Reader, profile

_GOOD: list[tuple[str, str, Any]] = [
    ("clinic_id", " 007 ", "007"),
    ("clinic_id", "NULL", "NULL"),
    ("clinic_id", 'Клиника "Центр"; 2', 'Клиника "Центр"; 2'),
    ("visits", "12", 12),
    ("visits", "-3", -3),
    ("visits", "+3", 3),
    ("visits", "9223372036854775807", 2**63 - 1),
    ("net_amount", "1234,5", Decimal("1234.50")),
    ("net_amount", "1 234 567,89", Decimal("1234567.89")),
    ("net_amount", "1\u00a0234,00", Decimal("1234.00")),
    ("net_amount", "-12\u202f345,10", Decimal("-12345.10")),
    ("net_amount", "+7", Decimal("7.00")),
    ("net_amount", ",5", Decimal("0.50")),
    ("net_amount", "5,", Decimal("5.00")),
    ("net_amount", "0,1000000000", Decimal("0.10")),
    ("net_amount", "9999999999999999,99", Decimal("9999999999999999.99")),
    ("units", "0,3333", Decimal("0.3333")),
    ("units", "-2", Decimal("-2.0000")),
    ("sold_on", "05.01.2026", date(2026, 1, 5)),
    ("sold_on", "5.1.2026", date(2026, 1, 5)),
    ("sold_on", "29.02.2028", date(2028, 2, 29)),
    ("sold_on", "01.01.1900", date(1900, 1, 1)),
    ("opens_at", "09:05", time(9, 5)),
    ("opens_at", "00:00", time(0, 0)),
    # Python has no such time; DuckDB tells it as text.
    ("opens_at", "24:00", "24:00:00"),
    ("opens_at", "24:00:00", "24:00:00"),
    ("sold_at", "05.01.2026 09:30", datetime(2026, 1, 5, 9, 30)),
    ("sold_at", "05.01.2026 09:30:15", datetime(2026, 1, 5, 9, 30, 15)),
    ("is_new", "Да", True),
    ("is_new", "0", False),
    ("birth_date", "31.12.1969", 1969),
]

_BAD: list[tuple[str, str, str]] = [
    ("visits", "1,5", "not_a_whole_number"),
    ("visits", "1.0", "not_a_whole_number"),
    ("visits", "1e3", "not_a_whole_number"),
    ("visits", "٣", "not_a_whole_number"),
    ("visits", "9223372036854775808", "not_a_whole_number"),
    ("net_amount", "1234.5", "not_a_number"),
    ("net_amount", "1.234,50", "not_a_number"),
    ("net_amount", "1,234,567", "not_a_number"),
    ("net_amount", "12 5", "not_a_number"),
    ("net_amount", "1 2345", "not_a_number"),
    ("net_amount", "1e3", "not_a_number"),
    ("net_amount", "1_000", "not_a_number"),
    ("net_amount", "nan", "not_a_number"),
    ("net_amount", "inf", "not_a_number"),
    ("net_amount", "12 руб", "not_a_number"),
    ("net_amount", "--1", "not_a_number"),
    ("net_amount", ",", "not_a_number"),
    ("net_amount", "1,00000000001", "not_a_number"),
    ("net_amount", "1,005", "too_precise"),
    ("net_amount", "0,0000000001", "too_precise"),
    ("units", "0,33333", "too_precise"),
    ("net_amount", "10000000000000000", "too_large"),
    ("net_amount", "1" * 40, "not_a_number"),
    ("units", "100000000000000", "too_large"),
    ("sold_on", "31.02.2026", "not_a_date"),
    ("sold_on", "29.02.2026", "not_a_date"),
    ("sold_on", "2026-01-05", "not_a_date"),
    ("sold_on", "05.01.26", "not_a_date"),
    ("sold_on", "05.01.2026 10:00", "not_a_date"),
    ("sold_on", "epoch", "not_a_date"),
    ("sold_on", "infinity", "not_a_date"),
    ("sold_on", "-Infinity", "not_a_date"),
    ("opens_at", "24:30", "not_a_time"),
    ("opens_at", "25:00", "not_a_time"),
    ("opens_at", "9.30", "not_a_time"),
    ("opens_at", "epoch", "not_a_time"),
    ("sold_at", "05.01.2026", "not_a_date_and_time"),
    ("sold_at", "05.01.2026 25:00", "not_a_date_and_time"),
    ("sold_at", "EPOCH", "not_a_date_and_time"),
    ("is_new", "да", "not_a_yes_or_no"),
    ("is_new", "true", "not_a_yes_or_no"),
    ("birth_date", "1969", "not_a_date"),
]


def _one_by_one(reader: Reader, column: str, cells: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Each cell on a row of its own: the typed ones with their values, the others with the rule they break."""
    lines = [f'S1;"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells]
    chosen = profile({"sale_id": "Номер", column: HEADERS[column]})
    reader.read(reader.land("\n".join([f"Номер;{HEADERS[column]}", *lines])), chosen)
    values = reader.typed("_row", "birth_year" if column == "birth_date" else column)
    rules = reader.quarantined("_row", "rule")
    return {cells[row - 2]: value for row, value in values}, {cells[row - 2]: rule for row, rule in rules}


@pytest.mark.parametrize("column", sorted({column for column, _, _ in _GOOD}))
def test_cells_that_fit_their_type_are_read(reader: Reader, column: str) -> None:
    expected = {cell: value for name, cell, value in _GOOD if name == column}
    assert _one_by_one(reader, column, list(expected)) == (expected, {})


@pytest.mark.parametrize("column", sorted({column for column, _, _ in _BAD}))
def test_cells_that_do_not_fit_their_type_go_to_quarantine(reader: Reader, column: str) -> None:
    expected = {cell: rule for name, cell, rule in _BAD if name == column}
    assert _one_by_one(reader, column, list(expected)) == ({}, expected)


@pytest.mark.parametrize("column", [name for name in HEADERS if name not in ("sale_id", "phone")])
def test_an_empty_cell_is_null_in_any_type(reader: Reader, column: str) -> None:
    assert _one_by_one(reader, column, ["", "   "]) == ({"": None, "   ": None}, {})


@pytest.mark.parametrize("cell", ["1234.5", "1 234.50", "-0.01"])
def test_a_point_is_read_where_the_profile_declares_it(reader: Reader, cell: str) -> None:
    text = {"encoding": "utf-8", "delimiter": ";", "decimal_mark": "."}
    chosen = profile({"sale_id": "Номер", "net_amount": "Сумма"}, text=text)
    assert reader.one("net_amount", cell, chosen) == (Decimal(cell.replace(" ", "")), None)
    assert reader.one("net_amount", cell.replace(".", ","), chosen) == (None, "not_a_number")


def test_an_empty_required_cell_goes_to_quarantine(reader: Reader) -> None:
    reader.read(reader.land("Номер;Филиал\n;A\nS2;A\n"), profile({"sale_id": "Номер", "clinic_id": "Филиал"}))
    assert reader.typed("sale_id") == [("S2",)]
    assert reader.quarantined("_row", "column_name", "value", "rule", "reason") == [
        (2, "sale_id", None, "required", "empty, but required")
    ]


def test_every_fault_of_a_row_is_reported_and_the_row_is_counted_once(reader: Reader) -> None:
    columns = {name: HEADERS[name] for name in ("sale_id", "visits", "net_amount", "sold_on")}
    result = reader.read(
        reader.land("Номер;Визиты;Сумма;День\n;x;1,005;32.01.2026\nS2;1;1;01.01.2026\n"), profile(columns)
    )
    assert (result.rows_read, result.rows_quarantined) == (2, 1)
    rules = {"required", "not_a_whole_number", "too_precise", "not_a_date"}
    assert {rule for (rule,) in reader.quarantined("rule")} == rules


def test_the_reason_names_what_the_profile_expects(reader: Reader) -> None:
    reader.one("sold_at", "5 января")
    ((value, reason),) = reader.quarantined("value", "reason")
    assert value == "5 января"
    assert reason == "not a timestamp written as %d.%m.%Y %H:%M or %d.%m.%Y %H:%M:%S"
    reader.one("is_new", "ага")
    assert reader.quarantined("reason") == [("not a yes or no; the profile knows: Да, 1, Нет, 0",)]


def test_a_format_of_the_column_comes_before_those_of_the_profile(reader: Reader) -> None:
    chosen = profile({"sale_id": "Номер", "sold_on": {"from": "День", "format": ["%Y/%m/%d", "%d.%m.%y"]}})
    assert reader.one("sold_on", "2026/01/05", chosen) == (date(2026, 1, 5), None)
    assert reader.one("sold_on", "05.01.26", chosen) == (date(2026, 1, 5), None)
    assert reader.one("sold_on", "05.01.2026", chosen) == (None, "not_a_date")


_IN_WORDS = ["%d %B %Y г.", "%d-%b-%y", "%d %b. %Y", "%B %d, %Y"]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("5 марта 2026 г.", date(2026, 3, 5)),
        ("05 МАРТА 2026 г.", date(2026, 3, 5)),
        ("1 мая 2026 г.", date(2026, 5, 1)),
        ("31 августа 2026 г.", date(2026, 8, 31)),
        ("5-мар-26", date(2026, 3, 5)),
        ("5-MAR-26", date(2026, 3, 5)),
        ("5 сент. 2026", date(2026, 9, 5)),
        ("5 июн. 2026", date(2026, 6, 5)),
        ("5 июл. 2026", date(2026, 7, 5)),
        ("March 5, 2026", date(2026, 3, 5)),
        ("31 февраля 2026 г.", None),
        ("5 мартобря 2026 г.", None),
        ("5 2026 г.", None),
        ("epoch", None),
    ],
)
def test_months_are_read_in_words_of_russian_and_english(reader: Reader, cell: str, day: date | None) -> None:
    chosen = profile({"sale_id": "Номер", "sold_on": {"from": "День", "format": _IN_WORDS}})
    assert reader.one("sold_on", cell, chosen) == ((day, None) if day else (None, "not_a_date"))


def test_a_month_in_words_may_stand_beside_an_offset(reader: Reader) -> None:
    chosen = profile({"sale_id": "Номер", "sold_at": {"from": "Оказано", "format": "%d %B %Y %H:%M %z"}})
    assert reader.one("sold_at", "5 мая 2026 10:00 +0300", chosen) == (datetime(2026, 5, 5, 7), None)
    assert reader.one("sold_at", "epoch", chosen) == (None, "not_a_date_and_time")


def _moments(reader: Reader, zone: Any, cells: list[str], clinic: str = "K1") -> list[datetime]:
    chosen = profile({"sale_id": "Номер", "clinic_id": "Филиал", "sold_at": "Оказано"}, time_zone=zone)
    lines = [f"S1;{clinic};{cell}" for cell in cells]
    reader.read(reader.land("\n".join(["Номер;Филиал;Оказано", *lines])), chosen)
    return [moment for (moment,) in reader.typed("sold_at")]


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Moscow", "Asia/Yekaterinburg", "America/New_York", "Australia/Lord_Howe"]
)
def test_a_wall_clock_time_becomes_utc_as_python_computes_it(reader: Reader, zone: str) -> None:
    # Russia changed its zones in 2010, 2011 and 2014.
    years = range(2005, 2027)
    local = [datetime(year, month, 5, hour, 30) for year in years for month in (1, 4, 7, 11) for hour in (0, 12, 23)]
    utc = [moment.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC")).replace(tzinfo=None) for moment in local]
    assert _moments(reader, zone, [f"{moment:%d.%m.%Y %H:%M}" for moment in local]) == utc


def test_summer_and_winter_time_differ_by_an_hour(reader: Reader) -> None:
    moments = _moments(reader, "America/New_York", ["07.03.2026 12:00", "08.03.2026 12:00"])
    assert moments == [datetime(2026, 3, 7, 17), datetime(2026, 3, 8, 16)]


@pytest.mark.parametrize("cell", ["08.03.2026 02:30", "01.11.2026 01:30"])
def test_an_hour_that_is_skipped_or_stands_twice_is_read_within_an_hour_of_the_change(
    reader: Reader, cell: str
) -> None:
    local = datetime.strptime(cell, "%d.%m.%Y %H:%M")
    (moment,) = _moments(reader, "America/New_York", [cell])
    assert (moment - local).total_seconds() / 3600 in (4, 5)


@pytest.mark.parametrize(("clinic", "hour"), [("K1", 6), ("K2", 4), ("", 6), ("K9", 6)])
def test_the_clinic_decides_the_time_zone(reader: Reader, clinic: str, hour: int) -> None:
    zone = {"column": "clinic_id", "default": "Europe/Moscow", "values": {"K2": "Asia/Yekaterinburg"}}
    assert _moments(reader, zone, ["05.01.2026 09:00"], clinic) == [datetime(2026, 1, 5, hour)]


def test_the_mapped_clinic_decides_the_time_zone(reader: Reader) -> None:
    zone = {"column": "clinic_id", "default": "Europe/Moscow", "values": {"K2": "Asia/Yekaterinburg"}}
    clinic = {"from": "Филиал", "values": {"Урал": "K2", "Центр": "K1"}}
    chosen = profile({"sale_id": "Номер", "clinic_id": clinic, "sold_at": "Оказано"}, time_zone=zone)
    lines = "S1;Урал;05.01.2026 09:00\nS2;Центр;05.01.2026 09:00\n"
    reader.read(reader.land("Номер;Филиал;Оказано\n" + lines), chosen)
    assert reader.typed("clinic_id", "hour(sold_at)") == [("K2", 4), ("K1", 6)]


_INSTANTS = {"timestamp": ["%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f%z"]}


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-01-05 09:00:00+00:00", datetime(2026, 1, 5, 9)),
        ("2026-01-05 09:00:00.000005+00:00", datetime(2026, 1, 5, 9, 0, 0, 5)),
        ("2026-01-05 09:00:00+05:00", datetime(2026, 1, 5, 4)),
        # The hour that Berlin lives through twice: only an offset tells which one it is.
        ("2026-10-25 02:30:00+02:00", datetime(2026, 10, 25, 0, 30)),
        ("2026-10-25 02:30:00+01:00", datetime(2026, 10, 25, 1, 30)),
        ("05.01.2026 09:00", datetime(2026, 1, 5, 8)),
    ],
)
def test_a_moment_with_an_offset_is_an_instant_whatever_the_time_zone(
    reader: Reader, cell: str, moment: datetime
) -> None:
    chosen = profile({"sale_id": "Номер", "sold_at": "Оказано"}, time_zone="Europe/Berlin", formats=_INSTANTS)
    assert reader.one("sold_at", cell, chosen) == (moment, None)


def test_where_every_moment_has_an_offset_one_without_is_refused(reader: Reader) -> None:
    only = {"timestamp": "%Y-%m-%d %H:%M:%S%z"}
    chosen = profile({"sale_id": "Номер", "sold_at": "Оказано"}, time_zone="Europe/Berlin", formats=only)
    assert reader.one("sold_at", "2026-01-05 09:00:00+00", chosen) == (datetime(2026, 1, 5, 9), None)
    assert reader.one("sold_at", "2026-01-05 09:00:00", chosen) == (None, "not_a_date_and_time")
