"""A mistake in a scheme is reported with its file, line and key, and with what is allowed there."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from models.contracts import load_contracts
from models.scheme_terms import LIVE_SCENARIO, Role, Stage
from models.schemes import load_schemes, read_scheme, write_scheme_tables
from models.yaml_reader import DefinitionError

SCHEME = """\
scheme: clinic
scenario: live
title: A scheme
currency: RUB
clinics: ['mis:K1', 'mis:K2']
global_limit:
  method: pro_rata
  net_revenue_share:
    - {from: 2026-01-01, value: "0.16", act: Order 1}
modules:
  M3:
    title: Diagnostics
    stage: diagnostics
    rate:
      unit: share_of_base
      values:
        - {from: 2026-01-01, value: "0.10", act: Order 1}
        - {from: 2026-03-01, value: "0.12", act: Order 2, note: Raised.}
    role_shares:
      - {from: 2026-01-01, value: {doctor: "0.7", operator: "0.3"}, act: Order 1}
    unfilled_role: clinic
    direct_cost:
      rule: before_rate
      cost_share:
        - {from: 2026-01-01, value: "0.5", act: Order 1}
    employee_month_cap:
      - {from: 2026-01-01, value: "50000.00", act: Order 1}
"""


def _write(folder: Path, text: str, name: str = "clinic.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_clean(tmp_path: Path) -> None:
    assert read_scheme(_write(tmp_path, SCHEME)).clinics == ["mis:K1", "mis:K2"]


MISTAKES = [
    ("title: A scheme", "titel: A scheme", 3, "titel", "unknown key; allowed: scheme, scenario, title"),
    ("unit: share_of_base", "units: share_of_base", 15, "modules.M3.rate.units", "unknown key; allowed: unit, values"),
    ("act: Order 2", "act: Order 2, by: me", 18, "modules.M3.rate.values.1.by", "allowed: from, act, note, value"),
    ("note: Raised.", "act: Order 3", 18, "modules.M3.rate.values.1.act", "the key stands twice"),
    ('"0.12"', "0.12", 18, "modules.M3.rate.values.1.value", "write the number 0.12 in quotes"),
    ('"0.12"', "1", 18, "modules.M3.rate.values.1.value", "a share from 0 to 1 in quotes"),
    ('"0.12"', '"12"', 18, "modules.M3.rate.values.1.value", "a share from 0 to 1 in quotes"),
    ('"0.12"', '"0.12345678901"', 18, "modules.M3.rate.values.1.value", "a share from 0 to 1 in quotes"),
    ('"50000.00"', '"50000.001"', 27, "modules.M3.employee_month_cap.0.value", "at most two decimals"),
    ('operator: "0.3"', 'operator: "0.29"', 20, "modules.M3.role_shares.0.value", "must sum to 1, these sum to 0.99"),
    ("operator:", "surgeon:", 20, "modules.M3.role_shares.0.value.surgeon", "'doctor', 'nurse'"),
    ("from: 2026-03-01", "from: 2026-01-01", 18, "modules.M3.rate.values.1.from", "later than 2026-01-01"),
    ("from: 2026-03-01", "from: 2025-12-31", 18, "modules.M3.rate.values.1.from", "dates overlap"),
    ("from: 2026-03-01", 'from: "2026-03-01"', 18, "modules.M3.rate.values.1.from", "a date without quotes"),
    ("act: Order 2, ", "", 18, "modules.M3.rate.values.1.act", "required key is missing"),
    ("rule: before_rate", "rule: none", 22, "modules.M3.direct_cost", "with rule 'before_rate', and only then"),
    ("rule: before_rate", "rule: after_rate", 23, "modules.M3.direct_cost.rule", "'none' or 'before_rate'"),
    ("unfilled_role: clinic", "unfilled_role: lost", 21, "modules.M3.unfilled_role", "'redistribute' or 'clinic'"),
    ("stage: diagnostics", "stage: surgery", 13, "modules.M3.stage", "'consultation', 'diagnostics', 'treatment'"),
    ("method: pro_rata", "method: priority", 7, "global_limit.method", "'pro_rata'"),
    ("['mis:K1', 'mis:K2']", "[K1]", 5, "clinics", "write all, or a list of <source>:<clinic>"),
    ("['mis:K1', 'mis:K2']", "everywhere", 5, "clinics", "write all, or a list of <source>:<clinic>"),
    ("['mis:K1', 'mis:K2']", "['mis:K1', 'mis:K1']", 5, "clinics", "a clinic stands twice"),
    ("scheme: clinic", "scheme: other", 1, "scheme", "must be the name of the file, 'clinic'"),
    ("  M3:", "  M99:", 11, "modules.M99", "'M2', 'M3' or 'M5'"),
    (
        'value: "50000.00"',
        'value: "50000.00", act: Order 1}\n      - {from: 2026-02-10, value: "1"',
        28,
        "modules.M3.employee_month_cap.1.from",
        "begins on the first of a month",
    ),
    (
        "from: 2026-01-01, value: {doctor",
        "from: 2026-01-02, value: {doctor",
        20,
        "modules.M3.role_shares.0.from",
        "no later than the first rate, 2026-01-01",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "message"), MISTAKES, ids=[f"{m[1][:30]}" for m in MISTAKES])
def test_a_mistake_names_its_line_its_key_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, line: int, key: str, message: str
) -> None:
    assert SCHEME.count(old) >= 1
    path = _write(tmp_path, SCHEME.replace(old, new, 1))
    with pytest.raises(DefinitionError) as caught:
        read_scheme(path)
    [problem] = [problem for problem in caught.value.problems if problem.key == key]
    assert (problem.file, problem.line) == (path, line)
    assert message in problem.message


def test_two_modules_cannot_select_one_stage(tmp_path: Path) -> None:
    module = SCHEME[SCHEME.index("  M3:") :]
    with pytest.raises(DefinitionError, match="paid twice"):
        read_scheme(_write(tmp_path, SCHEME + module.replace("M3:", "M5:", 1)))


def test_two_schemes_of_a_scenario_cannot_cover_one_clinic(tmp_path: Path) -> None:
    _write(tmp_path, SCHEME)
    second = SCHEME.replace("scheme: clinic", "scheme: second")
    _write(tmp_path, second, "second.yaml")
    with pytest.raises(DefinitionError, match=r"second\.yaml:1: clinics: .*covers the same clinic: 'clinic'"):
        load_schemes(tmp_path)
    _write(tmp_path, second.replace("['mis:K1', 'mis:K2']", "all"), "second.yaml")
    with pytest.raises(DefinitionError, match="covers the same clinic"):
        load_schemes(tmp_path)
    for other in (
        second.replace("'mis:K1', 'mis:K2'", "'mis:K3'"),
        second.replace("scenario: live", "scenario: what_if"),
    ):
        _write(tmp_path, other, "second.yaml")
        assert len(load_schemes(tmp_path)) == 2


def test_the_committed_schemes_are_clean_and_one_of_them_is_live() -> None:
    schemes = load_schemes()
    assert [scheme.scheme for scheme in schemes if scheme.scenario == LIVE_SCENARIO] == ["demo"]


def test_roles_and_stages_are_those_of_the_contracts() -> None:
    contracts = load_contracts()
    assert set(contracts["line_performers"].columns["performer_role"].codes or {}) == set(Role)
    assert set(contracts["services"].columns["stage"].codes or {}) == set(Stage)


def test_tables_hold_every_value_with_its_first_and_last_day(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        write_scheme_tables(connection, [read_scheme(_write(tmp_path, SCHEME))])
        rates = connection.execute(
            "SELECT scenario_id, scheme_id, module, rate, valid_from::VARCHAR, valid_to::VARCHAR, act, note"
            " FROM schemes.module_rates ORDER BY valid_from"
        ).fetchall()
        assert rates == [
            ("live", "clinic", "M3", Decimal("0.1"), "2026-01-01", "2026-02-28", "Order 1", ""),
            ("live", "clinic", "M3", Decimal("0.12"), "2026-03-01", None, "Order 2", "Raised."),
        ]
        clinics = connection.execute("SELECT clinic_id FROM schemes.scheme_clinics ORDER BY 1").fetchall()
        assert clinics == [("mis:K1",), ("mis:K2",)]
        doubles = connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'schemes' AND data_type = 'DOUBLE'"
        ).fetchall()
        assert doubles == []


def test_writing_replaces_what_was_there(tmp_path: Path) -> None:
    scheme = read_scheme(_write(tmp_path, SCHEME))
    with duckdb.connect() as connection:
        write_scheme_tables(connection, [scheme])
        write_scheme_tables(connection, [])
        tables = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        assert len(tables) == 8
        assert all(connection.execute(f"SELECT count(*) FROM schemes.{table}").fetchall() == [(0,)] for table in tables)
