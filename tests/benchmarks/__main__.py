"""`make bench`: one generated day of N rows through read, guard and load, against a bare typed read_csv and insert;
the peak of memory, and how long a workbook of 100,000 rows takes to be read.

What the ratio buys: every row typed by the contract or quarantined with file, row, column and reason; patient ids
pseudonymised; every expectation checked; the days that changed noted; one transaction that a crash cannot split.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import xlsxwriter

from models.contracts import Contract, load_contracts
from models.sources import Profile
from orchestration.ingest.batch_store import BatchStore
from orchestration.ingest.export import find_export, guard_export, guarded_batches, read_export
from orchestration.ingest.loading.load import load_batches
from orchestration.ingest.loading.warehouse import create_tables, open_warehouse

DAY = date(2026, 1, 5)
_SHEET_ROWS = 100_000
PROFILE = Profile.model_validate(
    {
        "source": "bench",
        "title": "Benchmark",
        "delivery": "daily",
        "time_zone": "Europe/Moscow",
        "text": {"encoding": "cp1251", "delimiter": ";", "decimal_mark": ","},
        "formats": {"timestamp": "%d.%m.%Y %H:%M"},
        "entities": {
            "service_lines": {
                "file": "lines.csv",
                "mode": "delta",
                "columns": {
                    "service_line_id": "id",
                    "clinic_id": "clinic",
                    "patient_id": "patient",
                    "service_id": "service",
                    "performed_at": "performed",
                    "quantity": "quantity",
                    "list_amount": "list",
                    "discount_amount": "discount",
                    "net_amount": "net",
                    "status": {"from": "status", "values": {"Выполнено": "performed", "Отменено": "voided"}},
                },
            }
        },
    }
)


def main() -> None:
    """Prints the ratios, median of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="triune-bench-") as folder:
        home = Path(folder)
        _write_day(home / "landing" / "bench" / str(DAY) / "lines.csv", arguments.rows)
        # In turn, so that both meet the same machine; the first round pays for imports and is left out.
        ours, bare = [], []
        for number in range(arguments.rounds + 1):
            ours.append(_run_ours(home))
            if not number:
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            bare.append(_run_bare(home))
        del ours[0], bare[0]
        workbook = _read_workbook(home)
    base = _median(bare)
    print(f"{arguments.rows:,} rows, times a hand-written read_csv + insert of the same file:")  # noqa: T201
    for step in (*ours[0], "all"):
        seconds = _median([sum(run.values()) if step == "all" else run[step] for run in ours])
        print(f"  {step:<6} {seconds / base:5.2f} ×")  # noqa: T201
    print(f"peak of memory: {peak:,.0f} MB; a workbook of {_SHEET_ROWS:,} rows is read in {workbook:.1f} s")  # noqa: T201


def _read_workbook(home: Path) -> float:
    """The same columns as a workbook, numbers and moments as cells of their kind."""
    workbook = PROFILE.model_copy(update={"source": "bench_workbook", "entities": {}})
    mapping = PROFILE.entities["service_lines"].model_copy(update={"files": ["lines.xlsx"]})
    profile = workbook.model_copy(update={"entities": {"service_lines": mapping}})
    path = home / "landing" / "bench_workbook" / str(DAY) / "lines.xlsx"
    path.parent.mkdir(parents=True)
    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "dd.mm.yyyy hh:mm"}) as book:
        sheet = book.add_worksheet()
        header = ("id", "clinic", "patient", "service", "performed", "quantity", "list", "discount", "net", "status")
        sheet.write_row(0, 0, header)
        begins = datetime(2026, 1, 5, 8)
        for i in range(_SHEET_ROWS):
            moment = begins + timedelta(minutes=i % 720)
            row = (f"L{i}", "K1", f"P{i % 9999}", f"S{i % 500}", moment, 1, i % 9000 + 0.5, 0.5, i % 9000, "Выполнено")
            sheet.write_row(i + 1, 0, row)
    export = find_export(profile, load_contracts(), home / "landing", BatchStore(home / "batches"), [DAY])
    seconds: dict[str, float] = {}
    with _timed(seconds, "read"):
        (read,) = read_export(export, b"key")
    assert (read.rows_read, read.rows_quarantined) == (_SHEET_ROWS, 0)
    return seconds["read"]


def _write_day(path: Path, rows: int) -> None:
    path.parent.mkdir(parents=True)
    text = path.with_suffix(".utf8")
    duckdb.sql(
        f"""
        copy (
            select 'L' || i as id, 'K' || (i % 3 + 1) as clinic, 'P' || (hash(i) % 100000) as patient,
                'S' || (hash(i, 1) % 500) as service,
                strftime(timestamp '2026-01-05 08:00' + interval 1 minute * (hash(i, 2) % 720), '%d.%m.%Y %H:%M')
                    as performed,
                '1' as quantity, (1000 + i % 9000) || ',50' as list, '0,50' as discount,
                (1000 + i % 9000) || ',00' as net,
                case when i % 50 = 0 then 'Отменено' else 'Выполнено' end as status
            from range({rows}) as numbers(i)
        ) to '{text}' (header, delimiter ';')
        """
    )
    path.write_bytes(text.read_text(encoding="utf-8").encode("cp1251"))
    text.unlink()


def _run_ours(home: Path) -> dict[str, float]:
    contracts: dict[str, Contract] = load_contracts()
    store = BatchStore(home / "batches")
    warehouse = home / "ours.duckdb"
    warehouse.unlink(missing_ok=True)
    export = find_export(PROFILE, contracts, home / "landing", store, [DAY])
    seconds: dict[str, float] = {}

    def load() -> None:
        with open_warehouse(warehouse) as connection:
            create_tables(connection, contracts)
            load_batches(connection, PROFILE, export.days, guarded_batches(export), store)

    steps: dict[str, Callable[[], object]] = {
        "read": lambda: list(read_export(export, b"key")),
        "guard": lambda: guard_export(export, warehouse),
        "load": load,
    }
    for name, step in steps.items():
        with _timed(seconds, name):
            step()
    return seconds


def _run_bare(home: Path) -> float:
    """What one would write by hand: decode, read with types, insert. Trusts every row and checks nothing."""
    warehouse = home / "bare.duckdb"
    warehouse.unlink(missing_ok=True)
    source = home / "landing" / "bench" / str(DAY) / "lines.csv"
    seconds: dict[str, float] = {}
    with _timed(seconds, "bare"), duckdb.connect(str(warehouse)) as connection:
        decoded = home / "bare.csv"
        decoded.write_text(source.read_text(encoding="cp1251"), encoding="utf-8")
        connection.execute(
            f"""
            create table lines as
            select * from read_csv('{decoded}', delim = ';', header = true, decimal_separator = ',',
                timestampformat = '%d.%m.%Y %H:%M', types = {{
                    'performed': 'TIMESTAMP', 'quantity': 'DECIMAL(18,4)', 'list': 'DECIMAL(18,2)',
                    'discount': 'DECIMAL(18,2)', 'net': 'DECIMAL(18,2)'
                }})
            """
        )
    return seconds["bare"]


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - began


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
