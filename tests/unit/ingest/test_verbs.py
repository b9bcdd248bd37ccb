"""What a profile can do with a column or with files beyond renaming: hashes, units, patterns, look-ups, unpivots."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from ingest_case import DAY, ENTITY, NEXT_DAY, Reader, profile

from models.sources import Profile
from orchestration.ingest.batches import EntityRead
from orchestration.ingest.landing import landed_files
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


# --- look-ups


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


def test_a_look_up_may_repeat_a_row_but_not_contradict_itself(reader: Reader) -> None:
    _with_rooms(reader, "Код;Филиал\nR1;K1\nR1;K1\nR2;K2\nR9;K9\n")
    assert len(reader.typed("sale_id")) == 4
    with pytest.raises(ExportRefused, match="rows 2 and 4 have the same key and say different things") as refused:
        _with_rooms(reader, "Код;Филиал\nR1;K1\nR2;K2\nR1;K3\n")
    assert refused.value.problems[0].file == "2026-01-05/rooms.csv"


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
