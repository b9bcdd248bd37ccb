"""How far each lead comes, and how long deals take, by loops over plain rows. From the words of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = dict[str, Any]
STAGES = (
    *("leads", "leads_booked", "leads_shown", "leads_planned", "leads_accepted", "leads_performed", "leads_paid"),
    "leads_returned",
)


@dataclass(frozen=True)
class Lead:
    clinic: str
    day: date
    # How many stages it has reached; a lead has reached the first.
    reached: int
    days_to_paid_visit: int | None


class Journeys:
    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.appointments = {row["appointment_id"]: row for row in tables["fct_appointments"]}
        self.visits: dict[str, list[date]] = defaultdict(list)
        for row in tables["fct_appointments"]:
            if row["appointment_status"] == "attended":
                self.visits[row["patient_id"]].append(row["local_date"])
        self.plans = [row for row in tables["fct_plans"] if row["presented_at"] is not None]
        self.plans_of: dict[str, list[Row]] = defaultdict(list)
        for plan in self.plans:
            self.plans_of[plan["patient_id"]].append(plan)
        self.accepted = {row["plan_id"] for row in tables["fct_plan_items"] if row["accepted_at"] is not None}
        self.work: dict[str, list[date]] = defaultdict(list)
        self.paid_visits: dict[str, set[date]] = defaultdict(set)
        for line in tables["fct_service_lines"]:
            if line["line_status"] == "performed" and line["original_line_id"] is None and line["quantity"] >= 0:
                self.work[line["plan_id"]].append(line["local_date"])
                if line["net_amount"] > 0 and not line["is_complaint"]:
                    self.paid_visits[line["patient_id"]].add(line["local_date"])
        self.payments: dict[str, list[date]] = defaultdict(list)
        for row in tables["fct_payments"]:
            if row["payment_status"] in ("done", None) and row["payment_amount"] > 0:
                self.payments[row["patient_id"]].append(row["local_date"])
        self.leads = [self._follow(row) for row in tables["fct_leads"]]

    def _follow(self, lead: Row) -> Lead:
        booking = self.appointments.get(lead["first_appointment_id"])
        patient = lead["patient_id"] or (booking["patient_id"] if booking else None)
        paid = [day for day in self.paid_visits[patient] if day >= lead["local_date"]] if patient else []
        days = (min(paid) - lead["local_date"]).days if paid else None
        return Lead(lead["clinic_id"], lead["local_date"], self._stages(lead, booking, patient), days)

    def _stages(self, lead: Row, booking: Row | None, patient: str | None) -> int:
        if lead["first_appointment_id"] is None:
            return 1
        shows = [day for day in self.visits[patient] if day >= lead["local_date"]] if patient else []
        if booking and booking["appointment_status"] == "attended":
            shows.append(booking["local_date"])
        if not shows:
            return 2
        shown = min(shows)
        plans = [plan for plan in self.plans_of[patient] if plan["local_date"] >= shown] if patient else []
        if not plans:
            return 3
        accepted = [plan for plan in plans if plan["plan_id"] in self.accepted]
        if not accepted:
            return 4
        begun = [first for plan in accepted if (first := self.first_work(plan)) is not None]
        if not begun:
            return 5
        if patient is None or not any(day >= shown for day in self.payments[patient]):
            return 6
        return 8 if any(day > min(begun) for day in self.paid_visits[patient]) else 7

    def first_work(self, plan: Row) -> date | None:
        """The first line performed on any item since the day of presentation."""
        return min((day for day in self.work[plan["plan_id"]] if day >= plan["local_date"]), default=None)

    def journey(self, clinics: list[str], start: date, end: date) -> dict[str, Any]:
        leads = self._came(clinics, start, end)
        return {stage: sum(lead.reached > number for lead in leads) for number, stage in enumerate(STAGES)}

    def deal_cycle(self, clinics: list[str], start: date, end: date, bucket: Row) -> dict[str, Any]:
        lead_days = [lead.days_to_paid_visit for lead in self._came(clinics, start, end)]
        plan_days = [
            (first - plan["local_date"]).days if (first := self.first_work(plan)) is not None else None
            for plan in self.plans
            if plan["clinic_id"] in clinics and start <= plan["local_date"] <= end
        ]
        found: dict[str, Any] = {}
        for what, days in (("lead", lead_days), ("plan", plan_days)):
            if bucket["first_day"] is None:
                found |= {f"{what}_deals": days.count(None), f"{what}_days": None}
            else:
                last = bucket["last_day"] if bucket["last_day"] is not None else 10**6
                inside = [day for day in days if day is not None and bucket["first_day"] <= day <= last]
                found |= {f"{what}_deals": len(inside), f"{what}_days": sum(inside)}
        return found

    def _came(self, clinics: list[str], start: date, end: date) -> list[Lead]:
        return [lead for lead in self.leads if lead.clinic in clinics and start <= lead.day <= end]
