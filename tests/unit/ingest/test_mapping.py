"""What a profile can say of a column or of the rows: value maps, constants, SQL, signs, filters, equal rows."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ingest_case import CONTRACT, DAY, Reader, profile

from orchestration.ingest.batches import EntityRead
from orchestration.ingest.mapping.origins import columns_used


def _read(reader: Reader, lines: str, columns: dict[str, Any], **changes: Any) -> EntityRead:
    chosen = profile({"sale_id": "Номер", **columns}, unknown_columns="ignore", **changes)
    return reader.read(reader.land(lines), chosen)


def test_a_value_map_translates_and_quarantines_what_it_does_not_know(reader: Reader) -> None:
    mapping = {"from": "Филиал", "values": {"Центр": "K1", "Д'Артаньян": "K2"}}
    _read(reader, "Номер;Филиал\nS1;Центр\nS2; Д'Артаньян \nS3;центр\nS4;\n", {"clinic_id": mapping})
    assert reader.typed("sale_id", "clinic_id") == [("S1", "K1"), ("S2", "K2"), ("S4", None)]
    ((row, column, value, rule, reason),) = reader.quarantined("_row", "column_name", "value", "rule", "reason")
    assert (row, column, value, rule) == (4, "clinic_id", "центр", "unknown_value")
    assert reason == "the value is not in the profile's value map of clinic_id; it knows: Центр, Д'Артаньян"


def test_a_mapped_value_is_still_checked_against_the_type(reader: Reader) -> None:
    mapping = {"from": "Визиты", "values": {"один": "1", "много": "∞"}}
    _read(reader, "Номер;Визиты\nS1;один\nS2;много\nS3;два\n", {"visits": mapping})
    assert reader.typed("visits") == [(1,)]
    assert reader.quarantined("_row", "rule") == [(3, "not_a_whole_number"), (4, "unknown_value")]


def test_constants_stand_on_every_row(reader: Reader) -> None:
    columns = {"clinic_id": {"constant": "К'1"}, "net_amount": {"constant": "1.50"}, "visits": {"constant": "3"}}
    _read(reader, "Номер\nS1\nS2\n", columns)
    assert reader.typed("clinic_id", "net_amount", "visits") == [("К'1", Decimal("1.50"), 3)] * 2


def test_sql_combines_columns_and_is_parsed_as_the_type(reader: Reader) -> None:
    columns = {
        "sold_at": {"sql": '"День" || \' \' || "Время"', "format": "%d.%m.%Y %H:%M"},
        "net_amount": {"sql": 'number("Цена") * number("Кол-во")'},
        "clinic_id": {"sql": "case when trim(\"Кол-во\") = '2' then 'two' end"},
    }
    lines = ["S1;05.01.2026;09:30;1 000,25; 2 ", "S2;05.01.2026;;1,5;3", "S3;05.01.2026;9 утра;;3", "S4;;;0,333;1"]
    _read(reader, "\n".join(["Номер;День;Время;Цена;Кол-во", *lines]), columns)
    assert reader.typed("sale_id", "sold_at", "net_amount", "clinic_id") == [
        ("S1", datetime(2026, 1, 5, 9, 30), Decimal("2000.50"), "two"),
        ("S2", None, Decimal("4.50"), None),
    ]
    assert reader.quarantined("_row", "column_name", "value", "rule") == [
        (4, "sold_at", "05.01.2026 9 утра", "not_a_date_and_time"),
        (5, "net_amount", "0.33300000000000000000", "too_precise"),
    ]


def test_a_number_that_sql_cannot_read_is_not_passed_over(reader: Reader) -> None:
    columns = {"net_amount": {"sql": 'coalesce(number("Цена"), 0) - number("Скидка")'}}
    _read(reader, "Номер;Цена;Скидка\nS1;5;1\nS2;;1\nS3;5.0;1\nS4;5;x\nS5;5;\n", columns)
    assert reader.typed("sale_id", "net_amount") == [("S1", Decimal(4)), ("S2", Decimal(-1)), ("S5", None)]
    assert reader.quarantined("_row", "column_name", "value", "rule") == [
        (4, "net_amount", "5.0", "not_a_number"),
        (5, "net_amount", "x", "not_a_number"),
    ]


def test_sql_over_an_empty_column_is_empty(reader: Reader) -> None:
    columns = {"sold_at": {"sql": "nullif(\"День\", '') || ' ' || \"Время\"", "format": "%d.%m.%Y %H:%M"}}
    _read(reader, "Номер;День;Время\nS1;;09:30\n", columns)
    assert reader.typed("sold_at") == [(None,)]


def test_a_refund_is_negated_where_its_row_says_so(reader: Reader) -> None:
    lines = "Номер;Тип;Сумма;Кол-во\nS1;Продажа;10,5;1\nS2;Возврат;10,5;1\nS3;;3;2\nS4;Возврат;0;\nS5;Возврат;-4;1\n"
    when = "\"Тип\" = 'Возврат'"
    columns = {
        "net_amount": {"from": "Сумма", "negate_when": when},
        "units": {"from": "Кол-во", "negate_when": when},
    }
    _read(reader, lines, columns)
    amounts = [("10.50", "1"), ("-10.50", "-1"), ("3", "2"), ("0", None), ("4", "-1")]
    assert reader.typed("net_amount", "units") == [
        (Decimal(amount), None if units is None else Decimal(units)) for amount, units in amounts
    ]


def test_rows_that_do_not_match_the_filter_are_not_read(reader: Reader) -> None:
    lines = "Номер;Тип;Визиты\nS1;CHARGE;1\nS2;PAYMENT;x\nS3;CHARGE;x\nS4;;1\n"
    result = _read(reader, lines, {"visits": "Визиты"}, where="\"Тип\" = 'CHARGE'")
    assert [(day.rows_read, day.rows_typed) for day in result.files] == [(2, 1)]
    assert reader.typed("sale_id", "_row") == [("S1", 2)]
    assert reader.quarantined("_row") == [(4,)]


def test_rows_that_describe_one_thing_are_read_once_and_keep_the_first_row(reader: Reader) -> None:
    lines = "Номер;Филиал;Визиты\nS1;A;1\nS2;B;2\nS1;A;3\nS1;C;4\nS2; B;x\n"
    result = _read(reader, lines, {"clinic_id": "Филиал"}, distinct=True)
    assert reader.typed("sale_id", "clinic_id", "_row") == [("S1", "A", 2), ("S2", "B", 3), ("S1", "C", 5)]
    assert (result.rows_read, result.rows_quarantined) == (3, 0)


def test_equal_rows_that_cannot_be_typed_are_counted_once(reader: Reader) -> None:
    result = _read(reader, "Номер;Визиты\nS1;x\nS1;x\nS1\n", {"visits": "Визиты"}, distinct=True)
    assert (result.rows_read, result.rows_quarantined) == (2, 2)
    assert reader.quarantined("_row", "rule") == [(2, "not_a_whole_number"), (4, "broken_row")]


def test_equal_rows_with_another_sign_are_two(reader: Reader) -> None:
    amount = {"from": "Сумма", "negate_when": "\"Тип\" = 'Возврат'"}
    _read(reader, "Номер;Тип;Сумма\nS1;Продажа;5\nS1;Возврат;5\n", {"net_amount": amount}, distinct=True)
    assert reader.typed("net_amount", "_row") == [(Decimal(5), 2), (Decimal(-5), 3)]


def test_columns_that_are_not_mapped_are_null_and_the_batch_has_the_columns_of_the_contract(reader: Reader) -> None:
    _read(reader, "Номер\nS1\n", {})
    expected = [*CONTRACT.stored_columns, "_source", "_export_date", "_file", "_row", "_is_deleted"]
    (path,) = reader.store.paths("little", "sales", [DAY])
    described = reader.connection.execute(
        f"describe select * from read_parquet('{path}', hive_partitioning = false)"
    ).fetchall()
    assert [row[0] for row in described] == expected
    assert {row[0]: row[1] for row in described if not row[0].startswith("_")} == CONTRACT.stored_columns
    (values,) = reader.typed("*")
    assert values[0] == "S1"
    assert values[1 : len(CONTRACT.stored_columns)] == (None,) * (len(CONTRACT.stored_columns) - 1)
    assert values[-5:] == ("little", DAY, f"{DAY}/sales.csv", 2, False)


def test_the_columns_used_are_those_of_all_expressions() -> None:
    columns = {
        "sale_id": "a",
        "clinic_id": {"sql": '"b" || \'x\' || number("c ""d")'},
        "visits": {"constant": "1"},
        "net_amount": {"from": "e", "negate_when": "\"f\" = 'g'"},
    }
    mapping = profile(columns, where="\"h\" = 'i'").entities["sales"]
    assert columns_used(mapping).own == ["a", "b", 'c "d', "e", "f", "h"]


def test_a_row_says_that_it_is_deleted_by_a_condition_over_the_files_columns(reader: Reader) -> None:
    lines = "Номер;Статус\nS1;Удалён\nS2;Открыт\nS3;\n"
    _read(reader, lines, {}, deleted_when="\"Статус\" = 'Удалён'")
    assert reader.typed("sale_id", "_is_deleted") == [("S1", True), ("S2", False), ("S3", False)]
    _read(reader, lines, {})
    assert reader.typed("_is_deleted") == [(False,), (False,), (False,)]


def test_the_column_of_a_deletion_must_be_there() -> None:
    mapping = profile({"sale_id": "Номер"}, deleted_when="\"Статус\" = 'Удалён'").entities["sales"]
    assert columns_used(mapping).own == ["Номер", "Статус"]


def test_a_row_in_quarantine_says_its_key_if_it_can_be_read(reader: Reader) -> None:
    _read(reader, "Номер;Сумма\nS1;x\n;1\n;x\nS4;1;1;1\n", {"net_amount": "Сумма"})
    assert sorted(set(reader.quarantined("_row", "_key"))) == [(2, "S1"), (3, None), (4, None), (5, None)]
