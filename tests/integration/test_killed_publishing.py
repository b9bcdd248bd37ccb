"""Publishing, killed at each moment at which it changes something on disk: the marts are the old or the new ones."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.publish.snapshot import MARTS_FILE, PARQUET_LINK, publish_marts
from orchestration.settings import REPO_ROOT

# Ends itself, without a chance to tidy up, at the n-th change of a file or folder that Python is told to make.
PUBLISH_AND_DIE = """
import os, signal, sys
from pathlib import Path
from orchestration.publish.snapshot import publish_marts
warehouse, published, moment = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
def count(event, arguments):
    global moment
    if event in ("os.rename", "os.remove", "os.symlink", "os.mkdir", "os.rmdir", "shutil.rmtree"):
        moment -= 1
        if moment == 0:
            print(event, *arguments[:2], flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
publish_marts(warehouse, published)
"""
MOST_MOMENTS = 40


def _write_warehouse(path: Path, rows: int) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema dimensions")
        connection.execute(f"create table marts.mart_one as select range as n from range({rows})")
        connection.execute(f"create table dimensions.dim_two as select range as n from range({rows})")


def _rows_in_file(published: Path) -> set[int]:
    with duckdb.connect(str(published / MARTS_FILE), read_only=True) as connection:
        counts = connection.execute("select (select count(*) from mart_one), (select count(*) from dim_two)")
        return set(counts.fetchall()[0])


def _rows_in_parquet(published: Path) -> set[int]:
    folder = (published / PARQUET_LINK).resolve(strict=True)
    with duckdb.connect() as connection:
        return {
            connection.execute(f"select count(*) from '{folder / name}.parquet'").fetchall()[0][0]
            for name in ("mart_one", "dim_two")
        }


def test_killed_at_any_moment_the_marts_are_whole_and_the_next_run_publishes(tmp_path: Path) -> None:
    old, new, published = tmp_path / "old.duckdb", tmp_path / "new.duckdb", tmp_path / "published"
    _write_warehouse(old, 1)
    _write_warehouse(new, 2)
    seen, moments = set(), []
    for moment in range(1, MOST_MOMENTS):
        publish_marts(old, published)
        assert (_rows_in_file(published), _rows_in_parquet(published)) == ({1}, {1}), f"after {moments[-1:]}"
        command = [sys.executable, "-c", PUBLISH_AND_DIE, str(new), str(published), str(moment)]
        done = subprocess.run(command, cwd=REPO_ROOT, capture_output=True, text=True, check=False)
        state = _rows_in_file(published), _rows_in_parquet(published)
        assert all(len(rows) == 1 for rows in state), f"a half state after {done.stdout}"
        seen.add((*state[0], *state[1]))
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        moments.append(done.stdout)
    else:
        pytest.fail("publishing changes more files than expected")
    # Before and after both replacements; a kill between the two leaves one of them new, and each whole.
    assert {(1, 1), (2, 2)} <= seen
    assert any(line.startswith("os.rename") for line in moments)
    assert any(line.startswith("os.symlink") for line in moments)
