"""Reads incentive schemes (`schemes/<scheme>.yaml`): who is paid for what, at which dated rates. Calculates no pay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from models.yaml_reader import DefinitionError, Document, KeyPath, Problem, read_document, validate

SCHEMES_DIR = Path(__file__).parent / "schemes"
LIVE_SCENARIO = "live"  # the scenario that is paid; all others are only computed


class Module(StrEnum):
    M2 = "M2"  # consultation
    M3 = "M3"  # diagnostics
    M5 = "M5"  # treatment


class Stage(StrEnum):
    """Stages of the contract `services` that a module can select."""

    CONSULTATION = "consultation"
    DIAGNOSTICS = "diagnostics"
    TREATMENT = "treatment"
    REHABILITATION = "rehabilitation"
    RETAIL = "retail"
    OTHER = "other"


class Role(StrEnum):
    """Roles of the contract `line_performers`."""

    DOCTOR = "doctor"
    NURSE = "nurse"
    ASSISTANT = "assistant"
    OPERATOR = "operator"
    ANAESTHETIST = "anaesthetist"
    CURATOR = "curator"
    ADMINISTRATOR = "administrator"


class UnfilledRole(StrEnum):
    """What becomes of the share of a role that nobody filled."""

    REDISTRIBUTE = "redistribute"  # to the filled roles, in proportion to their shares
    CLINIC = "clinic"  # nobody is paid for it


class DirectCostRule(StrEnum):
    NONE = "none"
    BEFORE_RATE = "before_rate"  # taken off the base


def _number(value: Any, pattern: str, allowed: str) -> Decimal:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(f"write {allowed}; found {value!r}")
    return Decimal(value)


def _share(value: Any) -> Decimal:
    return _number(value, r"0(\.\d{1,10})?|1(\.0{1,10})?", 'a share from 0 to 1 in quotes, e.g. "0.10" for 10 %')


def _amount(value: Any) -> Decimal:
    return _number(value, r"\d{1,13}(\.\d{1,2})?", 'an amount in quotes with at most two decimals, e.g. "50000.00"')


def _day(value: Any) -> date:
    # Pydantic would read a number as a moment.
    if type(value) is not date:
        raise ValueError(f"write a date without quotes, e.g. 2026-01-01; found {value!r}")
    return value


Share = Annotated[Decimal, BeforeValidator(_share)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Day = Annotated[date, BeforeValidator(_day)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dated(_Strict):
    """A value in force from a date until the next one. A past value is never edited: a new one is added below it."""

    valid_from: Day = Field(alias="from")
    act: str = Field(min_length=1)  # number and date of the clinic's own act that the value rests on
    note: str = ""


class DatedShare(Dated):
    value: Share


class DatedAmount(Dated):
    value: Amount


class DatedRoleShares(Dated):
    value: dict[Role, Share] = Field(min_length=1)

    @field_validator("value")
    @classmethod
    def _is_whole(cls, value: dict[Role, Decimal]) -> dict[Role, Decimal]:
        total = sum(value.values(), Decimal(0))
        if total != 1:
            raise ValueError(f"role shares must sum to 1, these sum to {total}")
        return value


class Rate(_Strict):
    unit: Literal["share_of_base"]
    values: list[DatedShare] = Field(min_length=1)


class DirectCost(_Strict):
    rule: DirectCostRule
    cost_share: list[DatedShare] = []

    @model_validator(mode="after")
    def _fits_rule(self) -> DirectCost:
        if (self.rule is DirectCostRule.NONE) == bool(self.cost_share):
            raise ValueError("give 'cost_share' with rule 'before_rate', and only then")
        return self


class ModuleTerms(_Strict):
    """What one module pays for, to whom and how much."""

    title: str
    stage: Stage
    rate: Rate
    role_shares: list[DatedRoleShares] = Field(min_length=1)
    unfilled_role: UnfilledRole
    direct_cost: DirectCost
    employee_month_cap: list[DatedAmount] = []


class GlobalLimit(_Strict):
    """Σ pay of a clinic-month ≤ share of its net revenue."""

    method: Literal["pro_rata"]
    net_revenue_share: list[DatedShare] = Field(min_length=1)


class Scheme(_Strict):
    """One incentive scheme of one scenario. It pays in clinics whose money is `currency`."""

    scheme: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    scenario: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    clinics: Literal["all"] | list[str]
    global_limit: GlobalLimit | None = None
    modules: dict[Module, ModuleTerms] = Field(min_length=1)

    @field_validator("clinics", mode="before")
    @classmethod
    def _are_qualified(cls, value: Any) -> Any:
        # Before the union is tried, so that one plain message stands for both of its branches.
        names = value if isinstance(value, list) and value else [value]
        if value != "all" and not all(isinstance(name, str) and re.fullmatch(r"[a-z0-9_]+:.+", name) for name in names):
            raise ValueError(f"write all, or a list of <source>:<clinic>, e.g. ['demo_mis:K1']; found {value!r}")
        if isinstance(value, list) and len(set(value)) < len(value):
            raise ValueError("a clinic stands twice")
        return value

    @field_validator("modules")
    @classmethod
    def _pay_an_event_once(cls, value: dict[Module, ModuleTerms]) -> dict[Module, ModuleTerms]:
        stages = [terms.stage for terms in value.values()]
        if len(set(stages)) < len(stages):
            raise ValueError("two modules select the same stage: one line would be paid twice")
        return value


def load_schemes(folder: Path = SCHEMES_DIR) -> list[Scheme]:
    """Reads every scheme of `folder`.

    Raises:
        DefinitionError: a file is wrong, or two schemes of one scenario have one name or cover one clinic.
    """
    paths = sorted(folder.glob("*.yaml"))
    schemes = [read_scheme(path) for path in paths]
    message = "a scheme of the same scenario has the same name or covers the same clinic:"
    problems = [
        Problem(path, 1, "clinics", f"{message} '{other.scheme}'")
        for index, (path, scheme) in enumerate(zip(paths, schemes, strict=True))
        for other in schemes[:index]
        if scheme.scenario == other.scenario and (scheme.scheme == other.scheme or _overlap(scheme, other))
    ]
    if problems:
        raise DefinitionError(problems)
    return schemes


def read_scheme(path: Path) -> Scheme:
    """Reads one scheme file.

    Raises:
        DefinitionError: with file, line and key of every mistake, and what is allowed there.
    """
    document = read_document(path)
    scheme = scheme_from(document)
    if scheme.scheme != path.stem:
        message = f"must be the name of the file, '{path.stem}'; found '{scheme.scheme}'"
        raise DefinitionError([document.problem(("scheme",), message)])
    return scheme


def scheme_from(document: Document) -> Scheme:
    """Checks plain data as a scheme; see `read_scheme`."""
    try:
        scheme = validate(document, Scheme)
    except DefinitionError as error:
        raise DefinitionError([_with_allowed_keys(problem) for problem in error.problems]) from None
    problems = list(_date_problems(document, scheme))
    if problems:
        raise DefinitionError(problems)
    return scheme


def _overlap(one: Scheme, other: Scheme) -> bool:
    if one.clinics == "all" or other.clinics == "all":
        return one.currency == other.currency
    return not set(one.clinics).isdisjoint(other.clinics)


def _date_problems(document: Document, scheme: Scheme) -> Iterator[Problem]:
    """Dates that overlap or go back, monthly values that begin inside a month, a rate without the values it needs."""
    if scheme.global_limit is not None:
        limits = scheme.global_limit.net_revenue_share
        yield from _order_problems(document, ("global_limit", "net_revenue_share"), limits, monthly=True)
    for code, terms in scheme.modules.items():
        at: KeyPath = ("modules", code.value)
        yield from _order_problems(document, (*at, "rate", "values"), terms.rate.values)
        yield from _order_problems(document, (*at, "role_shares"), terms.role_shares)
        yield from _order_problems(document, (*at, "direct_cost", "cost_share"), terms.direct_cost.cost_share)
        yield from _order_problems(document, (*at, "employee_month_cap"), terms.employee_month_cap, monthly=True)
        start = terms.rate.values[0].valid_from
        needed: list[tuple[KeyPath, Sequence[Dated]]] = [(("role_shares",), terms.role_shares)]
        if terms.direct_cost.cost_share:
            needed.append((("direct_cost", "cost_share"), terms.direct_cost.cost_share))
        for key, values in needed:
            if values[0].valid_from > start:
                yield document.problem((*at, *key, 0, "from"), f"must be no later than the first rate, {start}")


def _order_problems(
    document: Document, at: KeyPath, values: Sequence[Dated], *, monthly: bool = False
) -> Iterator[Problem]:
    for index, value in enumerate(values):
        key, start = (*at, index, "from"), value.valid_from
        if monthly and start.day != 1:
            yield document.problem(key, f"a monthly value begins on the first of a month; found {start}")
        if index and start <= values[index - 1].valid_from:
            above = values[index - 1].valid_from
            yield document.problem(key, f"dates overlap: must be later than {above}, the value above; found {start}")


def _with_allowed_keys(problem: Problem) -> Problem:
    """Names the keys that may stand where an unknown one was found."""
    if problem.message != "unknown key":
        return problem
    found: Any = Scheme
    for part in problem.key.split(".")[:-1]:
        if isinstance(found, type) and issubclass(found, BaseModel):
            annotations = {field.alias or name: field.annotation for name, field in found.model_fields.items()}
            found = annotations[part]
        else:
            found = found.__args__[-1]  # of a list or dict: its values
        if getattr(found, "__args__", ())[1:] == (type(None),):
            found = found.__args__[0]
    allowed = ", ".join(field.alias or name for name, field in found.model_fields.items())
    return Problem(problem.file, problem.line, problem.key, f"unknown key; allowed: {allowed}")
