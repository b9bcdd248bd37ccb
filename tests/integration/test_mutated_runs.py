"""Spoilt files through the command line: exit code, words for people, and what was published before stays as it was."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from homes import CopyHome, Home, NewHome, changes, land_demo, table_checksums

from orchestration.demo import DemoSummary
from orchestration.settings import REPO_ROOT

FILE = "payments.csv"
Spoil = Callable[[Path], None]


@pytest.fixture(scope="module")
def published(new_home: NewHome, demo: DemoSummary) -> tuple[Home, str]:
    """A home with one day published, and the next landed."""
    home = new_home("published")
    first, second = land_demo(home, demo.out, 2)
    assert home.run("demo_mis", first).succeeded
    return home, second


def _bytes(change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / FILE
        path.write_bytes(change(path.read_bytes()))

    return spoil


def _lines(change: Callable[[list[bytes]], list[bytes]]) -> Spoil:
    return _bytes(lambda data: b"\r\n".join(change(data.split(b"\r\n"))))


def _spoil_workbook(folder: Path) -> None:
    (workbook,) = sorted(folder.glob("*.xlsx"))[:1] or [folder / "marketing_spend.xlsx"]
    workbook.write_bytes(b"PK\x03\x04" + b"\x00" * 500)


# What is done to the day's files → what the message says, also of where.
REFUSED: dict[str, tuple[Spoil, str]] = {
    "cut inside a quoted value": (
        _lines(lambda lines: [*lines[:7], b'"' + lines[7], *lines[8:]]),
        r"payments\.csv, row 8\): a quote is opened and not closed",
    ),
    "another encoding from some row on": (
        _lines(lambda lines: [*lines[:5], *(line + b"\x98" for line in lines[5:])]),
        r"payments\.csv, row 6\): the file is not cp1251",
    ),
    "no header": (
        _lines(lambda lines: lines[1:]),
        r"payments\.csv, row 1\): the first row is no header",
    ),
    "a header of 10,000 columns": (
        _lines(lambda lines: [b";".join(b"c%d" % number for number in range(10_000)), *lines[1:]]),
        r"payments\.csv, row 1\): the first row is no header",
    ),
    "an archive by the name of a text": (_bytes(gzip.compress), r"payments\.csv, row \d\): the file is not cp1251"),
    "a spoilt workbook": (_spoil_workbook, r"\.xlsx\): the workbook cannot be opened"),
    "zeros of a disk that was full": (_bytes(lambda data: b"\x00" * len(data)), r"payments\.csv, row 1\)"),
    "a column twice": (
        _lines(lambda lines: [line + b";" + line.split(b";")[0] if line else line for line in lines]),
        r"payments\.csv, row 1\): the header names a column twice",
    ),
}


def _run(home: Home, day: str) -> subprocess.CompletedProcess[str]:
    """`triune run` with nothing in its environment but where its home is, and where the code is if Python was told."""
    settings = home.workspace.settings
    code = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    environment = code | {"TRIUNE_HOME": str(settings.home), "TRIUNE_PATIENT_KEY_FILE": str(settings.patient_key_file)}
    command = home.command("run", "--source", "demo_mis", "--date", day)
    return subprocess.run(
        command, cwd=REPO_ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600
    )


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """Everything that it printed, on one line."""
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    return re.sub(r"\s+", " ", done.stdout + done.stderr)


@pytest.mark.parametrize("fault", REFUSED)
def test_a_spoilt_file_is_refused_with_its_row_and_nothing_published_changes(
    published: tuple[Home, str], copy_home: CopyHome, fault: str
) -> None:
    (original, day), (spoil, message) = published, REFUSED[fault]
    home = copy_home(original, "spoilt")
    before = table_checksums(home.marts, ("main",)), home.marts.stat().st_mtime_ns
    spoil(home.landing / "demo_mis" / day)
    done = _run(home, day)
    said = _said(done)
    assert done.returncode == 1, said
    assert re.search(message, said), said
    assert not changes(before[0], table_checksums(home.marts, ("main",)))
    assert home.marts.stat().st_mtime_ns == before[1]


def test_rows_that_are_none_go_to_quarantine_and_the_day_is_published(
    published: tuple[Home, str], copy_home: CopyHome
) -> None:
    original, day = published
    home = copy_home(original, "wrong_rows")
    path = home.landing / "demo_mis" / day / FILE
    lines = path.read_bytes().split(b"\r\n")
    lines[3] = lines[3].rpartition(b";")[0]
    lines[4] += b";1;2"
    lines[5] = b'"' + lines[5].replace(b";", b'"x;', 1)
    lines[6] = re.sub(rb"\d\d\.\d\d\.2026 (\d\d:\d\d);", rb"29.02.2026 \1;", lines[6], count=1)
    path.write_bytes(b"\n".join([lines[0], b"", *lines[1:]]))
    done = _run(home, day)
    said = _said(done)
    assert done.returncode == 0, said
    aside = home.warehouse(
        "select _row, rule from ops.quarantine where entity = 'payments' and _export_date = ? order by all", day
    )
    assert aside == [(5, "broken_row"), (6, "broken_row"), (7, "broken_row"), (8, "not_a_date_and_time")]
    log = "select rows_read, rows_loaded from ops.load_log where entity = 'payments' and export_date = ?"
    records = sum(1 for line in lines[1:] if line)
    assert home.warehouse(log, day) == [(records, records - 4)]
