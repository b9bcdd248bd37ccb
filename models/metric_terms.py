"""What a metric of the catalogue may say: the typed terms of `metrics/<domain>.yaml`. Reads no files."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Sentence = Annotated[str, StringConstraints(min_length=3)]
# `entity.column` of an export contract, or `entity.column=code` if the source has to have a word for that code; several
# joined by `|` if any of them will do.
Need = Annotated[str, StringConstraints(pattern=r"^\w+\.\w+(=\w+)?(\|\w+\.\w+(=\w+)?)*$")]
Term = Annotated[str, StringConstraints(pattern=r"^-?[a-z][a-z0-9_]*$")]


class Unit(StrEnum):
    COUNT = "count"  # a whole number of things
    SECONDS = "seconds"  # whole seconds
    AMOUNT = "amount"  # money of the row's currency, to the kopeck
    HOURS = "hours"
    MINUTES = "minutes"
    DAYS = "days"
    SHARE = "share"  # a ratio, from 0 to 1 as a rule
    NUMBER = "number"  # any other number
    FLAG = "flag"  # yes or no


class Additive(StrEnum):
    ALWAYS = "always"  # over days and over clinics
    DAYS = "days"  # over days, not over scopes
    SCOPES = "scopes"  # over scopes, not over days
    NEVER = "never"  # a ratio, a snapshot, a count of distinct things


class Direction(StrEnum):
    HIGHER = "higher"  # higher is better
    LOWER = "lower"  # lower is better
    NEUTRAL = "neutral"


class Provenance(StrEnum):
    SOURCE = "source"  # said by a source; see DECISIONLOG
    RECONSTRUCTED = "reconstructed"  # our reading, which a user may change here


class Scope(StrEnum):
    """What a figure may be about; see dbt_project/macros/scopes.sql."""

    NETWORK = "network"
    CLINIC = "clinic"
    SPECIALTY = "specialty"
    PRACTITIONER = "practitioner"
    RESOURCE = "resource"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Metric(Strict):
    """One metric: measured in SQL (`needs`), a quotient (`numerator`, `denominator`), or a sum of others (`sum_of`)."""

    label: Sentence
    label_ru: Sentence
    description: Sentence
    unit: Unit
    # Number in the matrix of the 33 KPI of medical staff.
    number: Annotated[int, Field(ge=1, le=33)] | None = None
    # Over what its values may be added up.
    additive: Additive = Additive.NEVER
    direction: Direction = Direction.NEUTRAL
    provenance: Provenance = Provenance.RECONSTRUCTED
    # The metric of the same domain that this one is a factor or a part of.
    parent: Name | None = None
    numerator: Name | None = None
    # A metric, or a whole number such as the seconds of an hour.
    denominator: Name | int | None = None
    # What the numerator is multiplied by.
    factor: Annotated[int, Field(ge=1)] = 1
    # What the denominator is multiplied by.
    divisor: Annotated[int, Field(ge=1)] = 1
    # Metrics that are added up; one with a minus before it is taken away.
    sum_of: tuple[Term, ...] = ()
    # Inputs that a source has to deliver, all of them.
    needs: tuple[Need, ...] = ()
    # Parameters of parameters.yaml that change it.
    parameters: tuple[Name, ...] = ()
    # False: where nothing was recorded it is unknown, not 0.
    is_zero_if_absent: bool = True
    # Kinds of scopes that it has a meaning for; in the others it is NULL.
    scopes: tuple[Scope, ...] = tuple(Scope)
    # Marts of the domain that have it; all of them, if none is named.
    marts: tuple[Name, ...] = ()

    @property
    def is_measured(self) -> bool:
        """Whether SQL measures it; otherwise it follows from others."""
        return self.numerator is None and not self.sum_of

    @model_validator(mode="after")
    def _is_one_kind(self) -> Metric:
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("numerator and denominator go together")
        if self.numerator and self.sum_of:
            raise ValueError("a metric is either a quotient or a sum")
        if self.is_measured and not self.needs:
            raise ValueError("say what it needs, or what it is computed from")
        if not self.is_measured and self.needs:
            raise ValueError("what a computed metric needs follows from its parts: leave `needs` out")
        if self.numerator and not isinstance(self.denominator, int) and self.additive is not Additive.NEVER:
            raise ValueError("a quotient is never additive")
        if not self.is_measured and (not self.is_zero_if_absent or len(self.scopes) < len(Scope)):
            raise ValueError("what a computed metric lacks follows from its parts")
        if self.numerator and self.unit in (Unit.COUNT, Unit.SECONDS):
            raise ValueError("a quotient is no whole number")
        return self


class Domain(Strict):
    """One room of metrics, and the marts that show them."""

    domain: Name
    label: Sentence
    label_ru: Sentence
    marts: Annotated[tuple[Name, ...], Field(min_length=1)]
    # What their rows are told apart by, beside scopes and periods.
    keys: tuple[Name, ...] = ()
    metrics: Annotated[dict[Name, Metric], Field(min_length=1)]


class Parameter(Strict):
    """A declared switch: a dbt variable with its default."""

    default: int | str
    unit: Sentence
    description: Sentence
    # What it may be, if it is one of a few.
    values: tuple[str, ...] = ()
    # What the metrics that it changes need besides, by its value.
    needs: dict[str, tuple[Need, ...]] = {}

    @model_validator(mode="after")
    def _needs_go_by_values(self) -> Parameter:
        if others := set(self.needs) - set(self.values):
            raise ValueError(f"`needs` go by its values; {', '.join(sorted(others))} is none of them")
        return self


class Parameters(Strict):
    parameters: dict[Name, Parameter]


class Tree(Strict):
    """One form of the revenue as a sum of branches, each of them a product of factors."""

    # The mart that has the figures, by scope and period.
    mart: Name
    # Amount that is a branch → its factors, in the order of chain substitution. Each but the first is the quotient of
    # its own figure and the figure of the factor before; the figure of the last one is the branch. None: a plain sum.
    branches: Annotated[dict[Name, tuple[Name, ...]], Field(min_length=1)]


class Trees(Strict):
    """The trees by the domain of their metrics."""

    trees: dict[Name, Tree]
