"""What stands at the end of a day, asked of each plan, invoice and patient anew for every day. See oracle/kpi.py."""

from __future__ import annotations

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oracle.kpi import Facts

Row = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """The parameters, at their defaults."""

    window_months: int = 18
    dormancy_months: int = 6
    least_amount: int = 0
    stages_without_visit: tuple[str, ...] = ("retail",)
    stages_without_plan: tuple[str, ...] = ("consultation", "diagnostics", "retail")
    is_waiting_from_plan: bool = False
    is_rebooked_on_the_day: bool = False
    is_lapsed_by_visits: bool = False


@cache
def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Standing:
    def __init__(self, facts: Facts, visits: dict[str, dict[date, list[Row]]], rules: Rules) -> None:
        self.rules = rules
        self.facts = facts
        self.visits = visits
        self.open_value = cache(self._open_value)
        self.at = cache(self._at)
        self._read_plans()
        self.allocated: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for row in facts.allocations:
            if row["is_settled"] and row["local_date"]:
                self.allocated[row["invoice_id"]].append((row["local_date"], row["allocated_amount"]))
        # Scope → patient → (known on, day) of the appointments that stand.
        self.booked: dict[str, dict[str, list[tuple[date, date]]]] = defaultdict(lambda: defaultdict(list))
        # Patient → (booked on, day, withdrawn on) of those that stand or stood.
        self.bookings: dict[str, list[tuple[date, date, date]]] = defaultdict(list)
        for row in facts.appointments:
            is_withdrawn = row["appointment_status"] in ("cancelled", "rescheduled")
            withdrawn_on = facts.withdrawn_on.get(row["appointment_id"]) if is_withdrawn else date.max
            if withdrawn_on is None or not row["patient_id"]:
                continue
            day, booked_on = row["local_date"], facts.local_day(row["booked_at"], row["clinic_id"])
            if booked_on:
                self.bookings[row["patient_id"]].append((booked_on, day, withdrawn_on))
            if is_withdrawn:
                continue
            for scope in row["scopes"].values() if not rules.is_lapsed_by_visits else ():
                self.booked[scope][row["patient_id"]].append((min(booked_on or day, day), day))
        if rules.is_lapsed_by_visits:
            for scope, days in visits.items():
                for day, lines in days.items():
                    for line in lines:
                        self.booked[scope][line["patient_id"]].append((day, day))
        self.scope_plans: dict[str, list[Row]] = defaultdict(list)
        self.scope_invoices: dict[str, list[Row]] = defaultdict(list)
        self.scope_lines: dict[str, list[Row]] = defaultdict(list)
        for rows, by_scope in (
            (facts.plans, self.scope_plans), (facts.invoices, self.scope_invoices), (facts.lines, self.scope_lines)
        ):  # fmt: skip
            for row in rows:
                for scope in row["scopes"].values():
                    by_scope[scope].append(row)

    def _at(self, scope: str, day: date) -> dict[str, Any]:
        values = [(plan["patient_id"], self.open_value(plan["plan_id"], day)) for plan in self.scope_plans[scope]]
        active = {
            line["patient_id"] for visited, lines in self.visits[scope].items() for line in lines
            if visited <= day < months_later(visited, self.rules.window_months)
        }  # fmt: skip
        earlier = [
            spans for spans in self.booked[scope].values()
            if any(months_later(booked, self.rules.window_months) <= day for _, booked in spans)
        ]  # fmt: skip
        return {
            "open_plans_amount": sum((value for _, value in values if value is not None), Decimal(0)),
            "patients_with_open_plan": len({patient for patient, value in values if value is not None}),
            "debt_amount": sum((self._debt(invoice, day) for invoice in self.scope_invoices[scope]), Decimal(0)),
            "active_patients": len(active),
            "window_net_amount": sum(
                (
                    line["net_amount"] for line in self.scope_lines[scope]
                    if line["local_date"] <= day < months_later(line["local_date"], self.rules.window_months)
                ),
                Decimal(0),
            ),
            "once_booked_patients": len(earlier),
            "lapsed_patients": sum(
                not any(known <= day < months_later(booked, self.rules.window_months) for known, booked in spans)
                for spans in earlier
            ),
        }  # fmt: skip

    def is_booked_after(self, patient: str, visited: date, end: date) -> bool:
        ahead = [booked_on for booked_on, day, withdrawn_on in self.bookings[patient] if end < min(day, withdrawn_on)]
        if self.rules.is_rebooked_on_the_day:
            return visited in ahead
        return any(booked_on <= end for booked_on in ahead)

    def is_paid_by(self, invoice: Row, day: date) -> bool:
        return self._paid(invoice, day) >= invoice["invoice_amount"]

    def is_completed(self, plan: Row) -> bool:
        """All that the version in force last requires has been performed by now."""
        versions = self.versions[plan["plan_id"]]
        wanted: dict[str, Decimal] = defaultdict(Decimal)
        for item in self.items[plan["plan_id"]]:
            is_last = bool(versions) and item["plan_version"] == versions[-1][0]
            if is_last and item["is_required"] is not False and self._is_choice(item):
                wanted[part_of(item)] += item["quantity"]
        done = self._done(plan["plan_id"], date.max)
        return bool(wanted) and all(done[part] >= quantity for part, quantity in wanted.items())

    def _debt(self, invoice: Row, day: date) -> Decimal:
        if invoice["local_date"] > day or invoice["invoice_status"] == "written_off":
            return Decimal(0)
        return max(invoice["invoice_amount"] - self._paid(invoice, day), Decimal(0))

    def _paid(self, invoice: Row, day: date) -> Decimal:
        return sum((amount for paid_on, amount in self.allocated[invoice["invoice_id"]] if paid_on <= day), Decimal(0))

    def _read_plans(self) -> None:
        self.plan_of = {plan["plan_id"]: plan for plan in self.facts.plans}
        self.versions: dict[str, list[tuple[int, date]]] = defaultdict(list)
        for row in sorted(self.facts.plan_versions, key=lambda row: int(row["plan_version"])):
            presented = self.facts.local_day(row["presented_at"], row["clinic_id"])
            if presented:
                self.versions[row["plan_id"]].append((row["plan_version"], presented))
        self.items: dict[str, list[Row]] = defaultdict(list)
        item_of = {}
        for item in self.facts.plan_items:
            self.items[item["plan_id"]].append(item)
            item_of[item["plan_item_id"]] = item
        self.performed: dict[str, list[tuple[Row, Row]]] = defaultdict(list)
        for line in self.facts.lines:
            if item := item_of.get(line["plan_item_id"]):
                self.performed[item["plan_id"]].append((item, line))

    def _open_value(self, plan_id: str, day: date) -> Decimal | None:
        """What is still to be done of a plan; None if it is not open, or if nothing is."""
        plan = self.plan_of[plan_id]
        worked = [line["local_date"] for _, line in self.performed[plan_id] if not line["is_refund"]]
        last = max([plan["local_date"], *(on for on in worked if on <= day)])
        closed = self.facts.local_day(plan["closed_at"], plan["clinic_id"])
        if closed is None and plan["plan_status"] in ("completed", "abandoned"):
            closed = plan["local_date"]
        if (
            day < plan["local_date"]
            or day >= months_later(last, self.rules.dormancy_months)
            or (closed and closed <= day)
        ):
            return None
        in_force = set()
        for place, (version, presented) in enumerate(self.versions[plan_id]):
            later = self.versions[plan_id][place + 1 : place + 2]
            if presented <= day and (not later or day < later[0][1]):
                in_force.add(version)
        planned: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for item in self.items[plan_id]:
            declined = self.facts.local_day(item["declined_at"], plan["clinic_id"])
            if item["plan_version"] in in_force and self._is_choice(item) and not (declined and declined <= day):
                planned[part_of(item)][0] += item["quantity"]
                planned[part_of(item)][1] += item["item_amount"]
        done = self._done(plan_id, day)
        left = [(q, amount, max(done[part], Decimal(0))) for part, (q, amount) in planned.items() if q > done[part]]
        return (
            sum((_kopecks(Fraction(a) * Fraction(q - p) / Fraction(q)) for q, a, p in left), Decimal(0))
            if left
            else None
        )

    def _done(self, plan_id: str, day: date) -> dict[str, Decimal]:
        done: dict[str, Decimal] = defaultdict(Decimal)
        for item, line in self.performed[plan_id]:
            if line["local_date"] <= day:
                done[part_of(item)] += line["quantity"]
        return done

    def _is_choice(self, item: Row) -> bool:
        """Of alternatives the first that is not declined."""
        if item["alternative_group"] is None:
            return True
        rivals = [
            other for other in self.items[item["plan_id"]]
            if (other["plan_version"], other["alternative_group"]) == (item["plan_version"], item["alternative_group"])
        ]  # fmt: skip
        return item is min(rivals, key=_order)


def part_of(item: Row) -> str:
    group = item["alternative_group"]
    return f"group {group}" if group is not None else f"service {item['service_id']}"


def _order(item: Row) -> tuple[bool, bool, int, str]:
    position = item["item_position"]
    return item["declined_at"] is not None, position is None, position or 0, item["plan_item_id"]


def _kopecks(value: Fraction) -> Decimal:
    return Decimal(int((2 * value * 100 + 1) // 2)).scaleb(-2)
