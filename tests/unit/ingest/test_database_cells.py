"""Cells of a database as text: exact, and never dependent on what stands in the other cells."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orchestration.ingest.database.cells import UnreadableCellsError, text_array


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, None),
        ("", ""),
        (" Ёлкина; \"A\"\n'б' ", " Ёлкина; \"A\"\n'б' "),
        (True, "true"),
        (False, "false"),
        (9_007_199_254_740_993, "9007199254740993"),
        (Decimal("1500.00"), "1500.00"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-10"), "0.0000000001"),
        (Decimal("12345678901234567890.0123456789"), "12345678901234567890.0123456789"),
        (Decimal("-0.50"), "-0.50"),
        (0.1 + 0.2, "0.3"),
        (1e15, "1000000000000000"),
        (-1e-7, "-0.0000001"),
        (date(2026, 3, 2), "2026-03-02"),
        (date(1, 1, 1), "0001-01-01"),
        (datetime(2026, 3, 2, 9, 0), "2026-03-02 09:00:00"),
        (datetime(2026, 3, 2, 9, 0, 0, 5), "2026-03-02 09:00:00.000005"),
        (datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=3))), "2026-03-02 06:00:00+00:00"),
        (datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC), "2026-03-02 09:00:00.000005+00:00"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=9, minutes=30), "09:30:00"),
        (timedelta(hours=26, seconds=5), "26:00:05"),
        (timedelta(hours=-2), "-2:00:00"),
        (UUID(int=0xB1), "00000000-0000-0000-0000-0000000000b1"),
        ({"kind": "приём", "n": 1}, '{"kind": "приём", "n": 1}'),
        ([1, None], "[1, null]"),
    ],
)
def test_a_cell_is_written_exactly(cell: Any, text: str | None) -> None:
    assert text_array("column", [cell]).to_pylist() == [text]


def test_cells_of_several_kinds_stand_side_by_side() -> None:
    cells = [None, Decimal("1.50"), Decimal("1.5000"), 7, "x"]
    assert text_array("column", cells).to_pylist() == [None, "1.50", "1.5000", "7", "x"]


@pytest.mark.parametrize("cell", [b"\x00", bytearray(b"a"), memoryview(b"a")])
def test_bytes_have_no_text(cell: Any) -> None:
    with pytest.raises(UnreadableCellsError, match="column 'photo' holds bytes"):
        text_array("photo", [None, cell])


def test_a_date_inside_json_does_not_stop_it() -> None:
    assert json.loads(text_array("c", [{"at": date(2026, 3, 2)}])[0].as_py()) == {"at": "2026-03-02"}
