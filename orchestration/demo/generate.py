"""Generates demo clinics: the exports of a made-up network and the truth about them. The model is SQL, in sql/."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.demo.dirt import plant
from orchestration.demo.export import plan_snapshots, write_exports
from orchestration.demo.truth import collect_truth, write_truth

SQL_DIR = Path(__file__).parent / "sql"
TRUTH_FILE = "truth.json"
# `kind: text` of everything personal that the exports hold on purpose, for `triune privacy scan --needles`.
CANARIES_FILE = "canaries.txt"
# Appointments of a clinic with one set of rooms in a day, about; only the number of rooms is guessed from it.
APPOINTMENTS_PER_CLINIC_DAY = 75


@dataclass(frozen=True)
class DemoSummary:
    """What was generated."""

    out: Path
    first_day: dt.date
    last_day: dt.date
    clinics: int
    appointments: int
    service_lines: int
    files: int
    rows_written: int
    dirty_rows: int

    @property
    def truth_path(self) -> Path:
        return self.out / TRUTH_FILE

    @property
    def canaries_path(self) -> Path:
        return self.out / CANARIES_FILE


def generate_demo(
    out: Path,
    clinics: int = 3,
    months: int = 6,
    seed: int = 7,
    start: dt.date = dt.date(2026, 1, 1),
    target_appointments: int | None = None,
) -> DemoSummary:
    """Writes `out`/<day>/<files> for every day of `months` months from `start`, truth.json and canaries.txt.

    The same arguments give the same bytes. An earlier demo in `out` is replaced once the new one is complete.

    Args:
        out: landing folder of the source.
        clinics: clinics of the network; from 2 on the last is a sanatorium and K2 lives in another time zone.
        months: length in months.
        seed: chooses the world.
        start: first export day.
        target_appointments: about so many appointments in all; by default what three-room clinics of this kind have.

    Raises:
        ValueError: an argument is out of range.
        FileExistsError: `out` holds something that is not a demo.
    """
    is_small = target_appointments is not None and target_appointments < 1
    if not 1 <= clinics <= 999 or not 1 <= months <= 120 or is_small:
        raise ValueError("demo needs 1 to 999 clinics, 1 to 120 months and a positive number of appointments")
    _refuse_foreign(out)
    last_day = _months_later(start, months) - dt.timedelta(days=1)
    arguments: dict[str, Any] = {
        "clinics": clinics,
        "months": months,
        "seed": seed,
        "start": start.isoformat(),
        "target_appointments": target_appointments,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".demo-", dir=out.parent) as scratch:
        ready = Path(scratch) / "ready"
        ready.mkdir()
        with duckdb.connect(config={"temp_directory": str(Path(scratch) / "spill")}) as connection:
            _build_model(connection, clinics, seed, start, last_day, target_appointments)
            planted = plant(connection)
            written = write_exports(connection, ready, planted)
            truth = collect_truth(connection, arguments, written, planted)
            needles = connection.execute("SELECT kind || ': ' || needle FROM canary_needles ORDER BY ALL").fetchall()
        (ready / CANARIES_FILE).write_text("".join(f"{line}\n" for (line,) in needles), encoding="utf-8")
        write_truth(truth, ready / TRUTH_FILE)
        files = sum(1 for path in ready.glob("*/*"))
        if out.exists():
            shutil.rmtree(out)
        ready.rename(out)
    return DemoSummary(
        out=out,
        first_day=start,
        last_day=last_day,
        clinics=clinics,
        appointments=truth["current_rows"]["appointments"],
        service_lines=truth["current_rows"]["service_lines"],
        files=files,
        rows_written=sum(written.values()),
        dirty_rows=sum(entry["rows"] for entry in truth["dirty_rows"]),
    )


def _build_model(
    connection: duckdb.DuckDBPyConnection,
    clinics: int,
    seed: int,
    start: dt.date,
    last_day: dt.date,
    target: int | None,
) -> None:
    """Runs the SQL files in order. Demand is scaled to the target once the times that could be taken are known."""
    expected = clinics * ((last_day - start).days + 1) * APPOINTMENTS_PER_CLINIC_DAY
    rooms = 1 if target is None else max(1, round(target / expected))
    for name, value in {
        "seed": seed,
        "clinics": clinics,
        "rooms": rooms,
        "first_day": start,
        "last_day": last_day,
        "demand": 1.0,
    }.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    for script in sorted(SQL_DIR.glob("*.sql")):
        if script.stem == "40_visits" and target is not None:
            # 9 % on top are squeezed in, after hours, rescheduled or already booked ahead. The sum is one of whole
            # numbers: that of floats depends on the order of the threads.
            wish = "SELECT sum((wish * 1e6)::BIGINT) * 1.09e-6 FROM openings WHERE starts_at::DATE <= final_day()"
            connection.execute(f"SET VARIABLE demand = (SELECT ? / ({wish}))", [target])
        if script.stem == "90_exports":
            plan_snapshots(connection)
        connection.execute(script.read_text(encoding="utf-8"))


def _refuse_foreign(out: Path) -> None:
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / TRUTH_FILE).exists())):
        raise FileExistsError(f"{out} is not empty and is not a demo (no {TRUTH_FILE}); nothing was written")


def _months_later(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))
