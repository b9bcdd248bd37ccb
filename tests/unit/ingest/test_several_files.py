"""Several files of one entity: by a pattern, in parts that are written otherwise, by layout and clinic."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import xlsxwriter
from ingest_case import DAY, ENTITY, NEXT_DAY, Reader, profile

from models.sources import Profile
from orchestration.ingest.landing import landed_files

# --- several files


def test_several_files_make_one_entity_and_each_is_counted(reader: Reader) -> None:
    reader.land("Номер\nA1\nA2\n", name="sales_k1.csv")
    reader.land("Номер\nB1\n", name="sales_k2.csv")
    reader.land("Номер\nC1\n", name="refunds.csv")
    reader.land("Номер\nX\n", name="other.csv")
    chosen = profile({"sale_id": "Номер"}, file=["sales_*.csv", "refunds.csv"])
    files, problems = landed_files(reader.folder / "landing", chosen, [DAY])
    assert problems == []
    result = reader.read(files, chosen)
    assert sorted(reader.typed("sale_id")) == [("A1",), ("A2",), ("B1",), ("C1",)]
    assert sorted((file.file, file.rows_read) for file in result.files) == [
        ("2026-01-05/refunds.csv", 1),
        ("2026-01-05/sales_k1.csv", 2),
        ("2026-01-05/sales_k2.csv", 1),
    ]


def test_members_of_an_archive_are_found_by_a_pattern(reader: Reader) -> None:
    import zipfile

    landed = reader.land("", name="export.zip")
    with zipfile.ZipFile(landed.path, "w") as archive:
        archive.writestr("2026/sales_1.csv", "Номер\nA\n")
        archive.writestr("2026/sales_2.csv", "Номер\nB\n")
        archive.writestr("readme.txt", "…")
    chosen = profile({"sale_id": "Номер"}, file="export.zip!*sales_*.csv")
    files, _ = landed_files(reader.folder / "landing", chosen, [DAY])
    reader.read(files, chosen)
    assert sorted(reader.typed("sale_id")) == [("A",), ("B",)]


def test_a_pattern_that_finds_nothing_is_a_missing_file(reader: Reader) -> None:
    reader.land("Номер\nA\n", name="other.csv")
    chosen = profile({"sale_id": "Номер"}, file="sales_*.csv")
    (problem,) = landed_files(reader.folder / "landing", chosen, [DAY])[1]
    assert (problem.reason, problem.file, problem.entity) == ("the file is missing", "2026-01-05/sales_*.csv", ENTITY)


# --- parts of an entity


def _in_parts(**entity: Any) -> Profile:
    return Profile.model_validate(
        {
            "source": "little",
            "title": "A little MIS",
            "delivery": "daily",
            "time_zone": "UTC",
            "text": {"delimiter": ";", "decimal_mark": ","},
            "entities": {ENTITY: {"mode": "delta", **entity}},
        }
    )


_CASH = {"file": "cash_*.csv", "columns": {"sale_id": "Чек", "net_amount": "Приход"}}
_CARDS = {
    "file": "cards.csv",
    "text": {"delimiter": ",", "decimal_mark": "."},
    "columns": {"sale_id": "RRN", "net_amount": {"from": "Amount", "unit": "kopecks"}},
}


def test_files_of_different_columns_become_one_entity(reader: Reader) -> None:
    reader.land("Чек;Приход\nS1;1,50\nS2;x\n", name="cash_1.csv")
    reader.land("RRN,Amount\nR1,250\n", name="cards.csv")
    chosen = _in_parts(columns={"clinic_id": {"constant": "K1"}}, parts=[_CASH, _CARDS])
    files, problems = landed_files(reader.folder / "landing", chosen, [DAY])
    result = reader.read(files)
    assert problems == []
    assert sorted(reader.typed("sale_id", "clinic_id", "net_amount")) == [
        ("R1", "K1", Decimal("2.50")),
        ("S1", "K1", Decimal("1.50")),
    ]
    assert reader.quarantined("_file", "_row") == [("2026-01-05/cash_1.csv", 3)]
    assert sorted((file.file, file.rows_read) for file in result.files) == [
        ("2026-01-05/cards.csv", 1),
        ("2026-01-05/cash_1.csv", 2),
    ]


def test_sheets_of_one_workbook_become_one_entity_and_a_place_names_the_sheet(reader: Reader) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for month, cell in (("Май", "M1"), ("Июнь", "J1")):
            book.add_worksheet(month).write_column("A1", ["Чек", cell])
    reader.land(buffer.getvalue(), name="year.xlsx")
    columns = {"sale_id": "Чек"}
    chosen = _in_parts(file="year.xlsx", columns=columns, parts=[{"sheet": "Май"}, {"sheet": "Июнь"}])
    result = reader.read(landed_files(reader.folder / "landing", chosen, [DAY])[0])
    assert sorted(reader.typed("sale_id", "_file", "_row")) == [
        ("J1", "2026-01-05/year.xlsx!Июнь", 2),
        ("M1", "2026-01-05/year.xlsx!Май", 2),
    ]
    assert [file.rows_read for file in result.files] == [1, 1]


def test_a_file_that_two_parts_read_is_refused_because_its_rows_would_count_twice(reader: Reader) -> None:
    reader.land("Чек;Приход\nS1;1,50\n", name="cash_1.csv")
    other = _CASH | {"file": "cash_1.csv"}
    problems = landed_files(reader.folder / "landing", _in_parts(parts=[_CASH, other]), [DAY])[1]
    assert [str(problem) for problem in problems] == [
        "little 2026-01-05 sales (2026-01-05/cash_1.csv): two parts of the entity read this file. "
        "Let their patterns in the profile name other files"
    ]


def test_a_file_that_two_patterns_of_one_list_find_is_read_once(reader: Reader) -> None:
    reader.land("Номер\nS1\n", name="sales_1.csv")
    chosen = profile({"sale_id": "Номер"}, file=["sales_*.csv", "sales_1.csv"])
    assert len(landed_files(reader.folder / "landing", chosen, [DAY])[0]) == 1


# --- layouts and clinics


def test_days_of_different_layouts_and_clinics_are_read_in_one_go(reader: Reader) -> None:
    chosen = profile(
        {"sale_id": "Номер", "clinic_id": {"constant": "?"}, "net_amount": "Сумма"},
        layouts=[
            {
                "valid_from": NEXT_DAY,
                "text": {"delimiter": ","},
                "entities": {ENTITY: {"columns": {"net_amount": {"from": "Итог", "unit": "kopecks"}}}},
            }
        ],
        clinics={
            "K1": {"folder": "north", "entities": {ENTITY: {"columns": {"clinic_id": {"constant": "K1"}}}}},
            "K2": {
                "folder": "south",
                "text": {"encoding": "cp1251"},
                "entities": {ENTITY: {"file": "продажи.csv", "columns": {"clinic_id": {"constant": "K2"}}}},
            },
        },
    )
    reader.land("Номер;Сумма\nA;1,50\n", name="north/sales.csv")
    reader.land("Номер;Сумма\nБ;2,50\n", name="south/продажи.csv", encoding="cp1251")
    reader.land("Номер,Итог\nC,350\n", name="north/sales.csv", day=NEXT_DAY)
    reader.land("Номер,Итог\nД,x\n", name="south/продажи.csv", day=NEXT_DAY, encoding="cp1251")
    files, problems = landed_files(reader.folder / "landing", chosen, [DAY, NEXT_DAY])
    assert problems == []
    result = reader.read(files)
    days = (DAY, NEXT_DAY)
    assert sorted(reader.typed("sale_id", "clinic_id", "net_amount", days=days)) == [
        ("A", "K1", Decimal("1.50")),
        ("C", "K1", Decimal("3.50")),
        ("Б", "K2", Decimal("2.50")),
    ]
    assert reader.quarantined("_file", "_row", "value", days=days) == [("2026-01-06/south/продажи.csv", 2, "x")]
    assert (result.rows_read, result.rows_quarantined) == (4, 1)
