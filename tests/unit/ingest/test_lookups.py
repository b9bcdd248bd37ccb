"""Look-ups: columns that stand in another file of the export. Those by elements of documents: `test_elements`."""

from __future__ import annotations

from typing import Any

import pytest
from ingest_case import Reader, profile

from orchestration.ingest.batches import EntityRead
from orchestration.ingest.refusal import ExportRefused


def _read(reader: Reader, lines: str, columns: dict[str, Any], **changes: Any) -> EntityRead:
    chosen = profile({"sale_id": "Номер", **columns}, unknown_columns="ignore", **changes)
    return reader.read(reader.land(lines), chosen)


_LOOKUP = {"rooms": {"file": "rooms.csv", "by": {"Кабинет": "Код"}}}


def _with_rooms(reader: Reader, rooms: str, **changes: Any) -> EntityRead:
    reader.land(rooms, name="rooms.csv")
    lookups = {"rooms": _LOOKUP["rooms"] | changes}
    lines = "Номер;Кабинет\nS1;R1\nS2;R2\nS3;\nS4;R9\n"
    return _read(reader, lines, {"clinic_id": "rooms.Филиал"}, lookups=lookups)


def test_a_look_up_brings_columns_of_another_file_and_a_key_it_lacks_is_told(reader: Reader) -> None:
    _with_rooms(reader, "Код;Филиал;Этаж\nR1;K1;1\n R2 ;K2;2\n")
    assert reader.typed("sale_id", "clinic_id") == [("S1", "K1"), ("S2", "K2"), ("S3", None)]
    ((row, column, rule, reason),) = reader.quarantined("_row", "column_name", "rule", "reason")
    assert (row, column, rule) == (5, "Кабинет", "not_in_lookup")
    assert reason == "rooms.csv has no row with this Код"


def test_a_look_up_that_is_not_required_leaves_the_column_empty(reader: Reader) -> None:
    _with_rooms(reader, "Код;Филиал\nR1;K1\nR2;K2\n", required=False)
    assert reader.typed("sale_id", "clinic_id")[-1] == ("S4", None)


def test_the_key_that_a_look_up_lacks_is_shown_if_it_is_a_code_and_nobodys(reader: Reader) -> None:
    lookup = {"rooms": {"file": "rooms.csv", "by": {"Кто": "Код"}}}
    for columns in ({"clinic_id": "rooms.Филиал"}, {"clinic_id": "rooms.Филиал", "patient_id": "Кто"}):
        reader.land("Код;Филиал\nR1;K1\n", name="rooms.csv")
        _read(reader, "Номер;Кто\nS1;R9-7\nS2;Иванов\n", columns, lookups=lookup)
        shown = [value for (value,) in reader.quarantined("value")]
        assert shown == ([None, None] if "patient_id" in columns else ["R9-7", "(personal data)"])


def test_the_file_of_a_look_up_may_have_a_name_that_changes(reader: Reader) -> None:
    reader.land("Код;Филиал\nR1;K1\nR2;K2\n", name="rooms_05.01.2026.csv")
    lookups = {"rooms": _LOOKUP["rooms"] | {"file": "rooms_*.csv"}}
    _read(reader, "Номер;Кабинет\nS1;R1\nS2;R2\n", {"clinic_id": "rooms.Филиал"}, lookups=lookups)
    assert reader.typed("sale_id", "clinic_id") == [("S1", "K1"), ("S2", "K2")]
    with pytest.raises(ExportRefused, match=r"halls_\*\.csv\): the file cannot be opened"):
        lookups = {"rooms": _LOOKUP["rooms"] | {"file": "halls_*.csv"}}
        _read(reader, "Номер;Кабинет\nS1;R1\n", {"clinic_id": "rooms.Филиал"}, lookups=lookups)


def test_a_look_up_may_repeat_a_row(reader: Reader) -> None:
    _with_rooms(reader, "Код;Филиал\nR1;K1\nR1;K1\nR2;K2\nR9;K9\n")
    assert len(reader.typed("sale_id")) == 4


@pytest.mark.parametrize("required", [True, False])
def test_a_look_up_that_contradicts_itself_costs_the_rows_that_need_it_and_says_where(
    reader: Reader, *, required: bool
) -> None:
    _with_rooms(reader, "Код;Филиал\nR1;K1\nR2;K2\nR1;K3\nR9;K9\nR7;K1\nR7;\n", required=required)
    assert reader.typed("sale_id", "clinic_id") == [("S2", "K2"), ("S3", None), ("S4", "K9")]
    assert reader.quarantined("_row", "column_name", "value", "rule", "reason") == [
        (
            2,
            "Кабинет",
            "R1",
            "contradictory_lookup",
            "rooms.csv has two rows with this Код that say different things: "
            "2026-01-05/rooms.csv row 2, 2026-01-05/rooms.csv row 4",
        )
    ]


def test_rows_of_a_look_up_that_its_condition_leaves_out_neither_stand_nor_contradict(reader: Reader) -> None:
    rooms = "Код;Филиал;Открыт;Этаж\nR1;K1;Да;1\nR1;K9;Нет;1\nR2;K2;Да;2\nR9;K9;Нет;3\nR2;K2;Да;4\n"
    _with_rooms(reader, rooms, where='"Открыт" = \'Да\' and number("Этаж") < 9')
    assert reader.typed("sale_id", "clinic_id") == [("S1", "K1"), ("S2", "K2"), ("S3", None)]
    assert reader.quarantined("_row", "rule") == [(5, "not_in_lookup")]


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ('"Этаж" = = 1', "the SQL of lookups.rooms.where cannot be used: Parser Error"),
        ('cast("Этаж" as integer) > 0', "the SQL of lookups.rooms.where cannot be computed on every row"),
    ],
)
def test_a_condition_of_a_look_up_that_cannot_be_computed_refuses_it_and_quotes_no_cell(
    reader: Reader, where: str, reason: str
) -> None:
    with pytest.raises(ExportRefused) as refused:
        _with_rooms(reader, "Код;Филиал;Этаж\nR1;K1;второй\n", where=where)
    (problem,) = refused.value.problems
    assert problem.reason.startswith(reason) and "второй" not in str(problem)
    assert (problem.file, problem.remedy) == ("2026-01-05/rooms.csv", "Correct it in the profile of little")


def test_a_missing_or_broken_look_up_refuses_the_file(reader: Reader) -> None:
    with pytest.raises(ExportRefused, match=r"rooms\.csv\): the file cannot be opened"):
        _read(reader, "Номер;Кабинет\nS1;R1\n", {"clinic_id": "rooms.Филиал"}, lookups=_LOOKUP)
    with pytest.raises(ExportRefused, match="the header lacks 'Филиал'"):
        _with_rooms(reader, "Код;Клиника\nR1;K1\n")
