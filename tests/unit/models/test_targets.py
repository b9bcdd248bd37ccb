"""The reader of targets: what it refuses, with file and line, and which scope and mart it finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.catalogue_files import REPO_ROOT, target_files
from models.metrics import load_catalogue
from models.targets import load_targets
from models.yaml_reader import DefinitionError

TARGETS = """
targets:
  - metric: kpi.rebooked_share
    scope: {kind: practitioner, source: mis, clinic: K1, employee: E1}
    period: month
    value: "0.25"
    valid_from: 2026-01-01
    valid_to: 2026-06-30
  - {metric: kpi.rebooked_share, scope: {kind: specialty, source: mis, currency: RUB, specialty: X}, period: year,
     value: "0.3", valid_from: 2026-01-01}
"""


def refusal(folder: Path, text: str) -> str:
    (folder / "mine.yaml").write_text(text)
    with pytest.raises(DefinitionError) as caught:
        load_targets(load_catalogue(), folder)
    return str(caught.value)


def test_a_target_names_its_scope_as_the_marts_do(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(TARGETS)
    practitioner, specialty = load_targets(load_catalogue(), tmp_path)
    assert practitioner.target.scope.scope_id == "practitioner|mis:K1|mis:E1"
    assert specialty.target.scope.scope_id == "specialty|mis|RUB|X"
    assert (specialty.mart, specialty.domain, specialty.metric) == ("mart_kpi__periods", "kpi", "rebooked_share")
    assert str(specialty.value) == "0.3"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kpi.rebooked_share", "kpi.rebookings", ":3: targets.0.metric: no mart of scopes and periods shows"),
        ("kpi.rebooked_share", "triune.unslotted_share", ":3: targets.0.metric: no mart of scopes and periods shows"),
        ("kind: practitioner", "kind: clinic", ":4: targets.0.scope: a clinic is named by source, clinic"),
        ('value: "0.25"', "value: 0.25", ":6: targets.0.value: write the number 0.25 in quotes"),
        ('value: "0.25"', 'value: "25 %"', ":6: targets.0.value:"),
        ("period: month", "period: day", ":5: targets.0.period:"),
        ("valid_to: 2026-06-30", "valid_to: 2025-06-30", ":3: targets.0: valid_to is before valid_from"),
        ("valid_to: 2026-06-30", "until: 2026-06-30", ":8: targets.0.until: unknown key"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in refusal(tmp_path, TARGETS.replace(old, new, 1))


def test_a_figure_has_one_target_at_a_time(tmp_path: Path) -> None:
    again = TARGETS + TARGETS.split("targets:\n")[1].replace("2026-01-01", "2026-06-30").replace(
        "2026-06-30\n  -", "2027-01-01\n  -"
    )
    said = refusal(tmp_path, again)
    assert "mine.yaml:3 has a target for the same figure and time" in said
    later = (
        TARGETS.split("targets:\n")[1].split("  - {")[0].replace("2026-01-01", "2026-07-01").replace("06-30", "12-31")
    )
    (tmp_path / "mine.yaml").write_text(TARGETS + later)
    assert len(load_targets(load_catalogue(), tmp_path)) == 3


def test_generated_files_are_up_to_date() -> None:
    for path, text in target_files(load_targets(load_catalogue())).items():
        written = (REPO_ROOT / path).read_text(encoding="utf-8")
        assert written == text, "the targets have changed: run `make catalogue`"
