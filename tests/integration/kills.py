"""Runs of `triune run` that are killed, as by a power cut, at a moment that a test chooses. No tests."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from homes import Home

from orchestration.settings import REPO_ROOT

WATCHER = Path(__file__).with_name("watch_published.py")
TIMEOUT_SECONDS = 240


def kill_when(home: Home, arguments: list[str], moment: Callable[[str], bool]) -> str:
    """Starts `triune <arguments>`, kills it at the first line of output that is the moment; returns what it printed."""
    process = subprocess.Popen(
        home.command(*arguments),
        cwd=REPO_ROOT,
        env=home.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if moment(line):
            process.kill()
            break
    printed += process.stdout.read()
    if process.wait(TIMEOUT_SECONDS) != -signal.SIGKILL:
        raise AssertionError(f"the run ended before it could be killed:\n{printed}")
    return printed


def in_dbt(home: Home) -> Callable[[str], bool]:
    """A moment in the middle of dbt: some models are rebuilt, others are not."""

    def moment(line: str) -> bool:
        if line.split()[:1] != ["load"]:
            return False  # dbt begins when the load has ended
        deadline = time.monotonic() + TIMEOUT_SECONDS
        before = _size_and_time(home)
        rebuilt = 0
        while rebuilt < 20 and time.monotonic() < deadline:
            time.sleep(0.02)
            now = _size_and_time(home)
            rebuilt += now != before
            before = now
        return True

    return moment


def _size_and_time(home: Home) -> list[tuple[int, int]]:
    warehouse = home.workspace.settings.warehouse
    files = [warehouse, warehouse.with_name(warehouse.name + ".wal")]
    return [(stat.st_size, stat.st_mtime_ns) for stat in (file.stat() for file in files if file.exists())]


@contextmanager
def watched(home: Home, scratch: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """Two other processes read what is published as long as the block lasts; then their reports are in the result."""
    end = scratch / "end"
    reports: dict[str, dict[str, Any]] = {}
    processes = {
        mode: subprocess.Popen(
            [sys.executable, str(WATCHER), str(home.marts.parent), str(end), str(scratch / f"{mode}.json"), mode]
        )
        for mode in ("look", "hold")
    }
    try:
        yield reports
    finally:
        end.touch()
        for mode, process in processes.items():
            assert process.wait(TIMEOUT_SECONDS) == 0
            reports[mode] = json.loads((scratch / f"{mode}.json").read_text())
