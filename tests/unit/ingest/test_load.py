"""The loader: replaces exactly what was read, notes exactly the days that changed, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from load_case import CONTRACTS, DAY1, DAY2, DAY3, Loader, line

from expectations.results import ExpectationResult, GuardResult
from expectations.rules import Severity
from models.contracts import EntityKind
from orchestration.ingest.loading.load import load_batches
from orchestration.ingest.loading.records import forget_touched_days, last_load_id, record_checks
from orchestration.ingest.loading.warehouse import OPS_TABLES, WarehouseOutdatedError, create_tables, open_warehouse


@pytest.fixture
def loader(tmp_path: Path) -> Iterator[Loader]:
    with duckdb.connect(config={"enable_external_file_cache": "false", "threads": "1"}) as connection:
        yield Loader(tmp_path, connection)


def test_a_day_is_replaced_and_other_days_stay(loader: Loader) -> None:
    loader.load({DAY1: [line("L1"), line("L2")], DAY2: [line("L3")], DAY3: [line("L4")]})
    loaded = loader.load({DAY2: [line("L5"), line("L6")]})
    assert (loaded.rows_read, loaded.rows_loaded, loaded.rows_changed) == (2, 2, 3)
    assert loader.keys() == [(DAY1, "L1"), (DAY1, "L2"), (DAY2, "L5"), (DAY2, "L6"), (DAY3, "L4")]


def test_the_same_day_of_another_source_stays(loader: Loader) -> None:
    loader.load({DAY1: [line("L1")]}, source="synthea")
    loader.load({DAY1: [line("L1"), line("L2")]})
    loader.load({DAY1: [line("L9")]})
    assert loader.keys("synthea") == [(DAY1, "L1")]
    assert loader.keys() == [(DAY1, "L9")]
    assert loader.rows("select _source, entity, rows_loaded from ops.load_log order by all") == [
        ("demo_mis", "service_lines", 1),
        ("synthea", "service_lines", 1),
    ]


def test_other_entities_of_the_day_stay(loader: Loader) -> None:
    loader.load({DAY1: [line("L1")]})
    Loader(loader.folder, loader.connection, "clinics").load({DAY1: [{"clinic_id": "K1", "clinic_name": "A"}]})
    assert loader.keys() == [(DAY1, "L1")]


def test_an_unchanged_day_changes_nothing_and_touches_no_day(loader: Loader) -> None:
    days = {DAY1: [line("L1"), line("L2", employee_id=None)], DAY2: [line("L1", net_amount="11")]}
    loader.load(days)
    before = loader.rows("from raw.service_lines order by all")
    loader.touched()
    loaded = loader.load(days)
    assert (loaded.rows_loaded, loaded.rows_changed) == (3, 0)
    assert loader.rows("from raw.service_lines order by all") == before
    assert loader.touched() == []
    assert last_load_id(loader.connection) == 2


def test_new_rows_touch_their_day_and_its_neighbours_for_a_moment_may_be_another_local_day(loader: Loader) -> None:
    loader.load({DAY1: [line("L1", "2026-01-04 23:30")]})
    assert loader.touched() == [("K1", "2026-01-03"), ("K1", "2026-01-04"), ("K1", "2026-01-05")]


def test_a_changed_row_touches_the_day_and_the_clinic_it_left_and_those_it_came_to(loader: Loader) -> None:
    loader.load({DAY1: [line("L1", "2026-01-02 12:00", clinic="K1"), line("L2", "2026-02-10 12:00", clinic="K3")]})
    loader.touched()
    changed = [line("L1", "2026-01-20 12:00", clinic="K2"), line("L2", "2026-02-10 12:00", clinic="K3")]
    assert loader.load({DAY1: changed}).rows_changed == 2
    assert loader.touched() == [
        *(("K1", f"2026-01-0{day}") for day in (1, 2, 3)),
        *(("K2", f"2026-01-{day}") for day in (19, 20, 21)),
    ]


def test_a_correction_on_a_later_export_day_touches_the_day_of_the_earlier_version(loader: Loader) -> None:
    loader.load({DAY1: [line("L1", "2026-01-02 12:00")]})
    loader.touched()
    loader.load({DAY2: [line("L1", "2026-01-20 12:00")]})
    assert loader.touched() == [("K1", f"2026-01-{day}") for day in ("01", "02", "03", "19", "20", "21")]


def test_a_row_that_has_gone_touches_its_day(loader: Loader) -> None:
    loader.load({DAY1: [line("L1", "2026-01-02 12:00"), line("L2", "2026-01-12 12:00")]})
    loader.touched()
    loader.load({DAY1: [line("L1", "2026-01-02 12:00")]})
    assert loader.touched() == [("K1", f"2026-01-{day}") for day in (11, 12, 13)]
    assert loader.keys() == [(DAY1, "L1")]


def test_a_day_without_rows_now_removes_and_touches_those_of_before(loader: Loader) -> None:
    loader.load({DAY1: [line("L1", "2026-01-02 12:00")], DAY2: [line("L2")]})
    loader.touched()
    assert loader.load({DAY1: []}).rows_changed == 1
    assert loader.keys() == [(DAY2, "L2")]
    assert [day for _, day in loader.touched()] == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_a_row_without_a_day_touches_none(loader: Loader) -> None:
    loader.entity = "leads"
    loader.load({DAY1: [{"lead_id": "1", "clinic_id": "K1"}]})
    assert loader.touched() == []


def test_an_entity_of_dates_touches_the_day_alone(loader: Loader) -> None:
    loader.entity = "marketing_spend"
    day_column = CONTRACTS["marketing_spend"].day
    assert day_column
    key = dict.fromkeys(CONTRACTS["marketing_spend"].key, "x")
    loader.load({DAY1: [key | {"clinic_id": "K1", day_column: "2026-01-04"}]})
    assert loader.touched() == [("K1", "2026-01-04")]


def test_an_entity_without_a_day_touches_none(loader: Loader) -> None:
    loader.entity = "line_performers"
    key = {"service_line_id": "L1", "employee_id": "E1", "performer_role": "doctor"}
    assert loader.load({DAY1: [key]}).rows_changed == 1
    assert loader.touched() == []


def test_touched_days_of_later_loads_are_kept_when_earlier_ones_are_forgotten(loader: Loader) -> None:
    loader.load({DAY1: [line("L1", "2026-01-02 12:00")]})
    first = last_load_id(loader.connection)
    loader.load({DAY2: [line("L2", "2026-03-02 12:00")]})
    forget_touched_days(loader.connection, first)
    assert [day for _, day in loader.touched()] == ["2026-03-01", "2026-03-02", "2026-03-03"]


def test_rows_that_the_guard_refused_are_not_loaded_and_the_numbers_add_up(loader: Loader) -> None:
    rows = [line("L1"), line("L2"), line("L3")]
    loaded = loader.load({DAY1: rows, DAY2: rows}, quarantined={DAY1: 2}, refused={DAY1: [3], DAY2: [2, 4]})
    assert (loaded.rows_read, loaded.rows_loaded, loaded.rows_quarantined) == (8, 3, 5)
    assert loader.keys() == [(DAY1, "L1"), (DAY1, "L3"), (DAY2, "L2")]
    log = loader.rows("select export_date, rows_read, rows_loaded, rows_quarantined from ops.load_log order by all")
    assert log == [(DAY1, 5, 2, 3), (DAY2, 3, 1, 2)]
    quarantined = "select _export_date, count(distinct (_file, _row)) from ops.quarantine group by all order by all"
    assert loader.rows(quarantined) == [(DAY1, 3), (DAY2, 2)]


def test_the_log_holds_the_identity_of_each_file(loader: Loader) -> None:
    loader.load({DAY1: [line("L1")], DAY2: []}, quarantined={DAY2: 1})
    entries = loader.rows(
        "select export_date, file, file_bytes, file_sha256, rows_read, rows_loaded, rows_quarantined from ops.load_log "
        "order by all"
    )
    assert [(day, file, *counts) for day, file, _, _, *counts in entries] == [
        (DAY1, f"{DAY1}/service_lines.csv", 1, 1, 0),
        (DAY2, f"{DAY2}/service_lines.csv", 1, 0, 1),
    ]
    for day, _, size, checksum, *_ in entries:
        content = (loader.folder / "landing/demo_mis" / str(day) / "service_lines.csv").read_bytes()
        assert size == len(content)
        assert checksum == sha256(content).hexdigest()


def test_the_log_is_replaced_not_added_to(loader: Loader) -> None:
    for _ in range(3):
        loader.load({DAY1: [line("L1")], DAY2: [line("L2")]})
    assert loader.rows("select export_date, rows_loaded, _load_id from ops.load_log order by all") == [
        (DAY1, 1, 3),
        (DAY2, 1, 3),
    ]
    assert loader.rows("from ops.export_days order by all") == [("demo_mis", DAY1), ("demo_mis", DAY2)]


def test_the_quarantine_of_a_day_is_replaced_not_piled_up(loader: Loader) -> None:
    for aside in (3, 3, 1):
        loader.load({DAY1: [line("L1")], DAY2: [line("L2")]}, quarantined={DAY1: aside, DAY2: 1}, refused={DAY2: [2]})
    stages = "select _export_date, stage, count(*) from ops.quarantine group by all order by all"
    assert loader.rows(stages) == [(DAY1, "read", 1), (DAY2, "guard", 2), (DAY2, "read", 1)]
    loader.load({DAY1: [line("L1")]})
    assert loader.rows(stages) == [(DAY2, "guard", 2), (DAY2, "read", 1)]


def test_an_entity_that_delivered_nothing_loses_what_an_earlier_issue_held(loader: Loader) -> None:
    loader.load({DAY1: [line("L1")], DAY2: [line("L2")]}, quarantined={DAY1: 1})
    batch = loader.batch({}, "demo_mis", {}, {})
    loader.store.forget("demo_mis", loader.entity, [DAY1])
    load_batches(loader.connection, loader.profile("demo_mis"), [DAY1], [batch], loader.store)
    assert loader.keys() == [(DAY2, "L2")]
    assert loader.rows("select export_date from ops.load_log") == [(DAY2,)]
    assert loader.rows("from ops.quarantine") == []


def test_an_error_in_the_middle_leaves_everything_as_it_was(loader: Loader) -> None:
    loader.load({DAY1: [line("L1")]}, quarantined={DAY1: 1})
    loader.touched()
    tables = ["raw.service_lines", "raw.clinics", *(f"ops.{name}" for name in OPS_TABLES)]
    before = {table: loader.rows(f"from {table} order by all") for table in tables}
    clinics = Loader(loader.folder, loader.connection, "clinics")
    good = clinics.batch({DAY1: [{"clinic_id": "K1"}], DAY2: [{"clinic_id": "K2"}]}, "demo_mis", {}, {})
    bad = loader.batch({DAY1: [line("L7")], DAY2: [line("L8")]}, "demo_mis", {DAY2: ["Q"]}, {})
    (second,) = loader.store.paths("demo_mis", "service_lines", [DAY2])
    second.write_bytes(b"cut off")
    with pytest.raises(duckdb.Error):
        load_batches(loader.connection, loader.profile("demo_mis"), [DAY1, DAY2], [good, bad], loader.store)
    assert {table: loader.rows(f"from {table} order by all") for table in tables} == before
    assert loader.load({DAY1: [line("L1")], DAY2: [line("L8")]}).rows_loaded == 2


def _provided(loader: Loader) -> set[tuple[str, str]]:
    rows = loader.rows("select entity, column_name, is_provided from ops.source_inputs where _source = 'synthea'")
    assert len(rows) == sum(len(contract.inputs) for contract in CONTRACTS.values())
    return {(entity, column) for entity, column, is_provided in rows if is_provided and "=" not in column}


def test_what_a_source_provides_is_noted_for_every_column_of_every_contract(loader: Loader) -> None:
    for entity, contract in CONTRACTS.items():
        if contract.kind is not EntityKind.FACT:
            loader.rows(f"insert into raw.{entity} by name select 'synthea' as _source")
    for _ in range(2):
        loader.load({DAY1: [line("L1")]}, source="synthea")
    entities = loader.profile("synthea").entities
    assert _provided(loader) == {(entity, name) for entity, mapping in entities.items() for name in mapping.columns}


def test_of_the_codes_of_a_column_only_those_for_which_the_source_has_a_word_are_provided(loader: Loader) -> None:
    loader.load({DAY1: [line("L1")]}, source="synthea")
    rows = loader.rows(
        "select column_name from ops.source_inputs where is_provided and entity in ('appointments', 'payments')"
    )
    # Every encounter is one that took place, and every payment a payment.
    assert {name for (name,) in rows if "=" in name} == {
        *("status=attended", "payment_kind=payment", "status=done"),
        *(f"visit_kind={kind}" for kind in ("check_up", "consultation", "treatment", "other")),
        *(f"method={method}" for method in CONTRACTS["payments"].columns["method"].codes or ()),
    }


def test_reference_data_that_no_export_has_held_are_not_provided_and_events_that_did_not_happen_are(
    loader: Loader,
) -> None:
    Loader(loader.folder, loader.connection, "services").load({DAY1: [{"service_id": "S1"}]}, source="synthea")
    provided = {entity for entity, _ in _provided(loader)}
    assert "services" in provided
    assert not provided & {"clinics", "employees"}
    assert {"appointments", "service_lines", "payments"} <= provided


def test_the_newest_load_is_zero_before_the_first(loader: Loader) -> None:
    assert last_load_id(loader.connection) == 0


def _verdict(success: bool, days: tuple[date, ...], name: str = "key_is_unique") -> GuardResult:
    result = ExpectationResult(name, Severity.ERROR, "Because.", 10, 0 if success else 3)
    return GuardResult("demo_mis", "service_lines", days, 10, 0, (result,))


def test_the_last_verdict_on_a_range_of_days_is_kept(loader: Loader) -> None:
    record_checks(loader.connection, [_verdict(False, (DAY1, DAY2)), _verdict(False, (DAY3,))])
    record_checks(loader.connection, [_verdict(True, (DAY1, DAY2), name="another_rule")])
    query = "select first_date, last_date, expectation, success, rows_failed from ops.check_results order by all"
    assert loader.rows(query) == [
        (DAY1, DAY2, "another_rule", True, 0),
        (DAY3, DAY3, "key_is_unique", False, 3),
    ]


def test_the_warehouse_has_a_table_for_every_contract_also_made_twice(tmp_path: Path) -> None:
    path = tmp_path / "warehouse" / "warehouse.duckdb"
    for _ in range(2):
        with open_warehouse(path) as connection:
            create_tables(connection, CONTRACTS)
    with open_warehouse(path, read_only=True) as connection:
        names = {
            (schema, table)
            for schema, table in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        }
        assert names == {("raw", entity) for entity in CONTRACTS} | {("ops", name) for name in OPS_TABLES}
        with pytest.raises(duckdb.Error):
            connection.execute("delete from ops.export_days")


def test_a_column_that_a_contract_has_gained_is_added_and_loaded(loader: Loader) -> None:
    loader.load({DAY1: [line("L1", quantity="2.0000", net_amount="7.00")]})
    for table, column in (("raw.service_lines", "quantity"), ("ops.load_log", "file"), ("ops.touched_days", "entity")):
        loader.connection.execute(f"alter table {table} drop column {column}")
    create_tables(loader.connection, CONTRACTS)
    loader.touched()
    assert loader.load({DAY1: [line("L1", quantity="2.0000", net_amount="7.00")]}).rows_changed == 2
    assert loader.rows("select net_amount::text, quantity::text from raw.service_lines") == [("7.00", "2.0000")]
    assert loader.rows("select file, rows_read from ops.load_log") == [(f"{DAY1}/service_lines.csv", 1)]
    assert loader.rows("select distinct entity from ops.touched_days") == [("service_lines",)]


def test_a_column_whose_type_has_changed_is_named_with_what_to_do(loader: Loader) -> None:
    loader.connection.execute("alter table raw.service_lines alter quantity type varchar")
    with pytest.raises(WarehouseOutdatedError, match=r"raw.service_lines.quantity is VARCHAR, now DECIMAL\(18,4\)"):
        create_tables(loader.connection, CONTRACTS)


def test_the_warehouse_is_closed_on_leaving_also_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with pytest.raises(RuntimeError), open_warehouse(path) as connection:
        raise RuntimeError
    with pytest.raises(duckdb.ConnectionException):
        connection.execute("select 1")
