"""Sales potential by loops over plain rows: the tree, the cohorts and the opportunities. See oracle.plans."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.computed import half_away
from oracle.plans import NOBODY, Plans, Position, Row
from oracle.revenues import Revenues

# Kind, source, currency, clinic, specialty, employee.
Scope = tuple[str, str | None, str | None, str | None, str | None, str | None]
Figures = dict[str, Any]
WINDOW = timedelta(days=14)
BANDS = (0, 31, 91, 181, 366)
LEAST_ITEMS = 30
WEEKS_AHEAD = 4


def scopes(row: Row) -> Iterator[Scope]:
    network = (row["source_id"], row["currency"])
    yield ("network", *network, None, None, None)
    yield ("clinic", *network, row["clinic_id"], None, None)
    yield ("specialty", *network, None, row["specialty"] or NOBODY, None)
    yield ("practitioner", *network, row["clinic_id"], None, row["employee_id"] or NOBODY)


class Potential:
    def __init__(self, tables: dict[str, list[Row]], revenue_clock: str = "performed") -> None:
        self.book = Plans(tables)
        self.revenues = list(Revenues(revenue_clock, tables).of(self.book.lines))
        self.services = {row["service_id"]: row for row in tables["dim_service"]}
        self.shifts = tables["fct_shifts"]
        self._histories: dict[tuple[Scope, int], tuple[int, Decimal, Decimal]] = {}
        self._fits: dict[tuple[str, str], tuple[str | None, int | None]] = {}
        self.lines = _by_scope_and_day(self.revenues)
        self.plans = _by_scope_and_day(self.book.plans.values())
        self.positions: dict[str, list[Position]] = defaultdict(list)
        for position in self.book.positions.values():
            if position.presented:
                self.positions[position.plan["plan_id"]].append(position)
        attended = [row for row in self.book.visits if row["appointment_status"] == "attended"]
        self.consultations = {row["appointment_id"]: row for row in attended if row["visit_kind"] == "consultation"}
        self.visits = _by_scope_and_day(self.consultations.values())
        self.plans_of: dict[str, list[Row]] = defaultdict(list)
        for plan in self.book.plans.values():
            consultation = self.consultations.get(plan["appointment_id"])
            if consultation:
                after = plan["local_date"] - consultation["local_date"]
                if timedelta(0) <= after <= WINDOW:
                    self.plans_of[consultation["appointment_id"]].append(plan)

    def tree(self, scope: Scope, first: date, last: date) -> Figures:
        return {
            **self._revenue(_within(self.lines[scope], first, last), first, last),
            **self._consultations(scope, first, last),
            **self._cohort(_within(self.plans[scope], first, last)),
        }

    def _revenue(self, lines: list[Row], first: date, last: date) -> Figures:
        origins: dict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            presented = line["plan_presented_on"]
            if line["plan_item_id"] is None:
                origin = "without_plan"
            elif presented is None or presented > last:
                origin = "unpresented_plans"
            else:
                origin = "new_plans" if presented >= first else "earlier_plans"
            origins[origin] += line["net_amount"]
        names = ("new_plans", "earlier_plans", "unpresented_plans", "without_plan")
        return {"revenue_amount": sum(origins.values())} | {f"revenue_{n}_amount": origins[n] for n in names}

    def _consultations(self, scope: Scope, first: date, last: date) -> Figures:
        visits = _within(self.visits[scope], first, last)
        planned = {
            visit["appointment_id"]: [
                plan
                for plan in self.plans_of[visit["appointment_id"]]
                if first <= plan["local_date"] <= last and scope in scopes(plan)
            ]
            for visit in visits
        }
        of_the_period = [plan for plans in planned.values() for plan in plans]
        return {
            "consultations": len(visits),
            "consultations_with_plan": sum(bool(self.plans_of[visit["appointment_id"]]) for visit in visits),
            "planned_consultations": sum(bool(plans) for plans in planned.values()),
            "plans_from_consultations": len(of_the_period),
            "presented_from_consultations_amount": sum(plan["presented_amount"] for plan in of_the_period),
        }

    def _cohort(self, plans: list[Row]) -> Figures:
        positions = [position for plan in plans for position in self.positions[plan["plan_id"]]]
        return {
            "plans_presented": len(plans),
            "presented_items": len(positions),
            "presented_amount": sum(position.value for position in positions),
            "planned_cost_amount": sum(_presented(p)["direct_cost_amount"] or 0 for p in positions),
            "accepted_amount": sum(p.value for p in positions if _presented(p)["is_accepted"]),
            "performed_amount": sum(
                line["net_amount"]
                for plan in plans
                for line in self.book.lines_of_plan[plan["plan_id"]]
                if line["currency"] == plan["currency"]
            ),
            "agreed_amount": sum(p.value for p in positions if p.is_agreed),
            "agreed_items": sum(p.is_agreed for p in positions),
            "booked_amount": sum(p.value for p in positions if p.has_come_to_a_visit),
            "booked_items": sum(p.has_come_to_a_visit for p in positions),
            "done_amount": sum(p.done for p in positions),
            "done_items": sum(p.is_done for p in positions),
            "collected_amount": sum(p.collected for p in positions),
            "collected_items": sum(p.is_done and p.collected == p.done for p in positions),
            "active_amount": sum(p.active for p in positions),
        }

    def cohorts(self) -> dict[tuple[Scope, date, date], Figures]:
        """Scope, month of presentation, month of money → both clocks."""
        cells: dict[tuple[Scope, date, date], Figures] = defaultdict(
            lambda: {"cohort_revenue_amount": Decimal(0), "period_revenue_amount": Decimal(0)}
        )
        for line in self.revenues:
            plan = self.book.plans.get(line["plan_id"])
            if not plan:
                continue
            months = (plan["local_date"].replace(day=1), line["local_date"].replace(day=1))
            for scope in scopes(line):
                cells[scope, *months]["period_revenue_amount"] += line["net_amount"]
            if line["currency"] == plan["currency"]:
                for scope in scopes(plan):
                    cells[scope, *months]["cohort_revenue_amount"] += line["net_amount"]
        return cells

    def opportunities(self) -> dict[str, Row]:
        """Item of the version in force → its row, best first."""
        found: dict[str, Row] = {}
        for position in self.book.positions.values():
            if position.may_be_done and position.current and position.open("item_amount") > 0:
                found[position.current["plan_item_id"]] = self._opportunity(position, position.current)
        best = sorted(
            found,
            key=lambda item: (
                found[item]["expected_margin_amount"] is None, -(found[item]["expected_margin_amount"] or 0),
                -found[item]["open_amount"], item,
            ),
        )  # fmt: skip
        places: Counter[tuple[str, ...]] = Counter()
        for item in best:
            row = found[item]
            for name, place in (
                ("rank_in_clinic", ("clinic", row["clinic_id"])),
                ("rank_in_network", ("network", row["source_id"], row["currency"])),
            ):
                places[place] += 1
                row[name] = places[place]
        return found

    def _opportunity(self, position: Position, item: Row) -> Row:
        plan = position.plan
        age = max((self.book.last_day[plan["source_id"]] - plan["local_date"]).days, 0)
        reached = max(band for band in BANDS if band <= age)
        kind, open_then, since = self._likelihood(plan, reached)
        margin = position.open("item_amount") - position.open("direct_cost_amount")
        norm = self.services[item["service_id"]]["norm_minutes"] if item["service_id"] in self.services else None
        place = (plan["clinic_id"], item["service_id"])
        if place not in self._fits:
            self._fits[place] = self._fit(*place)
        resource, free = self._fits[place]
        return {
            **{name: plan[name] for name in ("source_id", "currency", "clinic_id", "specialty", "employee_id")},
            "likelihood_scope_kind": kind,
            "resource_id": resource,
            "age_in_days": age,
            "open_quantity": position.open_units,
            "open_amount": position.open("item_amount"),
            "open_cost_amount": position.open("direct_cost_amount"),
            "open_then_amount": open_then,
            "performed_since_amount": since,
            "expected_margin_amount": half_away(Fraction(margin) * Fraction(since) / Fraction(open_then), 2)
            if open_then
            else None,
            "required_minutes": None if norm is None else norm * position.open_units,
            "free_seconds": free,
        }

    def _likelihood(self, plan: Row, age: int) -> tuple[str, Decimal | None, Decimal | None]:
        """Of the value that was open at an age, what has been performed since, in the narrowest scope with enough."""
        own = {scope[0]: scope for scope in scopes(plan)}
        for kind in ("specialty", "clinic", "network"):
            items, open_then, since = self._history(own[kind], age)
            if items >= LEAST_ITEMS or kind == "network":
                return kind, open_then if items else None, since if items else None
        raise AssertionError

    def _history(self, scope: Scope, age: int) -> tuple[int, Decimal, Decimal]:
        if (scope, age) not in self._histories:
            items, open_then, since = 0, Decimal(0), Decimal(0)
            for plan in (plan for plans in self.plans[scope].values() for plan in plans):
                reached = plan["local_date"] + timedelta(days=age)
                closed = plan["closed_on"] or date.max
                if reached > self.book.last_day[plan["source_id"]] or closed < reached:
                    continue
                for position in self.positions[plan["plan_id"]]:
                    before = position.done_before(reached)
                    if position.value > before:
                        items += 1
                        open_then += position.value - before
                        since += max(position.done - before, Decimal(0))
            self._histories[scope, age] = (items, open_then, since)
        return self._histories[scope, age]

    def _fit(self, clinic: str, service: str) -> tuple[str | None, int | None]:
        """The resource that has sold most lines of a service, and its unbooked seconds of shifts ahead."""
        used = Counter(
            line["appointment_resource_id"]
            for line in self.book.lines
            if (line["clinic_id"], line["service_id"]) == (clinic, service)
            and line["is_slotted"] and not line["is_refund"]
        )  # fmt: skip
        if not used:
            return None, None
        resource = min(used, key=lambda name: (-used[name], name))
        today = self.book.last_day[clinic.split(":")[0]]
        ahead = today + timedelta(weeks=WEEKS_AHEAD)

        def seconds(rows: Iterable[Row]) -> set[datetime]:
            return {
                row["starts_at"] + timedelta(seconds=second)
                for row in rows
                if row["resource_id"] == resource and today < row["local_date"] <= ahead
                for second in range(int((row["ends_at"] - row["starts_at"]).total_seconds()))
            }

        booked = seconds(row for row in self.book.visits if row["appointment_status"] == "scheduled")
        return resource, len(seconds(row for row in self.shifts if row["is_counted"]) - booked)


def _by_scope_and_day(rows: Iterable[Row]) -> dict[Scope, dict[date, list[Row]]]:
    found: dict[Scope, dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for scope in scopes(row):
            found[scope][row["local_date"]].append(row)
    return found


def _within(days: dict[date, list[Row]], first: date, last: date) -> list[Row]:
    return [row for day, rows in days.items() if first <= day <= last for row in rows]


def _presented(position: Position) -> Row:
    assert position.presented
    return position.presented
