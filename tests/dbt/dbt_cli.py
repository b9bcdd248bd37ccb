"""Runs dbt as the pipeline does: in a process of its own, which closes the warehouse when it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2] / "dbt_project"
# Pay has tests of its own (tests/schemes).
WITHOUT_PAY = ("--exclude", "models/marts/incentives+")


class Dbt:
    """One target folder, so that later calls parse only what changed."""

    def __init__(self, target: Path) -> None:
        self.target = target
        # dbt parses everything again when the path changes, so every warehouse is opened by one link.
        # DuckDB names the database after the real file: all are called warehouse.duckdb, each in a folder of its own.
        self.link = target / "warehouse.duckdb"

    def __call__(self, warehouse: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Whatever comes of it; the caller looks at the return code or at `results()`."""
        self.target.mkdir(exist_ok=True)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(warehouse)
        return subprocess.run(
            [
                str(Path(sys.executable).with_name("dbt")),
                *arguments,
                "--project-dir",
                str(PROJECT),
                "--profiles-dir",
                str(PROJECT),
                "--target-path",
                str(self.target),
                "--log-path",
                str(self.target / "logs"),
            ],
            env={**os.environ, "TRIUNE_WAREHOUSE": str(self.link), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, warehouse: Path, *arguments: str) -> str:
        done = self(warehouse, *arguments)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        return done.stdout

    def results(self) -> dict[str, str]:
        """Node name → status of the last call."""
        found = json.loads((self.target / "run_results.json").read_text())["results"]
        return {str(result["unique_id"]).split(".")[2]: str(result["status"]) for result in found}

    def manifest(self) -> dict[str, Any]:
        return dict(json.loads((self.target / "manifest.json").read_text()))
