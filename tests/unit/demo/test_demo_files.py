"""The files of the demo: places, encodings, repeatability."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest

from orchestration.demo import DemoSummary, generate_demo
from orchestration.demo.export import FILES, Rhythm


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_arguments_give_the_same_bytes(demo: DemoSummary, tmp_path: Path) -> None:
    again = generate_demo(tmp_path / "again", clinics=2, months=2)
    assert _digests(again.out) == _digests(demo.out)


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    one = generate_demo(tmp_path / "one", clinics=1, months=1, seed=1)
    two = generate_demo(tmp_path / "two", clinics=1, months=1, seed=2)
    day = "2026-01-20/appointments.csv"
    assert (one.out / day).read_bytes() != (two.out / day).read_bytes()


def test_every_calendar_day_has_a_folder(days: list[Path]) -> None:
    first = dt.date(2026, 1, 1)
    assert [day.name for day in days] == [(first + dt.timedelta(days=n)).isoformat() for n in range(31 + 28)]


def test_every_day_has_the_files_that_are_always_written(days: list[Path]) -> None:
    always = [file.name for file in FILES if file.rhythm in (Rhythm.EVERY_DAY, Rhythm.DAILY_SNAPSHOT)]
    assert [(day.name, name) for day in days for name in always if not (day / name).exists()] == []


def test_each_of_the_26_entities_is_delivered_at_least_once(days: list[Path]) -> None:
    assert len(FILES) == 26
    assert [file.name for file in FILES if not any((day / file.name).exists() for day in days)] == []


def test_text_is_cp1251_and_not_utf_8(days: list[Path]) -> None:
    data = (days[20] / "appointments.csv").read_bytes()
    assert data.decode("cp1251").startswith("Номер записи;Филиал;")
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_only_the_rows_planted_short_have_another_number_of_fields(days: list[Path], truth: dict[str, Any]) -> None:
    short = 0
    for day in days:
        header, *lines = (day / "payments.csv").read_bytes().decode("cp1251").split("\r\n")
        assert all(line.count(";") == header.count(";") for line in lines if line)
        header, *lines = (day / "appointments.csv").read_bytes().decode("cp1251").split("\r\n")
        quoted = sum(line.count('""до обеда""') for line in lines)  # a remark that holds a semicolon
        plain = sum(line.count(";") for line in lines if line) - quoted
        cut = sum(1 for line in lines if line and line.count(";") == 5)
        assert plain == (len(lines) - 1 - cut) * header.count(";") + cut * 5
        short += cut
    planted = [entry["rows"] for entry in truth["dirty_rows"] if entry["kind"] == "too_few_fields"]
    assert [short] == planted


def test_a_target_sets_the_number_of_appointments(tmp_path: Path) -> None:
    summary = generate_demo(tmp_path / "demo", clinics=2, months=2, target_appointments=30_000)
    assert 27_000 < summary.appointments < 33_000


def test_an_earlier_demo_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    generate_demo(out, clinics=1, months=2)
    generate_demo(out, clinics=1, months=1)
    assert not (out / "2026-02-01").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_a_folder_that_is_not_a_demo_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "precious.csv").write_text("1")
    with pytest.raises(FileExistsError, match="not a demo"):
        generate_demo(tmp_path, clinics=1, months=1)
    assert (tmp_path / "precious.csv").read_text() == "1"


@pytest.mark.parametrize("bad", [{"clinics": 0}, {"months": 0}, {"target_appointments": 0}, {"clinics": 1000}])
def test_an_argument_out_of_range_is_refused(tmp_path: Path, bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="demo needs"):
        generate_demo(tmp_path / "demo", **bad)  # type: ignore[arg-type]


def test_months_end_where_the_calendar_ends_them(tmp_path: Path) -> None:
    summary = generate_demo(tmp_path / "demo", clinics=1, months=1, start=dt.date(2026, 1, 31))
    assert summary.last_day == dt.date(2026, 2, 27)
