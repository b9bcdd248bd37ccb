"""What a profile says of expectations: refused where it is wrong, with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.overrides import refuse_mistaken_checks
from models.sources import load_profile
from models.yaml_reader import DefinitionError

_PROFILE = """\
source: little
title: A little MIS
delivery: daily
time_zone: UTC
entities:
  payment_allocations:
    file: allocations.csv
    mode: delta
    columns: {payment_id: payment, invoice_id: invoice, allocated_amount: amount}
"""


def _load(tmp_path: Path, *lines: str) -> str:
    """What is wrong with the profile and these lines behind it."""
    path = tmp_path / "little.yaml"
    path.write_text(_PROFILE + "\n".join(lines), encoding="utf-8")
    try:
        refuse_mistaken_checks(load_profile(path), path)
    except DefinitionError as error:
        return str(error).replace(f"{path}:", "")
    return ""


@pytest.mark.parametrize(
    "said",
    [
        "payment_id_is_known: {severity: error}",
        'volume_is_usual: {threshold: {share: "0.05", rows: 100}}',
        'volume_is_usual: {severity: critical, threshold: {times: "1.5"}}',
        "file_is_not_cut: {severity: warn}",
        "key_is_unique: {severity: critical}",
    ],
)
def test_severities_and_thresholds_may_be_changed(said: str, tmp_path: Path) -> None:
    assert _load(tmp_path, "checks:", "  payment_allocations:", f"    {said}") == ""


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("no_such_thing: {severity: warn}", "payment_allocations has no such expectation; `triune checks"),
        ("key_is_unique: {severity: warn}", "may not be weaker than error"),
        ("payment_id_is_given: {severity: warn}", "may not be weaker than error"),
        ("volume_is_usual: {severity: error}", "is of a whole day, which cannot go to quarantine"),
        ("volume_is_usual: {threshold: {weight: 3}}", "has no such threshold; it has: share, times, weekdays, rows"),
        ("payment_id_is_known: {threshold: {rows: 3}}", "has no such threshold; it has none"),
        ("volume_is_usual: {severity: loud}", "Input should be 'critical', 'error' or 'warn'"),
        ("volume_is_usual: {threshold: {share: much}}", "valid decimal"),
        ("volume_is_usual: {threshold: {share: -1}}", "greater than or equal to 0"),
        ("volume_is_usual: {loudness: 3}", "unknown key"),
    ],
)
def test_a_mistake_is_named_by_line_and_key(said: str, refusal: str, tmp_path: Path) -> None:
    message = _load(tmp_path, "checks:", "  payment_allocations:", f"    {said}")
    assert message.startswith(f"12: checks.payment_allocations.{said.partition(':')[0]}")
    assert refusal in message


def test_checks_of_an_entity_that_is_none_are_refused(tmp_path: Path) -> None:
    assert _load(tmp_path, "checks:", "  cats: {}").startswith("11: checks.cats: there is no such entity; there are:")


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("{file: c.csv, entity: file}", "10: controls: name the column that counts 'rows', or give 'sums'"),
        (
            "{file: c.csv, entity: file, sums: {cats: {weight: kg}}}",
            "10: controls.sums.cats: this source delivers no cats",
        ),
    ],
)
def test_controls_that_control_nothing_are_refused(said: str, refusal: str, tmp_path: Path) -> None:
    assert _load(tmp_path, f"controls: {said}").startswith(refusal)
