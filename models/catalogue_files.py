"""Writes what is generated from the metrics and targets: dbt's seeds, macros and doc blocks, and the glossary.

`make catalogue` runs it; a test says when that has been forgotten. What a metric means is said in metrics/*.yaml alone.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from models.metric_terms import Domain, Metric, Scope, Unit
from models.metrics import Catalogue, load_catalogue
from models.targets import ShownTarget, load_targets
from models.trees import Factor

REPO_ROOT = Path(__file__).parents[1]
_BY = "Generated from models/metrics by `make catalogue`; edit there."
_TABLE_COLUMNS = (
    "domain", "metric", "kpi_number", "label", "label_ru", "unit", "additive", "direction", "provenance", "parent",
    "formula", "parameters", "description",
)  # fmt: skip


def catalogue_files(catalogue: Catalogue) -> dict[str, str]:
    """Path in the repository → content."""
    return {
        "dbt_project/seeds/metric_needs.csv": _needs(catalogue),
        "dbt_project/seeds/metrics.csv": _metrics(catalogue),
        "dbt_project/macros/catalogue.sql": _macro(catalogue),
        "dbt_project/macros/parameters.sql": _parameters_macro(catalogue),
        "dbt_project/macros/trees.sql": _trees_macro(catalogue),
        "dbt_project/models/marts/metrics.md": _doc_blocks(catalogue),
        "docs/glossary.md": _glossary(catalogue),
    }


def write_catalogue_files(root: Path = REPO_ROOT) -> None:
    catalogue = load_catalogue()
    for path, text in {**catalogue_files(catalogue), **target_files(load_targets(catalogue))}.items():
        (root / path).write_text(text, encoding="utf-8")


def formula(metric: Metric) -> str:
    """`a * 60 / b`, `a - b`, or nothing for what SQL measures."""
    if metric.numerator:
        factor = f" * {metric.factor}" if metric.factor != 1 else ""
        below = f"({metric.denominator} * {metric.divisor})" if metric.divisor != 1 else metric.denominator
        return f"{metric.numerator}{factor} / {below}"
    return " ".join(f"- {term[1:]}" if term.startswith("-") else f"+ {term}" for term in metric.sum_of).removeprefix(
        "+ "
    )


def _needs(catalogue: Catalogue) -> str:
    rows = [
        (mart, name, need, needed_if)
        for mart, domain in catalogue.domain_of_mart.items()
        for name in catalogue.metrics_of(mart)
        for needed_if, need in [
            *(("always", need) for need in catalogue.needs(domain, name)),
            *((f"{parameter}={value}", need) for parameter, value, need in catalogue.needs_by_value(domain, name)),
        ]
    ]
    return _csv(("mart", "metric", "needs", "needed_if"), rows)


def _metrics(catalogue: Catalogue) -> str:
    rows = [
        (
            domain, name, metric.number or "", metric.label, metric.label_ru, metric.unit, metric.additive,
            metric.direction, metric.provenance, metric.parent or "", formula(metric), " ".join(metric.parameters),
            metric.description,
        )
        for domain, name, metric in _all(catalogue)
    ]  # fmt: skip
    return _csv(_TABLE_COLUMNS, rows)


def _macro(catalogue: Catalogue) -> str:
    lines = [f"{{# {_BY} #}}", "{% macro catalogue() -%}", "    {{ return({"]
    for mart in sorted(catalogue.domain_of_mart):
        lines.append(f"        '{mart}': {{")
        lines += [f"            '{name}': {_terms(metric)}," for name, metric in catalogue.metrics_of(mart).items()]
        lines.append("        },")
    return "\n".join([*lines, "    }) }}", "{%- endmacro %}", ""])


def _terms(metric: Metric) -> dict[str, Any]:
    terms: dict[str, Any] = {"unit": str(metric.unit)}
    if metric.numerator:
        terms |= {"numerator": metric.numerator, "denominator": metric.denominator, "factor": metric.factor}
        if metric.divisor != 1:
            terms["divisor"] = metric.divisor
    if metric.sum_of:
        terms |= {"sum_of": list(metric.sum_of)}
    if metric.number:
        terms |= {"number": metric.number}
    if not metric.is_zero_if_absent:
        terms |= {"is_zero_if_absent": False}
    if len(metric.scopes) < len(Scope):
        terms |= {"scopes": [str(scope) for scope in metric.scopes]}
    return terms


def _parameters_macro(catalogue: Catalogue) -> str:
    lines = [f"{{# {_BY} #}}", "{% macro parameters() -%}", "    {{ return({"]
    for name, parameter in catalogue.parameters.items():
        terms: dict[str, Any] = {"default": parameter.default}
        if parameter.values:
            terms["allowed"] = list(parameter.values)
        if parameter.needs:
            terms["has_needs"] = True
        lines.append(f"        '{name}': {terms},")
    return "\n".join([*lines, "    }) }}", "{%- endmacro %}", ""])


def _trees_macro(catalogue: Catalogue) -> str:
    lines = [f"{{# {_BY} #}}", "{% macro trees() -%}", "    {{ return({"]
    for tree in catalogue.trees.values():
        lines += [f"        '{tree.name}': {{'mart': '{tree.mart}', 'branches': {{"]
        for branch in tree.branches:
            lines.append(f"            '{branch.name}': [")
            lines += [f"                {_factor_terms(factor)}," for factor in branch.factors]
            lines.append("            ],")
        lines.append("        }},")
    return "\n".join([*lines, "    }) }}", "{%- endmacro %}", ""])


def _factor_terms(factor: Factor) -> dict[str, Any]:
    return {
        "name": factor.name,
        "figure": factor.figure,
        "is_amount": factor.is_amount,
        "unit": str(factor.unit),
        "numerator": factor.scale.numerator,
        "denominator": factor.scale.denominator,
    }


def target_files(targets: list[ShownTarget]) -> dict[str, str]:
    """The same of the targets: their table, and mart → its metrics with targets, which SQL has to read."""
    rows = [
        (
            shown.target.scope.scope_id, shown.domain, shown.metric, shown.target.period, shown.value,
            shown.target.valid_from, shown.target.valid_to or "", shown.target.note or "",
        )
        for shown in targets
    ]  # fmt: skip
    header = ("scope_id", "domain", "metric", "period_kind", "target_value", "valid_from", "valid_to", "note")
    marts = {shown.mart: sorted({other.metric for other in targets if other.mart == shown.mart}) for shown in targets}
    lines = [f"{{# {_BY.replace('metrics', 'targets')} #}}", "{% macro targeted_metrics() -%}", "    {{ return({"]
    lines += [f"        '{mart}': {metrics}," for mart, metrics in sorted(marts.items())]
    return {
        "dbt_project/macros/targets.sql": "\n".join([*lines, "    }) }}", "{%- endmacro %}", ""]),
        "dbt_project/seeds/targets.csv": _csv(header, sorted(rows, key=str)),
    }


def _doc_blocks(catalogue: Catalogue) -> str:
    blocks = [f"<!-- {_BY} -->"]
    for domain, name, metric in _all(catalogue):
        shown = formula(metric)
        text = f"{metric.description} = {shown}." if shown else metric.description
        blocks.append(f"{{% docs {domain}__{name} %}}{' '.join(text.split())}{{% enddocs %}}")
    return "\n".join(blocks) + "\n"


def _glossary(catalogue: Catalogue) -> str:
    lines = ["# Glossary", "", f"Every figure of the marts, in English and Russian. {_BY}", ""]
    for domain in catalogue.domains.values():
        lines += _chapter(domain)
    lines += _trees_chapter(catalogue)
    lines += ["## Parameters", "", "Variables of `dbt_project.yml`; change one there, or with `--vars`.", ""]
    lines += ["| parameter | default | unit | meaning |", "|---|---|---|---|"]
    for name, parameter in catalogue.parameters.items():
        choice = f" One of: {', '.join(parameter.values)}." if parameter.values else ""
        lines.append(f"| `{name}` | {parameter.default} | {parameter.unit} | {parameter.description}{choice} |")
    return "\n".join([*lines, ""])


def _trees_chapter(catalogue: Catalogue) -> list[str]:
    lines = [
        "## The trees of the revenue",
        "",
        "Revenue is the sum of the branches; a branch is the product of its factors.",
        "",
    ]
    lines += ["| tree | branch | = product of |", "|---|---|---|"]
    for tree in catalogue.trees.values():
        for branch in tree.branches:
            factors = " × ".join(f"`{factor.name}`" for factor in branch.factors)
            lines.append(f"| {tree.name} | `{branch.name}` | {factors} |")
    return [*lines, ""] if catalogue.trees else []


def _chapter(domain: Domain) -> list[str]:
    marts = ", ".join(f"`{mart}`" for mart in domain.marts)
    lines = [f"## {domain.label} · {domain.label_ru}", "", f"In {marts}.", ""]
    lines += ["| metric | | по-русски | unit | formula or meaning |", "|---|---|---|---|---|"]
    for name, metric in domain.metrics.items():
        label = f"{metric.number}. {metric.label}" if metric.number else metric.label
        shown = formula(metric)
        text = f"`{shown}`. {metric.description}" if shown else metric.description
        unit = "0–1" if metric.unit is Unit.SHARE else str(metric.unit)
        lines.append(
            f"| `{name}` | {label} | {metric.label_ru} | {unit} | {' '.join(text.split())} |".replace("||", "| |")
        )
    return [*lines, ""]


def _all(catalogue: Catalogue) -> list[tuple[str, str, Metric]]:
    return [(d, name, metric) for d, domain in catalogue.domains.items() for name, metric in domain.metrics.items()]


def _csv(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([header, *rows])
    return text.getvalue()


if __name__ == "__main__":
    write_catalogue_files()
