"""The KPI of staff, worked out row by row from the facts, as DOMAIN.md and the catalogue say. Plain, not fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from oracle.clinical_time import TWELVE_HOURS, clinical_time, seconds
from oracle.completed_plans import CompletedPlans
from oracle.facts import Facts, Read, Row
from oracle.kpi_standing import Rules, Standing
from oracle.revenues import Revenues

KINDS = ("network", "clinic", "specialty", "practitioner")


class Oracle:
    def __init__(self, read: Read, rules: Rules) -> None:
        self.rules = rules
        self.facts = Facts(read)
        self.first_visit: dict[str, date] = {}
        money = list(Revenues(rules.revenue_clock, self.facts.ledger).of(self.facts.lines))
        self.money = _by_scope_and_day(money)
        self.lines = _by_scope_and_day(self.facts.lines)
        self.visits = _by_scope_and_day([line for line in self.facts.lines if self._is_counted(line)])
        for line in self.facts.lines:
            if self._is_counted(line):
                patient, day = line["patient_id"], line["local_date"]
                self.first_visit[patient] = min(day, self.first_visit.get(patient, day))
        self.appointments = _by_scope_and_day(self.facts.appointments)
        self.invoices = _by_scope_and_day(self.facts.invoices)
        self.standing = Standing(self.facts, self.visits, money, rules)
        self.plans = _by_scope_and_day(self.facts.plans)
        self.completed = cache(CompletedPlans(self.facts).has)
        self.worked = clinical_time(self.facts)
        self.allocated: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for row in self.facts.allocations:
            if row["is_settled"] and row["local_date"]:
                self.allocated[row["invoice_id"]].append((row["local_date"], row["allocated_amount"]))

    def figures(self, scope: str, start: date, end: date) -> dict[str, Any]:
        """Every measured figure of a scope from one day to another, both included."""
        days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
        lines = [line for day in days for line in self.lines[scope].get(day, [])]
        money = [line for day in days for line in self.money[scope].get(day, [])]
        visits = {(line["patient_id"], line["local_date"]) for day in days for line in self.visits[scope].get(day, [])}
        plans = [plan for day in days for plan in self.plans[scope].get(day, [])]
        net = _total(line["net_amount"] for line in money)
        treated = {patient for patient, _ in visits}
        rebooked = {patient for patient, day in visits if self.standing.is_booked_after(patient, day, end)}
        worked = [self.worked[scope][day] for day in days if day in self.worked[scope]]
        done = [plan for plan in plans if self.completed(plan["plan_id"])]
        own = [
            invoice for day in days for invoice in self.invoices[scope].get(day, [])
            if invoice["payer"] is None and invoice["invoice_amount"] > 0
        ]  # fmt: skip
        return {
            "clinical_seconds": sum(clinical for clinical, _ in worked) if worked else None,
            "unused_seconds": sum(unused for _, unused in worked) if worked else None,
            "working_days": sum(clinical >= 3600 for clinical, _ in worked),
            "gross_revenue_amount": _total(line["list_amount"] for line in money),
            "discount_amount": _total(line["discount_amount"] for line in money),
            "net_revenue_amount": net,
            "net_above_zero_amount": max(net, Decimal(0)),
            "direct_cost_amount": rounded(sum((self._cost(line) for line in lines), Fraction(0)), 2),
            "direct_cost_by_norm_amount": rounded(
                sum((self._cost(line) for line in lines if line["direct_cost_amount"] is None), Fraction(0)), 2
            ),
            "self_pay_amount": _total(line["net_amount"] for line in money if line["payer"] is None),
            "insurer_amount": _total(line["net_amount"] for line in money if line["payer"] is not None),
            "without_plan_amount": _total(line["net_amount"] for line in money if self._is_without_plan(line)),
            "visits": len(visits),
            "new_patient_visits": sum(self.first_visit[patient] == day for patient, day in visits),
            "treated_patients": len(treated),
            "rebooked_patients": len(rebooked),
            "plans_presented": len(plans),
            "plans_completed": len(done),
            "plans_presented_amount": _total(plan["presented_amount"] for plan in plans),
            "plans_completed_amount": _total(plan["presented_amount"] for plan in done),
            "invoices_issued": len(own),
            "invoices_paid_on_their_date": sum(self._is_paid_on_its_date(row) for row in own),
            **self._appointment_figures([row for day in days for row in self.appointments[scope].get(day, [])]),
            **self.standing.at(scope, end),
        }

    def by(self, column: str, nobody: str, scope: str, start: date, end: date) -> dict[str, Decimal]:
        """Net revenue of a scope by a column of its lines."""
        parts: dict[str, Decimal] = defaultdict(Decimal)
        for number in range((end - start).days + 1):
            for line in self.money[scope].get(start + timedelta(days=number), []):
                parts[line[column] or nobody] += line["net_amount"]
        return dict(parts)

    def _is_counted(self, line: Row) -> bool:
        return (
            bool(line["patient_id"])
            and not line["is_refund"]
            and line["service_stage"] not in self.rules.stages_without_visit
        )

    def _is_paid_on_its_date(self, invoice: Row) -> bool:
        paid = self.allocated[invoice["invoice_id"]]
        return _total(amount for day, amount in paid if day <= invoice["local_date"]) >= invoice["invoice_amount"]

    def _cost(self, line: Row) -> Fraction:
        if line["direct_cost_amount"] is not None:
            return Fraction(line["direct_cost_amount"])
        norm = self.facts.line_of.get(line["original_line_id"], line)["norm_direct_cost_amount"]
        return Fraction(norm) * Fraction(line["quantity"]) if norm is not None else Fraction(0)

    def _is_without_plan(self, line: Row) -> bool:
        original = self.facts.line_of.get(line["original_line_id"], {})
        is_planned = line["plan_item_id"] or original.get("plan_item_id")
        whole = original or self.facts.line_of[line["service_line_id"]]
        is_small = abs(whole["net_amount"]) < self.rules.least_amount
        return not is_planned and not is_small and line["service_stage"] not in self.rules.stages_without_plan

    def _appointment_figures(self, rows: list[Row]) -> dict[str, Any]:
        attended = [row for row in rows if row["appointment_status"] == "attended"]
        lengths = [seconds(row["starts_at"], row["ends_at"]) for row in attended]
        timed = [length for length in lengths if 0 < length <= TWELVE_HOURS]
        stamped = [row for row in attended if row["arrived_at"] and row["started_at"]]
        stamped = [row for row in stamped if 0 <= seconds(row["arrived_at"], row["started_at"]) <= TWELVE_HOURS]
        waits = [
            max(seconds(max(row["arrived_at"], row["planned_start_at"]), row["started_at"]), 0)
            if self.rules.is_waiting_from_plan
            else seconds(row["arrived_at"], row["started_at"])
            for row in stamped
        ]
        moved = [
            row for row in rows
            if row["appointment_status"] == "rescheduled"
            or (row["appointment_status"] == "cancelled" and row["rescheduled_to_appointment_id"])
        ]  # fmt: skip
        cancelled = [row for row in rows if row["appointment_status"] == "cancelled" and row not in moved]
        return {
            "attended_appointments": len(attended),
            "timed_appointments": len(timed),
            "untimed_appointments": len(attended) - len(timed),
            "timed_seconds": sum(timed),
            "waited_appointments": len(waits),
            "wait_seconds": sum(waits),
            "no_shows": sum(row["appointment_status"] == "no_show" for row in rows),
            "reschedules": len(moved),
            "cancellations": sum(row["cancelled_by"] == "patient" for row in cancelled),
            "cancellations_by_clinic": sum(row["cancelled_by"] == "clinic" for row in cancelled),
            "cancellations_by_unknown": sum(row["cancelled_by"] is None for row in cancelled),
        }


def ratios(figures: dict[str, Any]) -> dict[str, Decimal | None]:
    """The figures that follow from others."""
    f = {name: None if value is None else Fraction(value) for name, value in figures.items()}
    left = f["net_revenue_amount"] - f["direct_cost_amount"]
    hours = None if f["clinical_seconds"] is None else f["clinical_seconds"] / 3600
    days = f["working_days"]
    return {
        "contribution_amount": rounded(left, 2),
        "clinical_hours": None if hours is None else rounded(hours, 6),
        "net_per_clinical_hour": share(f["net_revenue_amount"], hours, 2),
        "direct_cost_share": share(f["direct_cost_amount"], f["net_above_zero_amount"]),
        "contribution_per_clinical_hour": share(left, hours, 2),
        "visits_per_day": share(f["visits"], days),
        "new_patient_visits_per_day": share(f["new_patient_visits"], days),
        "unused_hours_share": share(f["unused_seconds"], f["clinical_seconds"]),
        "avg_visit_minutes": share(f["timed_seconds"] / 60, f["timed_appointments"], 4),
        "avg_wait_minutes": share(f["wait_seconds"] / 60, f["waited_appointments"], 4),
        "wait_coverage_share": share(f["waited_appointments"], f["attended_appointments"]),
        "no_shows_per_day": share(f["no_shows"], days),
        "cancellations_per_day": share(f["cancellations"], days),
        "open_plans_per_patient": share(f["open_plans_amount"], f["patients_with_open_plan"], 2),
        "completed_plans_share": share(f["plans_completed"], f["plans_presented"]),
        "completed_plans_value_share": share(f["plans_completed_amount"], f["plans_presented_amount"]),
        "without_plan_share": share(f["without_plan_amount"], f["net_above_zero_amount"]),
        "paid_on_date_share": share(f["invoices_paid_on_their_date"], f["invoices_issued"]),
        "rebooked_share": share(f["rebooked_patients"], f["treated_patients"]),
        "net_per_active_patient": share(f["window_net_amount"], f["active_patients"], 2),
        "lapsed_share": share(f["lapsed_patients"], f["once_booked_patients"]),
    }


def share(numerator: Fraction | None, denominator: Fraction | None, places: int = 6) -> Decimal | None:
    if numerator is None or not denominator:
        return None
    return rounded(numerator / denominator, places)


def rounded(value: Fraction, places: int) -> Decimal:
    """Half away from zero."""
    whole = (2 * abs(value) * 10**places + 1) // 2
    return Decimal(int(whole) * (-1 if value < 0 else 1)).scaleb(-places)


def _by_scope_and_day(rows: list[Row]) -> dict[str, dict[date, list[Row]]]:
    found: dict[str, dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for kind in KINDS:
            found[row["scopes"][kind]][row["local_date"]].append(row)
    return found


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
