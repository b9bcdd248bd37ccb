"""The folder in which exports are decoded: gone after a reading, also after one that was killed."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.ingest.scratch import scratch_folder

_KILLED = """
import os, sys
from pathlib import Path
from orchestration.ingest.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "patients.csv").write_text("names")
    print(folder, flush=True)
    if sys.argv[2] == "dies":
        os._exit(9)
    sys.stdin.read()
"""


def _start(parent: Path, how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _KILLED, str(parent), how]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_it_is_its_owners_alone_and_gone_on_leaving(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), scratch_folder(tmp_path / "_scratch") as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        raise RuntimeError
    assert not folder.exists()


def test_what_a_killed_reading_left_is_removed_by_the_next(tmp_path: Path) -> None:
    with _start(tmp_path, "dies") as killed:
        left = Path(killed.stdout.readline().strip() if killed.stdout else "")
        killed.wait()
    assert (left / "patients.csv").exists()
    with scratch_folder(tmp_path):
        assert not left.exists()


def test_what_another_reading_is_using_stays(tmp_path: Path) -> None:
    with _start(tmp_path, "waits") as other:
        used = Path(other.stdout.readline().strip() if other.stdout else "")
        with scratch_folder(tmp_path):
            assert (used / "patients.csv").exists()
        other.communicate("")
    assert not used.exists()
