"""Publishing: a snapshot is complete or not there, readers are never disturbed, and only marts and dimensions leave."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.publish.snapshot import MARTS_FILE, PARQUET_LINK, PublishedTable, PublishError, publish_marts


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "ware'house.duckdb"
    _change(
        path,
        """
        create schema marts; create schema dimensions; create schema incentives; create schema facts; create schema raw;
        create table marts.mart_day as
        select * from (values (2, 'b', 1.50::decimal(18,2)), (1, 'a', 2)) t(id, name, "order");
        create table dimensions.dim_clinic as select 'K1' as clinic_id;
        create table marts.mart_empty (id integer);
        create view marts.mart_view as select 1 as id;
        create table incentives.mart_payouts as select 1 as employee_id;
        create table facts.fct_visits as select 1 as patient_id;
        create table raw.patients as select 1 as patient_id;
        comment on table marts.mart_day is 'One row per clinic''s day';
        comment on column marts.mart_day.name is 'Имя, "as" said';
        comment on column marts.mart_day."order" is 'A keyword';
        """,
    )
    return path


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return tmp_path / "published"


def _change(path: Path, statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statements)


def _rows(published: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(published / MARTS_FILE), read_only=True) as connection:
        return connection.execute(query).fetchall()


def _parquet_rows(published: Path, table: str) -> list[tuple[object, ...]]:
    return duckdb.sql(f"from read_parquet('{published / PARQUET_LINK / table}.parquet')").fetchall()


def test_only_tables_of_marts_and_dimensions_are_published(warehouse: Path, published: Path) -> None:
    tables = publish_marts(warehouse, published)
    assert tables == [PublishedTable("dim_clinic", 1), PublishedTable("mart_day", 2), PublishedTable("mart_empty", 0)]
    names = _rows(
        published,
        "select table_name from duckdb_tables() union all select view_name from duckdb_views() where not internal",
    )
    assert sorted(names) == [("dim_clinic",), ("mart_day",), ("mart_empty",)]
    assert {path.name for path in (published / PARQUET_LINK).iterdir()} == {
        "dim_clinic.parquet",
        "mart_day.parquet",
        "mart_empty.parquet",
    }


def test_rows_and_types_are_those_of_the_warehouse_in_order(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    assert [row[:2] for row in _rows(published, "from mart_day")] == [(1, "a"), (2, "b")]
    assert _rows(published, "from mart_day") == _parquet_rows(published, "mart_day")
    types = _rows(published, "select column_name, data_type from duckdb_columns() where table_name = 'mart_day'")
    assert types == [("id", "INTEGER"), ("name", "VARCHAR"), ("order", "DECIMAL(18,2)")]


def test_comments_are_kept_for_the_tools_that_show_them(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    assert _rows(published, "select comment from duckdb_tables() where table_name = 'mart_day'") == [
        ("One row per clinic's day",)
    ]
    comments = "select column_name, comment from duckdb_columns() where table_name = 'mart_day' and comment is not null"
    assert _rows(published, comments) == [("name", 'Имя, "as" said'), ("order", "A keyword")]


def test_the_file_can_be_opened_by_the_oldest_clients_of_version_one(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    storage = "select tags['storage_version'] from duckdb_databases() where not internal"
    assert "v1.0.0" in str(_rows(published, storage))


def test_a_reader_with_the_old_file_open_keeps_the_old_rows(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    with duckdb.connect(str(published / MARTS_FILE), read_only=True) as reader:
        _change(warehouse, "delete from marts.mart_day where id = 1")
        publish_marts(warehouse, published)
        assert reader.execute("select count(*) from mart_day").fetchall() == [(2,)]
    assert _rows(published, "select count(*) from mart_day") == [(1,)]
    assert len(_parquet_rows(published, "mart_day")) == 1


def test_a_table_that_is_gone_from_the_warehouse_is_gone_from_the_snapshot(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    _change(warehouse, "drop table marts.mart_empty")
    publish_marts(warehouse, published)
    assert _rows(published, "select table_name from duckdb_tables() order by 1") == [("dim_clinic",), ("mart_day",)]
    assert not (published / PARQUET_LINK / "mart_empty.parquet").exists()


def _content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.parquet") if path.is_file()
    } | {MARTS_FILE: (folder / MARTS_FILE).read_bytes()}


@pytest.mark.parametrize("how", ["no marts", "no warehouse", "the same name twice", "a warehouse in use"])
def test_a_failure_leaves_what_was_published_as_it_was(warehouse: Path, published: Path, how: str) -> None:
    publish_marts(warehouse, published)
    before, link = _content(published), (published / PARQUET_LINK).readlink()
    writer = None
    if how == "no marts":
        _change(warehouse, "drop schema marts cascade; drop schema dimensions cascade")
    elif how == "no warehouse":
        warehouse.unlink()
    elif how == "the same name twice":
        _change(warehouse, "create table dimensions.mart_day as select 1 as id")
    else:
        writer = duckdb.connect(str(warehouse))
    with pytest.raises((PublishError, duckdb.Error)):
        publish_marts(warehouse, published)
    if writer:
        writer.close()
    assert (published / PARQUET_LINK).readlink() == link
    after = _content(published)
    assert {name: after[name] for name in before} == before


def test_a_failure_does_not_keep_the_next_run_from_publishing(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    _change(warehouse, "create table dimensions.mart_day as select 1 as id")
    with pytest.raises(duckdb.Error):
        publish_marts(warehouse, published)
    _change(warehouse, "drop table dimensions.mart_day; delete from marts.mart_day")
    publish_marts(warehouse, published)
    assert _rows(published, "select count(*) from mart_day") == [(0,)]
    assert _parquet_rows(published, "mart_day") == []


def test_what_a_killed_run_left_is_removed(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    for name in (f".{MARTS_FILE}.new", f".{MARTS_FILE}.new.wal"):
        (published / name).write_bytes(b"half written")
    (published / f".{PARQUET_LINK}.new").symlink_to("nowhere")
    half = published / ".parquet" / "2"
    half.mkdir()
    (half / "mart_day.parquet").write_bytes(b"half written")
    publish_marts(warehouse, published)
    assert sorted(path.name for path in published.iterdir()) == [".parquet", MARTS_FILE, PARQUET_LINK]
    assert not [path for path in (published / ".parquet").rglob("*") if path.is_file() and path.stat().st_size < 20]
    assert _rows(published, "select count(*) from mart_day") == [(2,)]


def test_the_version_before_stays_for_readers_and_older_ones_are_dropped(warehouse: Path, published: Path) -> None:
    targets = []
    for _ in range(4):
        publish_marts(warehouse, published)
        targets.append((published / PARQUET_LINK).resolve())
    assert len(set(targets)) == 4
    assert [path.exists() for path in targets] == [False, False, True, True]


def test_the_version_before_is_the_one_published_not_what_a_failed_run_left(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    in_use = (published / PARQUET_LINK).resolve()
    _change(warehouse, "create table dimensions.mart_day as select 1 as id")
    with pytest.raises(duckdb.Error):
        publish_marts(warehouse, published)
    _change(warehouse, "drop table dimensions.mart_day")
    publish_marts(warehouse, published)
    assert (in_use / "mart_day.parquet").exists()
    assert len(list((published / ".parquet").iterdir())) == 2


def test_a_stray_file_among_the_versions_is_no_obstacle(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    (published / ".parquet" / ".DS_Store").write_text("")
    for _ in range(3):
        publish_marts(warehouse, published)
    assert _parquet_rows(published, "dim_clinic") == [("K1",)]


def test_the_link_is_relative_so_that_the_folder_can_be_moved(warehouse: Path, published: Path) -> None:
    publish_marts(warehouse, published)
    moved = published.rename(published.with_name("moved"))
    assert _parquet_rows(moved, "dim_clinic") == [("K1",)]


def test_the_warehouse_is_only_read(warehouse: Path, published: Path) -> None:
    before = warehouse.read_bytes()
    publish_marts(warehouse, published)
    assert warehouse.read_bytes() == before
