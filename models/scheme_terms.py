"""What an incentive scheme may say: typed terms of modules, dated rates and shares, limits. Reads no file."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

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
