"""The landing sensor: a day is started once it has arrived complete and stopped growing, and again when issued anew."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest
from home_case import settings_in

from models.source_terms import Arrival
from orchestration.assets.batches import batches_key
from orchestration.definitions import source_selection
from orchestration.resources import Workspace
from orchestration.sensors import build_landing_sensor

SOURCE = "outpatient_medscheduler"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def _put(home: Path, day: str, text: str = "1", files: tuple[str, ...] = ()) -> None:
    names = files or ("slots.csv.gz", "patients.csv.gz", "appointments.csv.gz")
    folder = home / "landing" / SOURCE / day
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(text)


class _Watch:
    """Looks again and again, with the cursor that the look before left."""

    def __init__(
        self,
        home: Path,
        workspace: Workspace,
        definitions: dg.Definitions,
        instance: dg.DagsterInstance,
        marker: str | None = None,
    ):
        self.workspace = replace(workspace, settings=settings_in(home))
        profile = workspace.profiles[SOURCE].model_copy(update={"arrival": Arrival(marker=marker)})
        self.sensor = build_landing_sensor(profile, source_selection(workspace, SOURCE))
        self.definitions, self.instance = definitions, instance
        self.cursor: str | None = None
        self.skipped: str | None = None

    def look(self) -> list[dg.RunRequest]:
        context = dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            resources={"workspace": self.workspace},
            definitions=self.definitions,
        )
        tick = self.sensor.evaluate_tick(context)
        self.cursor, self.skipped = tick.cursor, tick.skip_message
        return list(tick.run_requests or [])


@pytest.fixture
def watch(home: Path, workspace: Workspace, definitions: dg.Definitions, instance: dg.DagsterInstance) -> _Watch:
    return _Watch(home, workspace, definitions, instance)


def test_nothing_landed_starts_nothing(watch: _Watch) -> None:
    assert watch.look() == []
    assert watch.skipped == f"nothing new has landed from {SOURCE}"


def test_a_complete_day_starts_when_it_is_seen_unchanged(watch: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    assert watch.look() == []
    (request,) = watch.look()
    assert request.partition_key == "2026-01-05"
    assert (request.run_key or "").startswith(f"{SOURCE}:2026-01-05:")


def test_a_day_that_was_started_is_not_asked_for_again(watch: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    assert [len(watch.look()) for _ in range(4)] == [0, 1, 0, 0]
    assert watch.skipped == f"nothing new has landed from {SOURCE}"


def test_a_look_that_crashed_before_it_was_noted_asks_for_the_same_run(watch: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    watch.look()
    noted = watch.cursor
    (request,) = watch.look()
    watch.cursor = noted
    assert [again.run_key for again in watch.look()] == [request.run_key]


@pytest.mark.parametrize("meanwhile", ["another issue", "nothing"])
def test_an_earlier_issue_put_back_with_its_old_time_is_started_again(
    watch: _Watch, home: Path, meanwhile: str
) -> None:
    folder = home / "landing" / SOURCE / "2026-01-05"

    def put(text: str, at: int) -> list[str | None]:
        _put(home, "2026-01-05", text)
        for file in folder.iterdir():
            os.utime(file, ns=(at, at))
        return [request.run_key for _ in range(3) for request in watch.look()]

    started = [*put("1", at=1), *put("22", at=2)]
    if meanwhile == "nothing":
        shutil.rmtree(folder)
        assert watch.look() == []
    started += put("1", at=1)
    assert len(set(started)) == len(started) == 3


def test_only_the_assets_of_the_source_are_run(watch: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    watch.look()
    (request,) = watch.look()
    selected = set(request.asset_selection or [])
    assert batches_key(SOURCE) in selected
    assert batches_key("demo_mis") not in selected
    assert dg.AssetKey(["published", "marts"]) in selected


def test_a_file_that_still_grows_starts_nothing(watch: _Watch, home: Path) -> None:
    for size in range(1, 5):
        _put(home, "2026-01-05", "x" * size)
        assert watch.look() == []
    assert len(watch.look()) == 1


def test_an_incomplete_day_starts_nothing(watch: _Watch, home: Path) -> None:
    _put(home, "2026-01-05", files=("slots.csv.gz", "patients.csv.gz"))
    assert watch.look() == watch.look() == []
    assert json.loads(watch.cursor or "{}") == {}
    _put(home, "2026-01-05", files=("appointments.csv.gz",))
    assert watch.look() == []
    assert len(watch.look()) == 1


def test_a_look_that_starts_nothing_says_which_days_wait_and_why(watch: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    watch.look(), watch.look()
    _put(home, "2026-01-06", files=("slots.csv.gz",))
    _put(home, "2026-01-07")
    watch.look()
    assert watch.skipped == (
        f"nothing new has landed from {SOURCE}; not complete: 2026-01-06; still changing: 2026-01-07"
    )


def test_a_day_issued_anew_is_started_again_with_another_key(watch: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    watch.look()
    (first,) = watch.look()
    _put(home, "2026-01-05", "2")
    os.utime(home / "landing" / SOURCE / "2026-01-05" / "slots.csv.gz", ns=(1, 1))
    assert watch.look() == []
    (second,) = watch.look()
    assert second.run_key != first.run_key
    assert second.partition_key == first.partition_key


def test_several_days_are_started_each_on_its_own(watch: _Watch, home: Path) -> None:
    for day in ("2026-01-06", "2026-01-05"):
        _put(home, day)
    watch.look()
    _put(home, "2026-01-07")
    assert [request.partition_key for request in watch.look()] == ["2026-01-05", "2026-01-06"]
    assert [request.partition_key for request in watch.look()] == ["2026-01-07"]


def test_a_day_outside_the_partitions_does_not_keep_the_others_from_starting(watch: _Watch, home: Path) -> None:
    for day in ("2025-12-31", "2026-01-05", "2999-01-01"):
        _put(home, day)
    watch.look()
    assert [request.partition_key for request in watch.look()] == ["2026-01-05"]


@pytest.fixture
def marked(home: Path, workspace: Workspace, definitions: dg.Definitions, instance: dg.DagsterInstance) -> _Watch:
    """The same source with a profile that names a marker."""
    return _Watch(home, workspace, definitions, instance, marker="_SUCCESS")


def _mark(home: Path, day: str, at: int) -> None:
    path = home / "landing" / SOURCE / day / "_SUCCESS"
    path.touch()
    os.utime(path, ns=(at, at))


def test_without_its_marker_a_day_starts_nothing_however_long_it_stays_the_same(marked: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    assert [marked.look() for _ in range(4)] == [[]] * 4


def test_with_its_marker_a_day_starts_at_the_first_look_and_once(marked: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    marked.look()
    _mark(home, "2026-01-05", 1)
    (request,) = marked.look()
    assert request.partition_key == "2026-01-05"
    assert [marked.look() for _ in range(3)] == [[]] * 3


def test_a_marker_does_not_stand_for_a_required_file(marked: _Watch, home: Path) -> None:
    _put(home, "2026-01-05", files=("slots.csv.gz",))
    _mark(home, "2026-01-05", 1)
    assert marked.look() == marked.look() == []


def test_a_marker_written_anew_starts_the_new_bytes_at_once(marked: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    _mark(home, "2026-01-05", 1)
    (first,) = marked.look()
    _put(home, "2026-01-05", "22")
    _mark(home, "2026-01-05", 2)
    (second,) = marked.look()
    assert second.run_key != first.run_key


def test_files_that_change_behind_an_old_marker_start_when_they_stop_changing(marked: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    _mark(home, "2026-01-05", 1)
    (first,) = marked.look()
    for size in (2, 3):
        _put(home, "2026-01-05", "x" * size)
        assert marked.look() == []
    (second,) = marked.look()
    assert second.run_key != first.run_key


def test_a_marker_touched_over_the_same_bytes_starts_no_other_run(marked: _Watch, home: Path) -> None:
    _put(home, "2026-01-05")
    _mark(home, "2026-01-05", 1)
    assert len(marked.look()) == 1
    _mark(home, "2026-01-05", 2)
    assert marked.look() == marked.look() == []
