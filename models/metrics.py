"""Reads the catalogue of metrics (`metrics/*.yaml`), the single definition of every figure of a mart. Computes none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from models.contracts import Contract, load_contracts
from models.metric_terms import Domain, Metric, Parameter, Parameters
from models.trees import TREES_FILE, Tree, read_trees
from models.yaml_reader import DefinitionError, Document, Problem, read_document, validate

METRICS_DIR = Path(__file__).parent / "metrics"
PARAMETERS_FILE = "parameters.yaml"
NO_DOMAINS = (PARAMETERS_FILE, TREES_FILE)


@dataclass(frozen=True)
class Catalogue:
    """Every domain by its name, every parameter, and the trees of the revenue by their domain."""

    domains: dict[str, Domain]
    parameters: dict[str, Parameter]
    trees: dict[str, Tree] = field(default_factory=dict)

    @cached_property
    def domain_of_mart(self) -> dict[str, str]:
        return {mart: name for name, domain in self.domains.items() for mart in domain.marts}

    def metrics_of(self, mart: str) -> dict[str, Metric]:
        """The metrics that a mart shows, in the order of the catalogue. Raises KeyError for a mart of no domain."""
        metrics = self.domains[self.domain_of_mart[mart]].metrics
        return {name: metric for name, metric in metrics.items() if not metric.marts or mart in metric.marts}

    def needs(self, domain: str, metric: str) -> list[str]:
        """The inputs behind a metric: its own, or those of all its parts; sorted."""
        metrics = self.domains[domain].metrics
        found = set(metrics[metric].needs)
        for part in parts_of(metrics[metric]):
            found.update(self.needs(domain, part))
        return sorted(found)

    def needs_by_value(self, domain: str, metric: str) -> list[tuple[str, str, str]]:
        """What a metric needs besides if a parameter has a value: (parameter, value, need); sorted."""
        metrics = self.domains[domain].metrics
        found = {
            (name, value, need)
            for name in metrics[metric].parameters
            for value, needs in self.parameters[name].needs.items()
            for need in needs
        }
        for part in parts_of(metrics[metric]):
            found.update(self.needs_by_value(domain, part))
        return sorted(found)


def parts_of(metric: Metric) -> list[str]:
    """The metrics that a computed metric is computed from."""
    parts = [term.removeprefix("-") for term in metric.sum_of]
    return parts + [part for part in (metric.numerator, metric.denominator) if isinstance(part, str)]


def load_catalogue(folder: Path = METRICS_DIR) -> Catalogue:
    """Reads every domain of `folder`.

    Raises:
        DefinitionError: with file, line and key of every mistake: unknown metrics, inputs or parameters, a metric that
            is computed from itself, a mart in two domains, a branch that is not the product of its factors.
    """
    parameters_document = read_document(folder / PARAMETERS_FILE)
    parameters = validate(parameters_document, Parameters).parameters
    documents = [read_document(path) for path in sorted(folder.glob("*.yaml")) if path.name not in NO_DOMAINS]
    domains = [validate(document, Domain) for document in documents]
    contracts = load_contracts()
    problems = [
        problem
        for name, parameter in parameters.items()
        for value, needs in parameter.needs.items()
        for problem in _unknown(parameters_document, ("parameters", name, "needs", value), needs, contracts)
    ]
    seen: dict[str, str] = {}
    for document, domain in zip(documents, domains, strict=True):
        if domain.domain != document.path.stem:
            problems.append(document.problem(("domain",), f"must be the name of the file, '{document.path.stem}'"))
        for mart in domain.marts:
            if mart in seen:
                problems.append(document.problem(("marts",), f"'{mart}' is in domain '{seen[mart]}' already"))
            seen[mart] = domain.domain
        problems += _problems(document, domain, contracts, parameters)
    if problems:
        raise DefinitionError(problems)
    by_name = {domain.domain: domain for domain in domains}
    return Catalogue(by_name, parameters, read_trees(folder / TREES_FILE, by_name))


def _problems(
    document: Document, domain: Domain, contracts: dict[str, Contract], parameters: dict[str, Parameter]
) -> Iterator[Problem]:
    for name, metric in domain.metrics.items():
        at = ("metrics", name)
        for key, named in (("parent", [metric.parent] if metric.parent else []), ("parts", parts_of(metric))):
            for other in named:
                if other not in domain.metrics:
                    yield document.problem((*at, key), f"there is no metric '{other}' in domain '{domain.domain}'")
        for part in set(parts_of(metric)) & set(domain.metrics):
            if missing := _marts(domain, metric) - _marts(domain, domain.metrics[part]):
                yield document.problem((*at, "marts"), f"its part '{part}' is not in {', '.join(sorted(missing))}")
        for parameter in metric.parameters:
            if parameter not in parameters:
                yield document.problem((*at, "parameters"), f"'{parameter}' is not in {PARAMETERS_FILE}")
        for mart in metric.marts:
            if mart not in domain.marts:
                yield document.problem((*at, "marts"), f"'{mart}' is not among the marts of the domain")
        yield from _unknown(document, (*at, "needs"), metric.needs, contracts)
        for kind in ("parent", "parts"):
            if _comes_back(domain, name, kind):
                yield document.problem(at, f"its {kind} lead back to itself")


def _unknown(
    document: Document, at: tuple[str, ...], needs: Iterable[str], contracts: dict[str, Contract]
) -> Iterator[Problem]:
    for need in needs:
        for choice in need.split("|"):
            entity, name = choice.split(".")
            if entity not in contracts or name not in contracts[entity].inputs:
                yield document.problem(at, f"no export contract has '{choice}'")


def _marts(domain: Domain, metric: Metric) -> set[str]:
    return set(metric.marts or domain.marts)


def _comes_back(domain: Domain, start: str, kind: str) -> bool:
    """Whether following parents, or parts, from `start` leads to it again."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        metric = domain.metrics.get(ahead.pop())
        if metric is None:
            continue
        steps = parts_of(metric) if kind == "parts" else [metric.parent] if metric.parent else []
        if start in steps:
            return True
        ahead += [step for step in steps if step not in seen]
        seen.update(steps)
    return False
