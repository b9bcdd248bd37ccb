"""Where the dbt project is and its manifest, parsed again whenever a file of the project is newer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.settings import REPO_ROOT, Settings

if TYPE_CHECKING:
    from dagster_dbt import DbtProject

PROJECT_DIR = REPO_ROOT / "dbt_project"
_SOURCES = ("*.sql", "*.yml", "*.yaml", "*.csv", "*.md")


class DbtProjectError(RuntimeError):
    """The dbt project does not parse; the message is dbt's own."""


def dbt_executable() -> str:
    """dbt of this environment, also when the environment is not activated."""
    return str(Path(sys.executable).with_name("dbt"))


def dbt_project(settings: Settings) -> DbtProject:
    """The project with an up-to-date manifest; compiled artefacts go to the home of `settings`.

    Raises:
        DbtProjectError: a model or YAML file is broken.
    """
    from dagster_dbt import DbtProject  # takes seconds; the command line imports this module for its error alone

    project = DbtProject(project_dir=PROJECT_DIR, profiles_dir=PROJECT_DIR, target_path=settings.dbt_target)
    if _is_stale(project.manifest_path):
        _parse(settings)
    return project


def failed_nodes(settings: Settings) -> list[str]:
    """What the last `dbt build` could not build or found wrong, one line each."""
    try:
        results = json.loads((settings.dbt_target / "run_results.json").read_text(encoding="utf-8"))["results"]
    except FileNotFoundError:
        return [f"dbt did not start; its log is {settings.dbt_target / 'dbt.log'}"]
    failed = [result for result in results if result["status"] in ("error", "fail")]
    lines = [f"dbt {result['unique_id']}: {' '.join((result['message'] or '').split())}" for result in failed]
    return lines or [f"dbt failed; its log is {settings.dbt_target / 'dbt.log'}"]


def _is_stale(manifest: Path) -> bool:
    if not manifest.exists():
        return True
    built = manifest.stat().st_mtime
    return any(path.stat().st_mtime > built for pattern in _SOURCES for path in PROJECT_DIR.rglob(pattern))


def _parse(settings: Settings) -> None:
    settings.dbt_target.mkdir(parents=True, exist_ok=True)
    command = [dbt_executable(), "parse", "--profiles-dir", str(PROJECT_DIR), "--target-path", str(settings.dbt_target)]
    environment = os.environ | {"TRIUNE_WAREHOUSE": str(settings.warehouse), "DBT_LOG_PATH": str(settings.dbt_target)}
    done = subprocess.run(command, cwd=PROJECT_DIR, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DbtProjectError(f"the dbt project does not parse:\n{done.stdout}{done.stderr}")
