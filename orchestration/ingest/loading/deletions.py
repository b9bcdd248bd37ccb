"""Which rows are gone: those that a later export of their entity should hold and does not.

Derived anew from raw rows, `ops.exports` and `ops.quarantine` whenever one of them changes, so that it does not matter
in which order days were loaded. A row in quarantine is not gone: its last good version stays.
"""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase

import duckdb

from models.contracts import ColumnType, Contract
from models.row_keys import row_key
from models.source_terms import EntityMapping, Mode
from models.sources import Profile
from orchestration.ingest.batch_store import DayCount
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.loading.warehouse import OPS_TABLES
from orchestration.ingest.quoting import text_literal


def note_exports(
    connection: duckdb.DuckDBPyConnection, profile: Profile, days: list[date], entity: str, counts: list[DayCount]
) -> list[str]:
    """Replaces `ops.exports` of these days; returns a warning for each export that cannot tell what is gone.

    Call it when the quarantine of these days is in place.
    """
    connection.execute(
        "delete from ops.exports where _source = ? and entity = ? and export_date in (select unnest(?))",
        [profile.source, entity, days],
    )
    if not counts:
        return []
    rows_read = {day: sum(c.rows_read for c in counts if c.day == day) for day in {c.day for c in counts}}
    mappings = {day: mapping_of(profile, entity, day) for day in rows_read}
    snapshots = {day: rows for day, rows in rows_read.items() if mappings[day].mode is not Mode.DELTA}
    doubts = _doubts(connection, profile.source, entity, snapshots) | _missing_parts(profile, entity, snapshots, counts)
    rows = [
        [profile.source, entity, day, mapping.mode.value, *_window(mapping), day in snapshots and day not in doubts]
        for day, mapping in sorted(mappings.items())
    ]
    insert_rows(connection, "ops.exports", list(OPS_TABLES["exports"]), rows)
    return [f"{profile.source} {day} {entity}: {doubt}" for day, doubt in sorted(doubts.items())]


def mapping_of(profile: Profile, entity: str, day: date) -> EntityMapping:
    """The entity's mapping of that day; its clinics deliver in one mode."""
    return next(m for part in profile.parts(day) if (m := part.profile.entities.get(entity)))


def _window(mapping: EntityMapping) -> tuple[str | None, int | None]:
    return (mapping.window.column, mapping.window.days) if mapping.window else (None, None)


def _missing_parts(
    profile: Profile, entity: str, snapshots: dict[date, int], counts: list[DayCount]
) -> dict[date, str]:
    """Days of which the files of a clinic or a part are not there: their rows are not gone, they were not delivered."""
    doubts = {}
    for day in snapshots:
        delivered = {count.file for count in counts if count.day == day}
        for part in profile.parts(day):
            if (part.clinic or entity in part.shared) and (mapping := part.profile.entities.get(entity)):
                folder = f"{day}/" if part.folder == "." else f"{day}/{part.folder}/"
                sheet = f"!{mapping.sheet}" if entity in part.shared and mapping.sheet else ""
                if not any(fnmatchcase(file, f"{folder}{name}{sheet}") for file in delivered for name in mapping.files):
                    who = part.clinic or ", ".join(mapping.files)
                    doubts[day] = f"{who} delivered no file, so this snapshot removes no row"
    return doubts


def _doubts(
    connection: duckdb.DuckDBPyConnection, source: str, entity: str, rows_read: dict[date, int]
) -> dict[date, str]:
    """Why a snapshot says nothing about what it lacks, by day."""
    unknown = connection.execute(
        """
        select _export_date, arg_min(_file || ' row ' || _row, _row) from ops.quarantine
        where _source = ? and entity = ? and _export_date in (select unnest(?)) and _key is null
        group by _export_date
        """,
        [source, entity, list(rows_read)],
    ).fetchall()
    doubts = {day: "the snapshot is empty, so it removes no row" for day, rows in rows_read.items() if rows == 0}
    doubts |= {
        day: f"{place} stands in quarantine without a readable key, so this snapshot removes no row"
        for day, place in unknown
    }
    return doubts


def refresh_deletions(connection: duckdb.DuckDBPyConnection, profile: Profile, contract: Contract) -> int:
    """Derives `ops.deletions` of one entity. Returns how many keys are now gone or back.

    Temp tables: `deletions_before`, and `deletions_changed` (_key) of what is now gone or back.
    """
    entity = contract.entity
    given = {"source": profile.source, "entity": entity}
    own = "where _source = $source and entity = $entity"
    connection.execute(
        f"create or replace temp table deletions_before as select _key, last_seen_on, gone_on from ops.deletions {own}",
        given,
    )
    windows = connection.execute(f"select distinct window_column from ops.exports {own} and deletes", given).fetchall()
    # A column that a later contract no longer has can limit no window.
    columns = sorted(name for (name,) in windows if name in contract.stored_columns)
    derivation = _derivation(profile, contract, columns) if windows else "from deletions_before limit 0"
    connection.execute(f"create or replace temp table derived as {derivation}", given if windows else None)
    connection.execute(
        """
        create or replace temp table deletions_changed as
        select distinct _key from (
            (from derived except from deletions_before) union all (from deletions_before except from derived)
        )
        """
    )
    row = connection.execute("select count(*) from deletions_changed").fetchone()
    changed = int(row[0]) if row else 0
    if changed:
        connection.execute(f"delete from ops.deletions {own}", given)
        connection.execute(
            "insert into ops.deletions by name select $source as _source, $entity as entity, * from derived", given
        )
    connection.execute("drop table derived")
    return changed


def _derivation(profile: Profile, contract: Contract, window_columns: list[str]) -> str:
    """SELECT of `_key`, `last_seen_on`, `gone_on`: versions that an export before their key's next one lacks."""
    days = "".join(f", {_local_day(profile, contract, name)} as day_of_{name}" for name in window_columns)
    cases = " ".join(f"when {text_literal(name)} then day_of_{name}" for name in window_columns)
    window_day = f"case exports.window_column {cases} end" if window_columns else "null::date"
    latest_day = (
        f"greatest({', '.join(f'day_of_{name}' for name in window_columns)})" if window_columns else "null::date"
    )
    keys = ", ".join(contract.key)
    return f"""
        with exports as materialized (
            select * from ops.exports where _source = $source and entity = $entity and deletes
        ),
        versions as (
            select {row_key(contract)} as _key, _export_date as last_seen_on,
                lead(_export_date) over (partition by {keys} order by _export_date) as next_seen_on{days}
            from raw.{contract.entity} where _source = $source
        ),
        -- Nearly every version is followed by an export that holds its key or need not: few are looked at closely.
        suspects as (
            select versions.* from versions
            asof join exports on versions.last_seen_on < exports.export_date
            where (versions.next_seen_on is null or exports.export_date < versions.next_seen_on)
                and (
                    (select bool_or(mode = '{Mode.FULL}') from exports)
                    or exports.export_date - (select max(window_days) from exports)::integer <= {latest_day}
                )
        )
        select suspects._key, suspects.last_seen_on, min(exports.export_date) as gone_on
        from suspects
        join exports
            on exports.export_date > suspects.last_seen_on
            and (suspects.next_seen_on is null or exports.export_date < suspects.next_seen_on)
        where (
                exports.mode = '{Mode.FULL}'
                or {window_day} between exports.export_date - exports.window_days::integer and exports.export_date
            )
            and not exists (
                from ops.quarantine as aside
                where aside._source = $source and aside.entity = $entity
                    and aside._key = suspects._key and aside._export_date = exports.export_date
            )
        group by all
    """


def _local_day(profile: Profile, contract: Contract, name: str) -> str:
    """The day of a column as the source counts days."""
    if contract.columns[name].type is not ColumnType.TIMESTAMP:
        return name
    rule = profile.time_zone
    zones = "".join(f" when {text_literal(value)} then {text_literal(zone)}" for value, zone in rule.values.items())
    by_column = rule.column if zones and rule.column in contract.stored_columns else None
    zone = f"case {by_column}{zones} else {text_literal(rule.default)} end" if by_column else text_literal(rule.default)
    return f"cast(timezone({zone}, timezone('UTC', {name})) as date)"
