"""Whatever the order of loading, with re-issues and corrections in it, the warehouse ends the same.

Every schedule is a source of its own with a span of dates of its own: none touches the days of another, and each dbt
run takes a step of all of them at once. In the end sources are compared with their names and dates taken off.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from dbt_cli import WITHOUT_PAY, Dbt
from raw_warehouse import RawWarehouse
from restless_mis import (
    CONTRACTS,
    DAYS,
    FIRST_DAY,
    MODES,
    Delivery,
    Issue,
    RestlessMis,
    first_issue,
    profile,
    standing_keys,
)
from test_incremental import difference

from orchestration.ingest.batch_store import BatchStore, DayCount, GuardedBatch
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.landing import FileVersion
from orchestration.ingest.loading.load import load_batches

WORLDS, SCHEDULES_EACH = 5, 11  # the first schedule of each world is the one in order
DBT_RUNS = 3
SPAN = 42  # days from one source's first day to the next one's: whole weeks
RUN = ("run", *WITHOUT_PAY)
FINAL, FIRST = "final", "first"


@dataclass(frozen=True)
class Load:
    """Some export days, loaded in one go, as issued finally or at first."""

    issue: str
    days: list[int]


@dataclass
class Schedule:
    """One source: its MIS, the order in which its days are loaded, and where its batches are."""

    number: int
    world: int
    runs: list[list[Load]]
    folder: Path
    counts: dict[tuple[str, int, str], tuple[int, int]] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return f"s{self.number:02d}"

    @property
    def shift(self) -> int:
        return self.number * SPAN

    def day(self, number: int) -> date:
        return FIRST_DAY + timedelta(days=number + self.shift)

    def load(self, connection: duckdb.DuckDBPyConnection, load: Load) -> None:
        batches = [
            GuardedBatch(
                CONTRACTS[entity], [self._count(entity, load.issue, number) for number in self._with(entity, load)]
            )
            for entity in MODES
            if any((issue, number, entity) in self.counts for issue in (FINAL, FIRST) for number in load.days)
        ]
        days = [self.day(number) for number in load.days]
        load_batches(connection, profile(self.source), days, batches, BatchStore(self.folder / load.issue))

    def _with(self, entity: str, load: Load) -> list[int]:
        return [number for number in load.days if (load.issue, number, entity) in self.counts]

    def _count(self, entity: str, issue: str, number: int) -> DayCount:
        typed, aside = self.counts[issue, number, entity]
        return DayCount(entity, self.day(number), f"{entity}.csv", FileVersion(1, 1, issue), typed + aside, typed)


def in_order() -> list[list[Load]]:
    loads = [Load(FINAL, [number]) for number in range(DAYS)]
    return [*([load] for load in loads[: DBT_RUNS - 1]), loads[DBT_RUNS - 1 :]]


def at_random(chance: random.Random) -> list[list[Load]]:
    """Days in any order, some in ranges, some issued otherwise before; the last load of a day is its final issue."""
    days = list(range(DAYS))
    chance.shuffle(days)
    loads: list[Load] = []
    while days:
        some, days = days[: (size := chance.choice([1, 2, 3]))], days[size:]
        loads.append(Load(FINAL, sorted(some)))
    for number in chance.sample(range(DAYS), chance.choice([1, 2])):
        final = next(place for place, load in enumerate(loads) if load.issue == FINAL and number in load.days)
        loads.insert(chance.randint(0, final), Load(FIRST, [number]))
    # Some day once more, to no effect.
    if chance.random() < 0.3:
        loads.append(Load(FINAL, [chance.randrange(DAYS)]))
    cuts = sorted(chance.sample(range(1, len(loads)), DBT_RUNS - 1))
    return [loads[start:end] for start, end in zip([0, *cuts], [*cuts, len(loads)], strict=True)]


@pytest.fixture(scope="module")
def schedules(tmp_path_factory: pytest.TempPathFactory) -> list[Schedule]:
    found = []
    for world in range(WORLDS):
        final = RestlessMis(seed=world).export_days()
        issues = {FINAL: final, FIRST: first_issue(final, seed=world)}
        with duckdb.connect() as connection:
            _tables(connection, issues)
            for n in range(SCHEDULES_EACH):
                number = world * SCHEDULES_EACH + n
                runs = in_order() if n == 0 else at_random(random.Random(number))
                schedule = Schedule(number, world, runs, tmp_path_factory.mktemp(f"s{number:02d}"))
                _write_batches(connection, schedule, issues)
                found.append(schedule)
    return found


@pytest.fixture(scope="module")
def built(schedules: list[Schedule], tmp_path_factory: pytest.TempPathFactory) -> tuple[RawWarehouse, Dbt]:
    """Every schedule's loads, with dbt runs between them."""
    folder = tmp_path_factory.mktemp("any_order")
    warehouse, dbt = RawWarehouse(folder / "warehouse.duckdb"), Dbt(folder / "target")
    dbt.must(warehouse.path, "seed")
    for run in range(DBT_RUNS):
        with warehouse.connect() as connection:
            connection.execute("set threads = 1")
            for schedule in schedules:
                for load in schedule.runs[run]:
                    schedule.load(connection, load)
        dbt.must(warehouse.path, *RUN)
        warehouse.forget_touched_days()
    return warehouse, dbt


def test_every_schedule_ends_as_the_days_in_order_do(
    built: tuple[RawWarehouse, Dbt], schedules: list[Schedule]
) -> None:
    found = fingerprints(built[0])
    assert len(found) > 90
    in_order = {schedule.world: schedule.source for schedule in schedules if schedule.number % SCHEDULES_EACH == 0}
    different = {
        f"{table} of {schedule.source}: {schedule.runs}"
        for table, by_source in found.items()
        for schedule in schedules
        if by_source.get(schedule.source) != by_source.get(in_order[schedule.world])
    }
    assert not different, "\n".join(sorted(different))
    assert len(schedules) - len(in_order) >= 50


@pytest.mark.parametrize("entity", ["services", "resources", "resource_hours", "payments", "service_lines"])
def test_the_days_in_order_leave_the_keys_that_pen_and_paper_leave(
    built: tuple[RawWarehouse, Dbt], schedules: list[Schedule], entity: str
) -> None:
    (key,) = CONTRACTS[entity].key
    for schedule in schedules[::SCHEDULES_EACH]:
        rows = built[0].query(f"select {key} from staging.stg_{entity} where source_id = '{schedule.source}'")
        found = {name.removeprefix(f"{schedule.source}:") for (name,) in rows}
        assert found == standing_keys(RestlessMis(schedule.world).export_days(), entity), schedule.source


def test_the_worlds_hold_what_the_test_is_about(built: tuple[RawWarehouse, Dbt]) -> None:
    query = built[0].query
    gone = {entity for (entity,) in query("select distinct entity from ops.deletions")}
    assert gone == {entity for entity, mode in MODES.items() if mode["mode"] != "delta"} - {"clinics"}
    renamed = {entity for (entity,) in query("select distinct entity from ops.surviving_ids")}
    assert renamed == {"patients", "employees", "appointments"}
    chains = (
        "select count(*) from raw.id_changes semi join ops.surviving_ids as next on next.old_id = id_changes.new_id"
    )
    for what in (
        chains,
        "select count(*) from ops.quarantine where _key is null",
        "select count(*) from ops.quarantine where _key is not null",
        "select count(*) from raw.appointments where _is_deleted",
        "select count(*) from dimensions.dim_service_history where version_from > '1950-01-01'",
        "select count(*) from facts.fct_service_lines where list_price_amount <> 100",
        "select count(*) from facts.fct_shifts where is_assumed and ends_at > starts_at + interval 1 hour",
        "select count(*) from facts.fct_room_hours where is_assumed and open_seconds > 0",
        "select count(*) from marts.mart_triune__assumptions where metric = 'doctor_fill_rate'",
        "select count(*) from marts.mart_triune__clinic_day where ledger_revenue_amount > 0",
    ):
        assert query(what)[0][0] > WORLDS, what


def test_the_incremental_facts_equal_a_full_refresh(built: tuple[RawWarehouse, Dbt]) -> None:
    warehouse, dbt = built
    copy = warehouse.path.parent / "refreshed" / warehouse.path.name
    copy.parent.mkdir()
    shutil.copy(warehouse.path, copy)
    dbt.must(copy, *RUN, "--full-refresh")
    assert difference(warehouse.path, copy) == {}


def fingerprints(warehouse: RawWarehouse) -> dict[str, dict[str, str]]:
    """Table → source → checksum of its rows, without the source's name and with its days counted from the first."""
    found: dict[str, dict[str, str]] = {}
    with warehouse.connect() as connection:
        columns: dict[str, dict[str, str]] = {}
        for table, name, kind in connection.execute(
            """
            select table_schema || '.' || table_name, column_name, data_type from information_schema.columns
            where table_schema not in ('main', 'information_schema') order by all
            """
        ).fetchall():
            columns.setdefault(table, {})[name] = kind
        for table, kinds in columns.items():
            # Emptied, counted by load, or nothing of the data in it: the years of dim_date move with the dates, and
            # calendar rules are the profile's.
            if table not in ("ops.touched_days", "ops.load_log", "ops.check_results", *NO_SOURCE, *BY_MONTH):
                found[table] = dict(connection.execute(_fingerprint(table, kinds)).fetchall())
                of_no_source = found[table].pop("", None)  # figures of all sources, e.g. of the network
                assert found[table] or not of_no_source, table
    return found


NO_SOURCE = (
    *("dimensions.dim_date", "intermediate.int_periods__days", "intermediate.metric_needs", "intermediate.metrics"),
    *("intermediate.deal_cycle_buckets", "intermediate.seasons", "intermediate.int_dates__profiled"),
    *("marts.mart_triune__metrics", "ops.calendar_rules"),
)
# Counted in months, which are not as long after a shift by days.
BY_MONTH = ("intermediate.int_micro_seasons__filled",)
MONTHS_LATER = ("open_until", "ends_on")


def _fingerprint(table: str, kinds: dict[str, str]) -> str:
    texts = [name for name, kind in kinds.items() if kind == "VARCHAR"]
    named = next((name for name in ("source_id", "_source") if name in kinds), None)
    source = named or f"regexp_extract(concat_ws(' ', {', '.join(texts)}), '(s[0-9][0-9]):', 1)"
    shift = f"coalesce(try_cast(substr(source, 2) as integer), 0) * {SPAN}"
    plain = []
    for name, kind in kinds.items():
        if kind == "VARCHAR":
            without_source = f"regexp_replace({name}, '(^|[|])s[0-9][0-9](:|[|]|$)', '|', 'g')"
            # A hash is made of a source's ids.
            without_hash = f"regexp_replace({without_source}, '[0-9a-f]{{32}}', 'hash')"
            plain.append(f"regexp_replace({without_hash}, '[0-9]{{4}}-[0-9-]{{5}}', 'day')")
        elif kind == "DATE" and name not in MONTHS_LATER:
            # What holds from ever or for ever is not of the source's days.
            is_a_day = f"{name} between date '1950-01-01' and date '2999-12-31'"
            plain.append(f"if({is_a_day}, {name} - {shift}, {name})::varchar")
        elif kind == "TIMESTAMP":
            plain.append(f"({name} - to_days({shift}))::varchar")
        elif name not in ("_load_id", *MONTHS_LATER):
            plain.append(f"{name}::varchar")
    # Dates are shifted by source: days stay what they were, weeks and months do not.
    of_days = " where period_kind = 'day'" if "period_kind" in kinds else ""
    if "dimension_kind" in kinds:
        of_days = " where dimension_kind in ('hour', 'weekday')"
    if "span_kind" in kinds:
        of_days = " where span_kind <> 'once booked'"  # begins months later
    row = " || '|' || ".join(f"coalesce({text}, '~')" for text in plain)
    return f"""
        select source, md5(string_agg(line, chr(10) order by line))
        from (select source, {row} as line from (select *, {source} as source from {table}{of_days}))
        group by source
    """


def _tables(connection: duckdb.DuckDBPyConnection, issues: dict[str, Issue]) -> None:
    """Tables `rows_<entity>` and `aside`: what every issue of every day delivers, dates unshifted."""
    connection.execute("create table aside (issue varchar, day integer, entity varchar, _key varchar, _row bigint)")
    for entity in MODES:
        stored = CONTRACTS[entity].stored_columns
        kinds = ", ".join(f"{name} {kind}" for name, kind in stored.items())
        connection.execute(
            f"create table rows_{entity} (issue varchar, day integer, {kinds}, _is_deleted boolean, _row bigint)"
        )
        rows, aside = [], []
        for issue, days in issues.items():
            for day, deliveries in days.items():
                delivery = deliveries.get(entity, Delivery([]))
                for number, row in enumerate(delivery.rows, start=2):
                    values = [row.get(name) for name in stored]
                    rows.append([issue, day, *values, row.get("_is_deleted", False), number])
                aside += [[issue, day, entity, key, 900 + number] for number, key in enumerate(delivery.aside)]
        insert_rows(connection, f"rows_{entity}", ["issue", "day", *stored, "_is_deleted", "_row"], rows)
        insert_rows(connection, "aside", ["issue", "day", "entity", "_key", "_row"], aside)


def _write_batches(connection: duckdb.DuckDBPyConnection, schedule: Schedule, issues: dict[str, Issue]) -> None:
    """The batches of one source, its dates shifted, as the reader leaves them."""
    export_date = f"date '{schedule.day(0)}' + day as _export_date"
    options = "format parquet, partition_by (_export_date), write_partition_columns true, overwrite_or_ignore true"
    for issue, days in issues.items():
        store = BatchStore(schedule.folder / issue)
        for day, deliveries in days.items():
            for entity, delivery in deliveries.items():
                schedule.counts[issue, day, entity] = (len(delivery.rows), len(delivery.aside))
        for entity in MODES:
            stored = [_shifted(name, kind, schedule.shift) for name, kind in CONTRACTS[entity].stored_columns.items()]
            place = f"'{schedule.source}' as _source, {export_date}, '{entity}.csv' as _file, _row"
            rows = f"select {', '.join(stored)}, {place}, _is_deleted from rows_{entity} where issue = '{issue}'"
            aside = f"""
                select {place}, entity, _key, 'read' as stage, null::varchar as column_name, null::varchar as value,
                    'broken' as rule, 'because' as reason
                from aside where issue = '{issue}' and entity = '{entity}'
            """
            folders = [(rows, store.folder(schedule.source, entity))]
            if any(counts[1] for (of, _, what), counts in schedule.counts.items() if (of, what) == (issue, entity)):
                folders.append((aside, store.quarantine_folder(schedule.source, entity)))
            for query, folder in folders:
                folder.mkdir(parents=True, exist_ok=True)
                connection.execute(f"copy ({query}) to '{folder}' ({options})")


def _shifted(name: str, kind: str, shift: int) -> str:
    if kind == "DATE":
        return f"{name} + {shift} as {name}"
    return f"{name} + to_days({shift}) as {name}" if kind == "TIMESTAMP" else name
