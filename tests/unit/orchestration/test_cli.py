"""The command line: mistakes are said in words with exit code 2, never with a traceback, and before anything is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.sources import SOURCES_DIR, load_profile
from orchestration.cli import triune
from orchestration.ingest.loading.warehouse import open_warehouse


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own; what the command sets in the environment is undone."""
    for name in ("DAGSTER_HOME", "TRIUNE_WAREHOUSE", "DBT_SEND_ANONYMOUS_USAGE_STATS", "GX_ANALYTICS_ENABLED"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("TRIUNE_HOME", str(tmp_path))
    return tmp_path


def _triune(*arguments: str) -> Result:
    return CliRunner().invoke(triune, list(arguments), catch_exceptions=False)


def _refusal(*arguments: str) -> str:
    result = _triune(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return result.output


def test_help_names_the_commands() -> None:
    for flag in ("--help", "-h"):
        result = _triune(flag)
        assert result.exit_code == 0
        assert "run " in result.output and "demo " in result.output


@pytest.mark.parametrize("command", ["run", "demo", "checks", "quarantine"])
def test_every_command_has_help(command: str) -> None:
    result = _triune(command, "--help")
    assert result.exit_code == 0
    assert "Usage: " in result.output


def test_help_answers_without_loading_the_tools() -> None:
    program = (
        "import sys; from orchestration.cli import triune; triune(['--help'], standalone_mode=False);"
        "sys.exit(str([name for name in ('dagster', 'dagster_dbt', 'great_expectations') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"


def test_the_version_is_that_of_the_package() -> None:
    assert _triune("--version").output.startswith("triune 0.")


def test_an_unknown_source_is_refused_with_the_known_ones(home: Path) -> None:
    output = _refusal("run", "--source", "nobody")
    assert "there is no profile 'nobody'; there are: demo_mis, fhir_r4, outpatient_medscheduler, synthea" in output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--date", "2026-01-05", "--from", "2026-01-05"], "give either --date, or --from and --to"),
        (["--date", "2026-01-05", "--to", "2026-01-05"], "give either --date, or --from and --to"),
        (["--from", "2026-01-05"], "--from and --to go together"),
        (["--to", "2026-01-05"], "--from and --to go together"),
        (["--from", "2026-01-06", "--to", "2026-01-05"], "--to 2026-01-05 is before --from 2026-01-06"),
        (["--date", "05.01.2026"], "does not match the format '%Y-%m-%d'"),
        (["--date", "2026-02-30"], "does not match the format '%Y-%m-%d'"),
        (["--day", "2026-01-05"], "No such option"),
        (["2026-01-05"], "unexpected extra argument"),
    ],
)
def test_options_that_do_not_go_together_are_refused(home: Path, options: list[str], message: str) -> None:
    assert message in " ".join(_refusal("run", *options).split())


def test_where_nothing_has_landed_the_folder_is_named(home: Path) -> None:
    output = "".join(_refusal("run").split())
    assert "nothinghaslanded" in output
    assert f"{home}/landing/demo_mis/<YYYY-MM-DD>/" in output


@pytest.mark.parametrize("options", [["--date", "2026-01-06"], ["--from", "2026-01-06", "--to", "2026-01-09"]])
def test_where_nothing_has_landed_on_these_days_the_folder_is_named(home: Path, options: list[str]) -> None:
    (home / "landing" / "demo_mis" / "2026-01-05").mkdir(parents=True)
    output = "".join(_refusal("run", *options).split())
    assert f"nothinghaslandedin{home}/landing/demo_mis" in output


@pytest.mark.parametrize("options", [[], ["--date", "2026-01-06"], ["--from", "2026-01-06", "--to", "2026-01-09"]])
def test_a_database_that_has_to_be_asked_needs_its_dsn(
    home: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    replica = load_profile(SOURCES_DIR / "examples" / "clinic_replica.yaml")
    monkeypatch.setattr("orchestration.definitions.load_profiles", lambda: {replica.source: replica})
    monkeypatch.delenv("CLINIC_REPLICA_DSN", raising=False)
    output = " ".join(_refusal("run", "--source", "clinic_replica", *options).split())
    assert "CLINIC_REPLICA_DSN is not set: put the DSN of a user who may only read into it" in output


@pytest.mark.parametrize(
    "options", [["--clinics", "0"], ["--months", "61"], ["--start", "soon"], ["--seed", "x"], ["--clinics", "many"]]
)
def test_the_demo_refuses_sizes_it_cannot_make(home: Path, options: list[str]) -> None:
    assert "Invalid value" in _refusal("demo", *options)
    assert not (home / "landing").exists()


def _entry_point(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from orchestration.cli import main; sys.argv[0] = 'triune'; main()"
    environment = os.environ | {"TRIUNE_HOME": str(home)} | variables
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, env=environment
    )


def test_a_setting_that_cannot_be_used_is_shown_without_a_traceback(home: Path) -> None:
    done = _entry_point(home, "run", TRIUNE_FIRST_DAY="soon")
    assert "TRIUNE_FIRST_DAY is 'soon'" in done.stderr
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("run",), ("quarantine", "list"), ("quarantine", "retry")])
def test_a_warehouse_that_another_process_uses_is_told_without_a_traceback(
    home: Path, arguments: tuple[str, ...]
) -> None:
    (home / "landing" / "demo_mis" / "2026-01-05").mkdir(parents=True)
    with open_warehouse(home / "warehouse" / "warehouse.duckdb"):
        done = _entry_point(home, *arguments)
    assert f"the warehouse is in use by another process (python{sys.version_info.major}" in done.stderr
    assert f"PID {os.getpid()}" in done.stderr
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_warehouse_that_is_no_database_is_told_without_a_traceback(home: Path) -> None:
    (home / "warehouse").mkdir()
    (home / "warehouse" / "warehouse.duckdb").write_text("no database, and long enough to be looked at\n" * 400)
    done = _entry_point(home, "quarantine", "list")
    assert "the warehouse cannot be opened: " in done.stderr
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_entry_point_ends_with_the_code_of_the_command(home: Path) -> None:
    done = _entry_point(home, "run", "--from", "soon")
    assert done.returncode == 2
    assert "Invalid value for '--from'" in done.stderr


def test_the_expectations_of_an_entity_are_listed_with_threshold_and_reason() -> None:
    output = " ".join(_triune("checks", "shifts").output.split())
    assert "critical most_keys_are_usable fails if: more than 0.2 of the day's rows, and at least 10 of them" in output
    assert "warn doctor_is_on_one_shift_at_a_time" in output
    assert "shifts critical" in " ".join(_triune("checks").output.split())
    assert "there is no profile 'cats'" in _refusal("checks", "shifts", "--source", "cats")
