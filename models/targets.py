"""Reads the targets (`targets/*.yaml`): what a figure of a scope should come to, month by month, quarter or year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from models.metric_terms import Scope, Sentence, Strict
from models.metrics import Catalogue
from models.yaml_reader import DefinitionError, Document, Problem, read_document, validate

TARGETS_DIR = Path(__file__).parent / "targets"
Text = Annotated[str, StringConstraints(min_length=1)]
# What names a scope, besides the source.
_NAMED_BY = {
    Scope.NETWORK: ("currency",),
    Scope.CLINIC: ("clinic",),
    Scope.SPECIALTY: ("currency", "specialty"),
    Scope.PRACTITIONER: ("clinic", "employee"),
    Scope.RESOURCE: ("clinic", "resource"),
}
_QUALIFIED = ("clinic", "employee", "resource")


class PeriodKind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class TargetScope(Strict):
    """Whose figure it is: by the source's own ids."""

    kind: Scope
    source: Text
    # Of a network and a specialty: the network has one for each currency.
    currency: Text | None = None
    clinic: Text | None = None
    specialty: Text | None = None
    employee: Text | None = None
    resource: Text | None = None

    @model_validator(mode="after")
    def _is_named(self) -> TargetScope:
        named = {key for key in ("currency", "clinic", "specialty", "employee", "resource") if getattr(self, key)}
        if named != set(_NAMED_BY[self.kind]):
            raise ValueError(f"a {self.kind} is named by source, {', '.join(_NAMED_BY[self.kind])}")
        return self

    @property
    def scope_id(self) -> str:
        """As the macro scope_id (dbt_project/macros/scopes.sql) writes it."""
        parts = {key: str(getattr(self, key)) for key in _NAMED_BY[self.kind]}
        parts |= {key: f"{self.source}:{parts[key]}" for key in _QUALIFIED if key in parts}
        source = [self.source] if "clinic" not in parts else []
        return "|".join([self.kind, *source, *parts.values()])


class Target(Strict):
    # `<domain>.<metric>` of the catalogue.
    metric: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z0-9_]+$")]
    scope: TargetScope
    # Of which periods: every month, quarter or year has it for itself.
    period: PeriodKind
    # A quoted number in the unit of the metric; a share is 0.85, not 85.
    value: Annotated[str, StringConstraints(pattern=r"^-?\d{1,12}(\.\d{1,6})?$")]
    # For the periods that begin on these days; without a last one, on and on.
    valid_from: date
    valid_to: date | None = None
    note: Sentence | None = None

    @model_validator(mode="after")
    def _has_an_order(self) -> Target:
        if self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        return self

    def meets(self, other: Target) -> bool:
        """Whether both speak of the same figure of the same period."""
        same = (self.metric, self.scope, self.period) == (other.metric, other.scope, other.period)
        latest, soonest = (
            max(self.valid_from, other.valid_from),
            min(self.valid_to or date.max, other.valid_to or date.max),
        )
        return same and latest <= soonest


class Targets(Strict):
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]


@dataclass(frozen=True)
class ShownTarget:
    """A target, and the mart that shows its figure."""

    target: Target
    mart: str

    @property
    def domain(self) -> str:
        return self.target.metric.split(".")[0]

    @property
    def metric(self) -> str:
        return self.target.metric.split(".")[1]

    @property
    def value(self) -> Decimal:
        return Decimal(self.target.value)


def load_targets(catalogue: Catalogue, folder: Path = TARGETS_DIR) -> list[ShownTarget]:
    """Every target of every file.

    Raises:
        DefinitionError: with file, line and key of every mistake: a metric that no mart of scopes and periods shows, a
            scope that is not named as its kind is, two targets for one figure.
    """
    problems: list[Problem] = []
    found: list[tuple[Document, int, Target]] = []
    for path in sorted(folder.glob("*.yaml")):
        document = read_document(path)
        found += [(document, place, target) for place, target in enumerate(validate(document, Targets).targets)]
    for number, (document, place, target) in enumerate(found):
        if _mart(catalogue, target) is None:
            said = f"no mart of scopes and periods shows '{target.metric}'"
            problems.append(document.problem(("targets", place, "metric"), said))
        for other, earlier, rival in found[:number]:
            if target.meets(rival):
                line = other.lines[("targets", earlier)]
                said = f"{other.path.name}:{line} has a target for the same figure and time"
                problems.append(document.problem(("targets", place), said))
    if problems:
        raise DefinitionError(problems)
    return [ShownTarget(target, mart) for _, _, target in found if (mart := _mart(catalogue, target))]


def _mart(catalogue: Catalogue, target: Target) -> str | None:
    domain, metric = target.metric.split(".")
    return next((mart for mart in _marts(catalogue, domain) if metric in catalogue.metrics_of(mart)), None)


def _marts(catalogue: Catalogue, domain: str) -> Iterator[str]:
    """The marts of a domain that have one row for each scope and period."""
    if domain in catalogue.domains:
        yield from (mart for mart in catalogue.domains[domain].marts if mart.endswith(("__tree", "__periods")))
