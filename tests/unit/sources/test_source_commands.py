"""`triune source` at a terminal: exit codes, words for mistakes, 80 columns."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from other_mis import CANARIES, write_export

from orchestration.cli import triune
from orchestration.cli.run import no_profile


def _triune(*arguments: object) -> Result:
    return CliRunner().invoke(triune, ["source", *map(str, arguments)], catch_exceptions=False)


def test_a_draft_is_written_checked_and_sampled_by_three_commands(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "exports")
    path = tmp_path / "other.yaml"
    drafted = _triune("new", "other", folder, "--out", path)
    assert drafted.exit_code == 0
    assert f"Next: triune source check {path} {folder}" in drafted.output
    checked = _triune("check", path, folder, "--no-guard")
    assert checked.exit_code == 1
    assert "some rows would go to quarantine" in checked.output
    sampled = _triune("sample", path, folder)
    assert sampled.exit_code == 0
    sample = tmp_path / "exports-sample"
    assert _triune("check", path, sample, "--no-guard", "--brief").exit_code == 1
    assert [canary for canary in CANARIES if canary in drafted.output + sampled.output] == []


@pytest.mark.parametrize(
    ("name", "message"),
    [("Other", "cannot name a source"), ("my-mis", "cannot name a source"), ("mis", "--out must end with mis.yaml")],
)
def test_a_draft_needs_a_name_that_a_source_can_have(tmp_path: Path, export: Path, name: str, message: str) -> None:
    result = _triune("new", name, export, "--out", tmp_path / "other.yaml")
    assert (result.exit_code, message in " ".join(result.output.split())) == (2, True)
    assert not list(tmp_path.glob("*.yaml"))


def test_a_profile_that_is_there_is_not_overwritten(export: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text("mine")
    assert _triune("new", "other", export, "--out", path).exit_code == 2
    assert path.read_text() == "mine"


def test_a_folder_without_tables_is_said_in_words(tmp_path: Path) -> None:
    result = _triune("new", "other", tmp_path, "--out", tmp_path / "other.yaml")
    assert (result.exit_code, "holds no table that can be read" in result.output) == (2, True)


def test_an_unknown_profile_is_refused_with_the_known_ones(export: Path) -> None:
    result = _triune("check", "nobody", export)
    assert result.exit_code == 2
    assert "there is no profile 'nobody'; there are: demo_mis" in " ".join(result.output.split())


def test_a_day_that_is_not_there_is_refused(profile: Path, export: Path) -> None:
    result = _triune("check", profile, export, "--date", "2026-01-01")
    assert (result.exit_code, "holds nothing of 2026-01-01" in result.output) == (2, True)


def test_machines_get_the_findings_as_json(profile: Path, export: Path) -> None:
    result = _triune("check", profile, export, "--no-guard", "--json")
    found = json.loads(result.output)
    assert (result.exit_code, found["exit_code"], found["source"]) == (1, 1, "other")
    lines = next(entity for entity in found["entities"] if entity["entity"] == "service_lines")
    assert [finding["rule"] for finding in lines["findings"]] == ["not_a_date_and_time"]


def test_one_entity_can_be_looked_at_alone(profile: Path, export: Path) -> None:
    output = _triune("check", profile, export, "--no-guard", "--entity", "clinics").output
    assert "clinic_name" in output and "service_lines" not in output


def test_a_draft_is_not_run_and_the_message_says_what_is_left_to_do(profile: Path, tmp_path: Path) -> None:
    assert "other.yaml is a draft: run `triune source check other`" in no_profile(profile, ["demo_mis"])
    assert no_profile(tmp_path / "nobody.yaml", ["demo_mis"]) == "there is no profile 'nobody'; there are: demo_mis"


@pytest.mark.skipif(shutil.which("script") is None, reason="needs script(1), which makes a terminal")
def test_no_line_is_wider_than_a_terminal_of_80_columns(profile: Path, export: Path) -> None:
    program = "from orchestration.cli import main; main()"
    command = f"stty cols 80; {sys.executable} -c '{program}' source check {profile} {export} --no-guard 2>/dev/null"
    done = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, text=True, check=False)
    lines = done.stdout.replace("\r", "").split("\n")
    assert any("✓" in line or "✗" in line for line in lines)
    plain = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line) for line in lines]
    assert max(len(line) for line in plain) <= 80


def test_where_no_row_is_good_no_empty_table_is_shown(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "clinics.csv").write_text("id,opened\nK1,soon\n", encoding="utf-8")
    columns = (
        "{clinic_id: id, clinic_name: id, time_zone: {constant: UTC}, currency: {constant: RUB}, opened_on: opened}"
    )
    (tmp_path / "little.yaml").write_text(
        "source: little\ntitle: A little MIS\ndelivery: occasional\ntime_zone: UTC\nentities:\n  clinics:\n"
        f"    file: clinics.csv\n    mode: full\n    columns: {columns}\n",
        encoding="utf-8",
    )
    result = _triune("check", tmp_path / "little.yaml", tmp_path / "files", "--no-guard")
    assert "no row can be loaded, so there is none to show" in result.output
    assert "first row" not in result.output
