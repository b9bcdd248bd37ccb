"""The account of networks and clinics by loops over plain rows, from the words of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.calendar import months_later
from oracle.computed import half_away

Row = dict[str, Any]
OPEX = ("payroll", "rent", "marketing", "administration", "other")
BELOW_EBITDA = ("depreciation", "interest", "tax")
ONE_DAY = timedelta(days=1)


class Finance:
    def __init__(self, tables: dict[str, list[Row]], last_export: date, stay_charges: str = "beside_lines") -> None:
        self.last = last_export
        self.charges_are_revenue = stay_charges == "beside_lines"
        self.lines = [line for line in tables["fct_service_lines"] if line["line_status"] == "performed"]
        self.all_lines = {line["service_line_id"]: line for line in tables["fct_service_lines"]}
        self.expenses = tables["stg_expenses"]
        self.balances = tables["stg_balances"]
        clinic_of = {stay["stay_id"]: stay["clinic_id"] for stay in tables["stg_stays"]}
        self.charges = [row | {"clinic_id": clinic_of.get(row["stay_id"])} for row in tables["stg_stay_charges"]]
        self.months: dict[tuple[str, date], dict[str, Any]] = {}

    def figures(self, clinics: list[str], start: date, end: date) -> dict[str, Any]:
        """Measured figures of a scope from the first day of a month to the last of one."""
        found: dict[str, Any] = defaultdict(Fraction)
        for clinic in clinics:
            month = start
            while month <= end:
                for name, value in self.month(clinic, month).items():
                    found[name] += value
                month = months_later(month, 1)
        for name in (*OPEX, "materials"):
            found[f"{name}_expense_amount"] = found.pop(name, 0) if found["expense_entries"] else None
        for name in BELOW_EBITDA:
            found[f"{name}_amount"] = found.pop(name, 0) if found["expense_entries"] else None
        found["revenue_amount"] = found["net_revenue_amount"] + found["stay_revenue_amount"]
        last_month = date(end.year, end.month, 1)
        return {**found, **self._at_the_end(clinics, last_month)}

    def month(self, clinic: str, month: date) -> dict[str, Any]:
        """What was earned and booked in a month of a clinic."""
        if (clinic, month) not in self.months:
            end = months_later(month, 1) - ONE_DAY
            found: dict[str, Any] = defaultdict(Fraction)
            has_revenue = False
            for line in self.lines:
                if line["clinic_id"] == clinic and month <= line["local_date"] <= end:
                    has_revenue = True
                    found["net_revenue_amount"] += Fraction(line["net_amount"])
                    found["direct_cost_amount"] += self._direct_cost(line)
            for charge in self.charges:
                if charge["clinic_id"] == clinic and month <= charge["night_date"] <= end:
                    has_revenue = True
                    if self.charges_are_revenue:
                        found["stay_revenue_amount"] += Fraction(charge["charge_amount"])
            for expense in self.expenses:
                if expense["clinic_id"] == clinic and month <= expense["expense_date"] <= end:
                    found["expense_entries"] += 1
                    found[expense["expense_kind"]] += Fraction(expense["expense_amount"])
            found["months_without_expenses"] = int(has_revenue and not found["expense_entries"])
            found["_has_revenue"] = int(has_revenue)
            self.months[clinic, month] = found
        return self.months[clinic, month]

    def _direct_cost(self, line: Row) -> Fraction:
        if line["direct_cost_amount"] is not None:
            return Fraction(line["direct_cost_amount"])
        of = self.all_lines.get(line["original_line_id"], line)
        return Fraction(of["norm_direct_cost_amount"] or 0) * Fraction(line["quantity"])

    def ebitda(self, clinic: str, month: date) -> Fraction:
        found = self.month(clinic, month)
        revenue = Fraction(found["net_revenue_amount"] + found["stay_revenue_amount"])
        return revenue - found["direct_cost_amount"] - sum(found[kind] for kind in OPEX)

    def is_known(self, clinic: str, month: date) -> bool | None:
        """Both sides of the account are there. None: the clinic was closed."""
        found = self.month(clinic, month)
        sides = (bool(found["_has_revenue"]), bool(found["expense_entries"]))
        if not any(sides):
            return None
        return all(sides) and self.has_passed(month)

    def has_passed(self, month: date) -> bool:
        return months_later(month, 1) - ONE_DAY <= self.last

    def balance(self, clinic: str, code: str, month: date) -> Fraction | None:
        """The last one of the twelve months that end with the month, if that has passed."""
        told = [
            (row["balance_date"], row["balance_amount"])
            for row in self.balances
            if (row["clinic_id"], row["balance_code"]) == (clinic, code)
            and months_later(month, -11) <= row["balance_date"] < months_later(month, 1)
        ]
        return Fraction(max(told)[1]) if told and self.has_passed(month) else None

    def scope_balance(self, clinics: list[str], code: str, month: date) -> Fraction | None:
        """NULL if a clinic that works has none."""
        told = [self.balance(clinic, code, month) for clinic in clinics]
        working = [clinic for clinic in clinics if self.is_known(clinic, month) is not None]
        found = [value for value in told if value is not None]
        return sum(found, Fraction(0)) if found and len(found) >= len(working) else None

    def _at_the_end(self, clinics: list[str], month: date) -> dict[str, Any]:
        year = [months_later(month, -back) for back in range(12)]
        known = [[self.is_known(clinic, one) for clinic in clinics] for one in year]
        is_known = all(any(of_month) and False not in of_month for of_month in known)
        balances = {code: self.scope_balance(clinics, code, month) for code in ("assets", "cash", "debt")}
        assets = [self.scope_balance(clinics, "assets", one) for one in year]
        multiples = [self.balance(clinic, "multiple", month) for clinic in clinics]
        ebitdas = [sum((self.ebitda(clinic, one) for one in year), Fraction(0)) for clinic in clinics]
        profit = sum(ebitdas) - sum(
            self.month(clinic, one)[kind] for clinic in clinics for one in year for kind in BELOW_EBITDA
        )
        told = {multiple for multiple in multiples if multiple is not None}
        worth = [ebitda * multiple for ebitda, multiple in zip(ebitdas, multiples, strict=True) if multiple is not None]
        working = [clinic for clinic in clinics if self.is_known(clinic, month) is not None]
        has_worth = is_known and len(worth) >= len(working) and None not in (balances["cash"], balances["debt"])
        return {
            "ebitda_12m_amount": _kopecks(sum(ebitdas)) if is_known else None,
            "net_profit_12m_amount": _kopecks(profit) if is_known else None,
            **{f"{code}_balance_amount": value for code, value in balances.items()},
            "assets_12m_amount": None if None in assets else sum(assets, Fraction(0)),
            "ebitda_multiple": min(told) if len(told) == 1 else None,
            "capitalisation_amount": sum(worth) - balances["debt"] + balances["cash"] if has_worth else None,
        }


def _kopecks(value: Fraction | int) -> Decimal:
    """A figure of a year is shown, and what follows from it rests on what is shown."""
    return half_away(Fraction(value), 2)
