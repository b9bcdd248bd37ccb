"""Parquet files: typed cells mean what the same cells as text would."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from ingest_case import HEADERS, Reader, profile

from orchestration.ingest.landing import LandedFile
from orchestration.ingest.refusal import ExportRefused


def _land(reader: Reader, query: str, name: str = "sales.parquet") -> LandedFile:
    path = reader.folder / "made.parquet"
    duckdb.sql(f"copy ({query}) to '{path}' (format parquet)")
    return reader.land(path.read_bytes(), name=name)


def _read(reader: Reader, query: str) -> None:
    names = duckdb.sql(query).columns
    columns = {column: header for column, header in HEADERS.items() if header in names}
    reader.read(_land(reader, query), profile(columns, file="sales.parquet", time_zone="Europe/Moscow"))


def test_typed_cells_become_the_values_of_the_contract(reader: Reader) -> None:
    _read(
        reader,
        """
        select '007' as "Номер", 'K1' as "Филиал", 12 as "Визиты", 1234.5::decimal(12, 3) as "Сумма",
            0.1::double + 0.2 as "Кол-во", date '2026-01-05' as "День", time '08:30:00' as "Время",
            timestamp '2026-01-05 10:30:00' as "Оказано", true as "Новый"
        """,
    )
    assert reader.quarantined("column_name", "reason") == []
    (row,) = reader.typed(
        "sale_id", "clinic_id", "visits", "net_amount", "units", "sold_on", "sold_at", "is_new", "_row"
    )
    moment = datetime(2026, 1, 5, 7, 30)
    assert row == ("007", "K1", 12, Decimal("1234.50"), Decimal("0.3"), date(2026, 1, 5), moment, True, 1)
    assert [str(value) for row in reader.typed("opens_at") for value in row] == ["08:30:00"]


def test_a_moment_with_its_own_zone_keeps_it(reader: Reader) -> None:
    _read(reader, """select 'S1' as "Номер", timestamptz '2026-01-05 10:30:00+05' as "Оказано" """)
    assert reader.typed("sold_at") == [(datetime(2026, 1, 5, 5, 30),)]


def test_text_cells_are_read_by_the_formats_of_the_profile(reader: Reader) -> None:
    _read(reader, """select 'S1' as "Номер", '1 234,50' as "Сумма", '05.01.2026 10:30' as "Оказано" """)
    assert reader.typed("net_amount", "sold_at") == [(Decimal("1234.50"), datetime(2026, 1, 5, 7, 30))]


def test_what_does_not_fit_goes_to_quarantine_with_its_row(reader: Reader) -> None:
    _read(reader, """select * from (values ('S1', 1.005), ('S2', 2.50), (null, 3)) as t("Номер", "Сумма")""")
    assert reader.typed("sale_id", "_row") == [("S2", 2)]
    assert sorted(reader.quarantined("_row", "rule")) == [(1, "too_precise"), (3, "required")]


def test_a_missing_column_is_named(reader: Reader) -> None:
    landed = _land(reader, """select 'S1' as "Номер" """)
    with pytest.raises(ExportRefused, match="the header lacks 'Сумма'"):
        reader.read(landed, profile({"sale_id": "Номер", "net_amount": "Сумма"}, file="sales.parquet"))


def test_a_file_that_is_no_parquet_is_refused(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(ExportRefused, match="no readable Parquet") as refused:
        reader.read(reader.land("Номер\nS1\n", name="sales.parquet"), profile(file="sales.parquet"))
    assert str(tmp_path) not in str(refused.value)


def test_parquet_inside_an_archive_is_read(reader: Reader) -> None:
    landed = _land(reader, """select 'S1' as "Номер" """, "export.zip!sales.parquet")
    reader.read(landed, profile({"sale_id": "Номер"}, file="export.zip!sales.parquet"))
    assert reader.typed("sale_id", "_file") == [("S1", "2026-01-05/export.zip!sales.parquet")]
