"""The catalogue of metrics: what it refuses, with file and line, and that what is generated from it is up to date."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from models.catalogue_files import REPO_ROOT, catalogue_files, formula
from models.metrics import METRICS_DIR, load_catalogue, parts_of
from models.yaml_reader import DefinitionError

RATE = """
domain: visits
label: Visits
label_ru: Визиты
marts: [mart_a, mart_b]
metrics:
  shown: {label: Shown, label_ru: Явка, description: Came., unit: count, needs: [appointments.status]}
  due: {label: Due, label_ru: Ожидались, description: Due., unit: count, needs: [leads.lead_id, appointments.status]}
  rate: {label: Rat, label_ru: Дол, description: Part, unit: share, numerator: shown, denominator: due, marts: [mart_a]}
"""
CLOCK = """parameters:
  clock:
    default: early
    unit: rule
    description: When.
    values: [early, late]
    needs: {late: [leads.created_at]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(METRICS_DIR / "parameters.yaml", tmp_path)
    return tmp_path


def refusal(folder: Path, text: str) -> list[str]:
    (folder / "visits.yaml").write_text(text)
    with pytest.raises(DefinitionError) as caught:
        load_catalogue(folder)
    return [f"{problem.line}: {problem.key}: {problem.message}" for problem in caught.value.problems]


def test_a_quotient_needs_what_its_parts_need(folder: Path) -> None:
    (folder / "visits.yaml").write_text(RATE)
    catalogue = load_catalogue(folder)
    assert catalogue.needs("visits", "rate") == ["appointments.status", "leads.lead_id"]
    assert list(catalogue.metrics_of("mart_b")) == ["shown", "due"]
    assert formula(catalogue.domains["visits"].metrics["rate"]) == "shown / due"
    needs = catalogue_files(catalogue)["dbt_project/seeds/metric_needs.csv"]
    assert "mart_a,rate,leads.lead_id" in needs and "mart_b,rate" not in needs


def test_what_a_value_of_a_parameter_needs_is_needed_by_what_it_changes(folder: Path) -> None:
    (folder / "visits.yaml").write_text(RATE.replace("count, needs: [app", "count, parameters: [clock], needs: [app"))
    (folder / "parameters.yaml").write_text(CLOCK)
    needs = catalogue_files(load_catalogue(folder))["dbt_project/seeds/metric_needs.csv"].splitlines()
    assert [line for line in needs if "leads.created_at" in line] == [
        f"{mart},{metric},leads.created_at,clock=late"
        for mart, metric in (("mart_a", "shown"), ("mart_a", "rate"), ("mart_b", "shown"))
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("late: [leads", "later: [leads", "2: parameters.clock: `needs` go by its values; later is none of them"),
        ("created_at", "made_at", "7: parameters.clock.needs.late: no export contract has 'leads.made_at'"),
    ],
)
def test_a_mistake_in_a_parameter_is_named_with_its_line(folder: Path, old: str, new: str, said: str) -> None:
    (folder / "parameters.yaml").write_text(CLOCK.replace(old, new))
    assert any(said in problem for problem in refusal(folder, RATE)), refusal(folder, RATE)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("denominator: due", "denominator: dew", "9: metrics.rate.parts: there is no metric 'dew' in domain 'visits'"),
        ("leads.lead_id", "leads.lead_no", "8: metrics.due.needs: no export contract has 'leads.lead_no'"),
        ("appointments.status]", "appointments.status=gone]", "no export contract has 'appointments.status=gone'"),
        (
            "marts: [mart_a]}",
            "marts: [mart_c]}",
            "9: metrics.rate.marts: 'mart_c' is not among the marts of the domain",
        ),
        ("unit: share", "unit: percent", "9: metrics.rate.unit:"),
        ("numerator: shown, ", "", "9: metrics.rate: numerator and denominator go together"),
        ("unit: share", "unit: share, additive: days", "9: metrics.rate: a quotient is never additive"),
        (
            "needs: [appointments.status]}",
            "}",
            "7: metrics.shown: say what it needs, or what it is computed from",
        ),
        (
            "numerator: shown, denominator: due",
            "sum_of: [rate]",
            "9: metrics.rate: its parts lead back to itself",
        ),
        ("unit: share", "unit: share, parent: visit", "9: metrics.rate.parent: there is no metric 'visit'"),
        ("unit: share", "unit: share, parameters: [never]", "'never' is not in parameters.yaml"),
        ("domain: visits", "domain: visit", "2: domain: must be the name of the file, 'visits'"),
    ],
)
def test_a_mistake_is_named_with_its_line(folder: Path, old: str, new: str, said: str) -> None:
    assert any(said in problem for problem in refusal(folder, RATE.replace(old, new)))


def test_a_part_must_be_shown_where_its_metric_is(folder: Path) -> None:
    text = RATE.replace("needs: [appointments.status]}", "needs: [appointments.status], marts: [mart_b]}")
    assert refusal(folder, text) == ["9: metrics.rate.marts: its part 'shown' is not in mart_a"]


def test_a_mart_is_in_one_domain(folder: Path) -> None:
    (folder / "other.yaml").write_text(RATE.replace("domain: visits", "domain: other"))
    assert refusal(folder, RATE)[0].endswith("marts: 'mart_a' is in domain 'other' already")


def test_every_parent_leads_to_the_top_of_its_tree() -> None:
    for domain in load_catalogue().domains.values():
        for name, metric in domain.metrics.items():
            if metric.parent:
                assert name not in parts_of(domain.metrics[metric.parent]) or metric.parent != name


@pytest.mark.parametrize("path", list(catalogue_files(load_catalogue())))
def test_generated_files_are_up_to_date(path: str) -> None:
    written = (REPO_ROOT / path).read_text(encoding="utf-8")
    assert written == catalogue_files(load_catalogue())[path], "the catalogue has changed: run `make catalogue`"


def test_dbt_variables_have_the_defaults_of_the_catalogue() -> None:
    project = yaml.safe_load((REPO_ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    declared = {name: parameter.default for name, parameter in load_catalogue().parameters.items()}
    assert project["vars"] == declared
