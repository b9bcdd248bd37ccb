"""Facts of a warehouse, each with the scopes that it belongs to. See oracle/kpi.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from oracle.exports import Exports

Row = dict[str, Any]
Read = Callable[[str], list[Row]]


class Facts:
    """The rows of a warehouse, each with the scopes that it belongs to."""

    def __init__(self, read: Read) -> None:
        self.clinics = {row["clinic_id"]: row for row in read("dimensions.dim_clinic")}
        self.history: dict[str, list[Row]] = defaultdict(list)
        for row in read("dimensions.dim_employee_history"):
            self.history[row["employee_id"]].append(row)
        # What the clock of revenue looks at.
        self.ledger = {
            name: read(f"facts.{name}") for name in ("fct_service_lines", "fct_invoices", "fct_payment_allocations")
        }
        self.lines = [self._placed(row) for row in self.ledger["fct_service_lines"] if row["is_performed"]]
        self.appointments = [self._placed(row) for row in read("facts.fct_appointments")]
        self._appointment_of = {row["appointment_id"]: row for row in self.appointments}
        self.shifts = [self._placed(row) for row in read("facts.fct_shifts") if row["is_counted"]]
        self.plans = [self._placed(row) for row in read("facts.fct_plans") if row["local_date"]]
        self.plan_versions = read("staging.stg_treatment_plans")
        self.plan_items = read("staging.stg_plan_items")
        self.allocations = self.ledger["fct_payment_allocations"]
        self.exports = Exports(read)
        self.line_of = {row["service_line_id"]: row for row in self.lines}
        self._worked = self._work_of_invoices()
        self.invoices = [self.owned(row) for row in self.ledger["fct_invoices"] if row["invoice_status"] != "cancelled"]

    def specialty(self, employee: str | None, day: date) -> str | None:
        for version in self.history.get(employee or "", []):
            if version["version_from"] <= day and (version["version_to"] is None or day <= version["version_to"]):
                return str(version["specialty"]) if version["specialty"] else None
        return None

    def local_day(self, moment: datetime | None, clinic: str) -> date | None:
        if moment is None:
            return None
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.clinics[clinic]["time_zone"])).date()

    def place(self, row: Row, day: date | None) -> Row:
        """A row of an export, with the day that it is of and the scopes that it belongs to."""
        return self._placed({**self.in_money(row), "local_date": day})

    def in_money(self, row: Row) -> Row:
        """A row of an export, with its source and the currency of its clinic."""
        return {**row, "source_id": row["_source"], "currency": self.clinics[row["clinic_id"]]["currency"]}

    def with_consultation(self, plan: Row) -> Row:
        """A plan with the clinic and the doctor of its consultation, where it says none."""
        visit = self._appointment_of.get(plan["appointment_id"], {})
        return {**plan, **{name: plan[name] or visit.get(name) for name in ("clinic_id", "employee_id")}}

    def owned(self, invoice: Row) -> Row:
        """An invoice with the scopes of the practitioner whose lines, refunds apart, make the most of it."""
        shares = self._worked.get((invoice["invoice_id"], invoice["clinic_id"]), {})
        order = sorted(shares, key=lambda who: (-shares[who], who[0] is None, who[0], who[1] is None, who[1]))
        employee, specialty = order[0] if order else (None, None)
        return {**invoice, "scopes": scopes(invoice, specialty, employee)}

    def _placed(self, row: Row) -> Row:
        specialty = self.specialty(row["employee_id"], row["local_date"]) if row["local_date"] else None
        return {**row, "specialty": specialty, "scopes": scopes(row, specialty, row["employee_id"])}

    def _work_of_invoices(self) -> dict[tuple[str, str], dict[tuple[str | None, str | None], Decimal]]:
        worked: dict[tuple[str, str], dict[tuple[str | None, str | None], Decimal]] = defaultdict(
            lambda: defaultdict(Decimal)
        )
        for line in self.lines:
            if line["invoice_id"] and not line["is_refund"]:
                invoice, doctor = (line["invoice_id"], line["clinic_id"]), (line["employee_id"], line["specialty"])
                worked[invoice][doctor] += line["net_amount"]
        return worked


def scopes(row: Row, specialty: str | None, employee: str | None) -> dict[str, str]:
    network = f"{row['source_id']}|{row['currency'] or '(none)'}"
    return {
        "network": f"network|{network}",
        "clinic": f"clinic|{row['clinic_id']}",
        "specialty": f"specialty|{network}|{specialty or '(none)'}",
        "practitioner": f"practitioner|{row['clinic_id']}|{employee or '(none)'}",
    }
