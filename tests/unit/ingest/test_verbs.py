"""What a profile can do with a column beyond renaming: hashes, units, patterns, unpivots, cells that go on below."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from ingest_case import Reader, profile

from orchestration.ingest.batches import EntityRead
from orchestration.ingest.refusal import ExportRefused


def _read(reader: Reader, lines: str, columns: dict[str, Any], **changes: Any) -> EntityRead:
    chosen = profile({"sale_id": "Номер", **columns}, unknown_columns="ignore", **changes)
    return reader.read(reader.land(lines), chosen)


# --- keys made of columns


def test_a_key_of_a_hash_is_one_for_equal_columns_and_another_for_others(reader: Reader) -> None:
    lines = "А;Б\nx;y\nx;y\nxy;\n;xy\nx|;y\nx;|y\n~;\n;\n"
    _read(reader, lines, {"sale_id": {"hash": ["А", "Б"]}})
    keys = [key for (key,) in reader.typed("sale_id")]
    assert keys[0] == keys[1]
    assert len(set(keys)) == len(keys) - 1
    assert all(len(key) == 32 for key in keys)


def test_a_hash_of_nothing_is_missing(reader: Reader) -> None:
    _read(reader, "А;Б;В\n;;x\n", {"sale_id": {"hash": ["А", "Б"]}})
    assert reader.quarantined("column_name", "rule") == [("sale_id", "required")]


def test_a_hash_cannot_be_guessed_without_the_key_of_the_installation(reader: Reader) -> None:
    _read(reader, "А\nИванов Иван\n", {"sale_id": {"hash": "А"}})
    ((first,),) = reader.typed("sale_id")
    reader.key = b"another clinic's key"
    _read(reader, "А\nИванов Иван\n", {"sale_id": {"hash": "А"}})
    assert reader.typed("sale_id") != [(first,)]


# --- units


@pytest.mark.parametrize(
    ("unit", "cell", "value"),
    [
        ("kopecks", "199950", Decimal("1999.50")),
        ("kopecks", "-1", Decimal("-0.01")),
        ("kopecks", "1,0", Decimal("0.01")),
        ("thousands", "1,5", Decimal("1500.00")),
        ("thousands", "0,00001", Decimal("0.01")),
    ],
)
def test_money_in_another_unit_is_converted_exactly(reader: Reader, unit: str, cell: str, value: Decimal) -> None:
    _read(reader, f"Номер;Сумма\nS1;{cell}\n", {"net_amount": {"from": "Сумма", "unit": unit}})
    assert reader.typed("net_amount") == [(value,)]


def test_half_a_kopeck_is_not_rounded_away(reader: Reader) -> None:
    _read(reader, "Номер;Сумма\nS1;199,5\n", {"net_amount": {"from": "Сумма", "unit": "kopecks"}})
    assert reader.quarantined("rule", "value") == [("too_precise", "199,5")]


# --- parts of a text, value maps


def test_match_takes_a_part_of_the_text_and_what_does_not_fit_is_empty(reader: Reader) -> None:
    mapping = {"from": "Филиал", "match": r"^Филиал №(\d+)"}
    _read(reader, "Номер;Филиал\nS1;Филиал №12, Центр\nS2;Центр\n", {"clinic_id": mapping})
    assert reader.typed("clinic_id") == [("12",), (None,)]


def test_otherwise_stands_for_every_value_that_the_map_does_not_know(reader: Reader) -> None:
    mapping = {"from": "Филиал", "values": {"Центр": "K1"}, "otherwise": "K0"}
    _read(reader, "Номер;Филиал\nS1;Центр\nS2;Юг\nS3;\n", {"clinic_id": mapping})
    assert reader.typed("clinic_id") == [("K1",), ("K0",), (None,)]


def test_a_vocabulary_is_a_value_map_that_columns_share(reader: Reader) -> None:
    columns = {"clinic_id": {"from": "Филиал", "values": "clinics"}}
    _read(reader, "Номер;Филиал\nS1;Центр\n", columns, vocabularies={"clinics": {"Центр": "K1"}})
    assert reader.typed("clinic_id") == [("K1",)]


# --- moments


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-01-05T10:00:00Z", datetime(2026, 1, 5, 10)),
        ("2026-01-05T10:00:00+03:00", datetime(2026, 1, 5, 7)),
        ("2026-01-05T10:00:00.250-05:00", datetime(2026, 1, 5, 15, 0, 0, 250000)),
        ("2026-01-05 10:00", datetime(2026, 1, 5, 7)),
        ("2026-01-05", datetime(2026, 1, 4, 21)),
        ("2026-13-05T10:00:00Z", None),
        ("2026-02-29T10:00:00Z", None),
        ("epoch", None),
    ],
)
def test_iso_moments_keep_their_own_offset_or_take_the_zone_of_the_source(
    reader: Reader, cell: str, moment: datetime | None
) -> None:
    mapping = {"from": "Оказано", "format": "iso8601"}
    _read(reader, f"Номер;Оказано\nS1;{cell}\n", {"sold_at": mapping}, time_zone="Europe/Moscow")
    assert reader.typed("sold_at") == ([(moment,)] if moment else [])


def test_an_offset_in_a_pattern_is_heeded(reader: Reader) -> None:
    mapping = {"from": "Оказано", "format": ["%d.%m.%Y %H:%M %z", "%d.%m.%Y %H:%M"]}
    lines = "Номер;Оказано\nS1;05.01.2026 10:00 +0500\nS2;05.01.2026 10:00\n"
    _read(reader, lines, {"sold_at": mapping}, time_zone="Europe/Moscow")
    assert reader.typed("sold_at") == [(datetime(2026, 1, 5, 5),), (datetime(2026, 1, 5, 7),)]


def test_serial_numbers_are_days_of_a_spreadsheet(reader: Reader) -> None:
    columns = {
        "sold_at": {"from": "Оказано", "format": "serial"},
        "sold_on": {"from": "День", "format": ["%d.%m.%Y", "serial"]},
    }
    _read(reader, "Номер;Оказано;День\nS1;46027.4375;46027\nS2;46027.999999;05.01.2026\n", columns)
    assert [str(value) for row in reader.typed("sold_at", "sold_on") for value in row] == [
        "2026-01-05 10:30:00",
        "2026-01-05",
        "2026-01-06 00:00:00",
        "2026-01-05",
    ]


# --- expressions that fail


def test_a_row_on_which_an_expression_fails_goes_to_quarantine_and_the_others_are_read(reader: Reader) -> None:
    columns = {"visits": {"sql": 'cast("Визиты" as integer) + 1'}}
    result = _read(reader, "Номер;Визиты\nS1;1\nS2;два\nS3;\n", columns)
    assert reader.typed("sale_id", "visits") == [("S1", 2), ("S3", None)]
    assert reader.quarantined("_row", "column_name", "rule") == [(3, "visits", "not_computable")]
    assert (result.rows_read, result.rows_quarantined) == (3, 1)


def test_a_row_on_which_the_filter_fails_is_not_lost(reader: Reader) -> None:
    result = _read(reader, "Номер;Визиты\nS1;1\nS2;два\nS3;3\n", {}, where='cast("Визиты" as integer) > 1')
    assert reader.typed("sale_id") == [("S3",)]
    assert reader.quarantined("_row", "rule") == [(3, "not_computable")]
    assert (result.rows_read, result.rows_quarantined) == (2, 1)


def test_a_row_on_which_the_sign_cannot_be_told_goes_to_quarantine(reader: Reader) -> None:
    columns = {"net_amount": {"from": "Сумма", "negate_when": 'cast("Знак" as integer) < 0'}}
    _read(reader, "Номер;Сумма;Знак\nS1;1,00;-1\nS2;2,00;x\n", columns)
    assert reader.typed("net_amount") == [(Decimal(-1),)]
    assert reader.quarantined("_row", "rule") == [(3, "not_computable")]


@pytest.mark.parametrize("sql", ["no_such_function(1)", "1 +", "select 1 from", '"Номер"::nothing'])
def test_an_expression_that_is_no_sql_is_told_with_its_key(reader: Reader, sql: str) -> None:
    with pytest.raises(ExportRefused, match=r"the SQL of sales\.columns\.visits\.sql cannot be used") as refused:
        _read(reader, "Номер\nS1\n", {"visits": {"sql": sql}})
    assert refused.value.problems[0].remedy == "Correct it in the profile of little"


# --- unpivots


def test_columns_that_are_values_become_rows_that_name_their_column(reader: Reader) -> None:
    unpivot = {"columns": {"Янв": "01.01.2026", "Фев": "01.02.2026"}, "name": "Месяц", "value": "Сумма"}
    columns = {"sale_id": {"hash": ["Номер", "Месяц"]}, "clinic_id": "Номер", "sold_on": "Месяц", "net_amount": "Сумма"}
    result = _read(reader, "Номер;Янв;Фев\nA;1,00;2,00\nB;;x\nC; ;\n", columns, unpivot=unpivot)
    assert sorted((a, str(b), c) for a, b, c in reader.typed("clinic_id", "sold_on", "net_amount")) == [
        ("A", "2026-01-01", Decimal(1)),
        ("A", "2026-02-01", Decimal(2)),
    ]
    assert reader.quarantined("_file", "_row", "value") == [("2026-01-05/sales.csv[Фев]", 3, "x")]
    assert (result.rows_read, result.rows_quarantined) == (3, 1)


# --- cells that go on below


def test_an_empty_cell_means_what_stands_above_it_in_its_own_file(reader: Reader) -> None:
    first = reader.land("Филиал;Номер;Сумма\nЦентр;S1;1\n;S2;2\n ;S3;3\nИтого;;6\nЮг;S4;4\n", name="a.csv")
    second = reader.land("Филиал;Номер;Сумма\n;S5;5\n", name="b.csv")
    text = {"delimiter": ";", "decimal_mark": ",", "totals": "Итого"}
    columns = {"sale_id": "Номер", "clinic_id": "Филиал"}
    reader.read([first, second], profile(columns, fill_down=["Филиал"], unknown_columns="ignore", text=text))
    assert sorted(reader.typed("sale_id", "clinic_id")) == [
        ("S1", "Центр"),
        ("S2", "Центр"),
        ("S3", "Центр"),
        ("S4", "Юг"),
        ("S5", None),
    ]


def test_a_row_that_heads_a_group_names_it_for_the_rows_below(reader: Reader) -> None:
    lines = "Документ;Сумма\nФилиал: K1;7\nS1;3\nS2;4\nФилиал: K2;5\nS3;5\n"
    result = _read(
        reader,
        lines,
        {"sale_id": "Документ", "clinic_id": "Филиал", "net_amount": "Сумма"},
        fill_down={"Филиал": "regexp_extract(\"Документ\", '^Филиал: (.*)$', 1)"},
        where="\"Документ\" not like 'Филиал:%'",
    )
    assert reader.typed("sale_id", "clinic_id", "net_amount") == [
        ("S1", "K1", Decimal(3)),
        ("S2", "K1", Decimal(4)),
        ("S3", "K2", Decimal(5)),
    ]
    assert result.rows_read == 3


def test_a_broken_row_above_refuses_what_would_be_filled_from_it(reader: Reader) -> None:
    with pytest.raises(ExportRefused, match="may be filled wrongly") as refused:
        _read(
            reader,
            "Филиал;Номер\nЦентр;S1\nЮг;S2;лишнее\n;S3\n",
            {"clinic_id": "Филиал"},
            fill_down=["Филиал"],
        )
    assert refused.value.problems[0].row == 3


@pytest.mark.parametrize("sql", ["regexp_extract(", 'no_such_function("Номер")'])
def test_an_expression_to_fill_down_that_is_no_sql_is_told_with_its_key(reader: Reader, sql: str) -> None:
    with pytest.raises(ExportRefused, match=r"the SQL of sales\.fill_down\.Филиал cannot be used"):
        _read(reader, "Номер\nS1\n", {"clinic_id": "Филиал"}, fill_down={"Филиал": sql})
