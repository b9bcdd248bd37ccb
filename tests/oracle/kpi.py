"""The KPI of staff, worked out row by row from the facts, as DOMAIN.md and the catalogue say. Plain, not fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from oracle.kpi_standing import Rules, Standing

Row = dict[str, Any]
Read = Callable[[str], list[Row]]
TWELVE_HOURS = 12 * 3600
KINDS = ("network", "clinic", "specialty", "practitioner")


class Facts:
    """The rows of a warehouse, each with the scopes that it belongs to."""

    def __init__(self, read: Read) -> None:
        self.clinics = {row["clinic_id"]: row for row in read("dimensions.dim_clinic")}
        self.history: dict[str, list[Row]] = defaultdict(list)
        for row in read("dimensions.dim_employee_history"):
            self.history[row["employee_id"]].append(row)
        self.lines = [self._placed(row) for row in read("facts.fct_service_lines") if row["is_performed"]]
        self.appointments = [self._placed(row) for row in read("facts.fct_appointments")]
        self.shifts = [self._placed(row) for row in read("facts.fct_shifts") if row["is_counted"]]
        self.plans = [self._placed(row) for row in read("facts.fct_plans") if row["local_date"]]
        self.plan_versions = read("staging.stg_treatment_plans")
        self.plan_items = read("staging.stg_plan_items")
        self.allocations = read("facts.fct_payment_allocations")
        self.withdrawn_on = _withdrawals(read("raw.appointments"))
        self.line_of = {row["service_line_id"]: row for row in self.lines}
        self.invoices = self._invoices(read("facts.fct_invoices"))

    def specialty(self, employee: str | None, day: date) -> str | None:
        for version in self.history.get(employee or "", []):
            if version["version_from"] <= day and (version["version_to"] is None or day <= version["version_to"]):
                return str(version["specialty"]) if version["specialty"] else None
        return None

    def local_day(self, moment: datetime | None, clinic: str) -> date | None:
        if moment is None:
            return None
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.clinics[clinic]["time_zone"])).date()

    def _placed(self, row: Row) -> Row:
        specialty = self.specialty(row["employee_id"], row["local_date"]) if row["local_date"] else None
        return {**row, "specialty": specialty, "scopes": scopes(row, specialty, row["employee_id"])}

    def _invoices(self, rows: Iterable[Row]) -> list[Row]:
        """Those not cancelled; each goes with the practitioner whose lines, refunds apart, make the most of it."""
        worked: dict[tuple[str, str], dict[tuple[str | None, str | None], Decimal]] = defaultdict(
            lambda: defaultdict(Decimal)
        )
        for line in self.lines:
            if line["invoice_id"] and not line["is_refund"]:
                worked[line["invoice_id"], line["clinic_id"]][line["employee_id"], line["specialty"]] += line[
                    "net_amount"
                ]
        invoices = []
        for row in rows:
            if row["invoice_status"] != "cancelled":
                shares = worked.get((row["invoice_id"], row["clinic_id"]), {})
                order = sorted(shares, key=lambda who: (-shares[who], who[0] is None, who[0], who[1] is None, who[1]))
                employee, specialty = order[0] if order else (None, None)
                invoices.append({**row, "scopes": scopes(row, specialty, employee)})
        return invoices


def _withdrawals(versions: list[Row]) -> dict[str, date]:
    """Appointment → the first export since which all have called it cancelled or moved, if an earlier one did not."""
    days: dict[str, dict[date, Row]] = defaultdict(dict)
    for row in versions:
        same_day = days[f"{row['_source']}:{row['appointment_id']}"]
        earlier = same_day.get(row["_export_date"])
        if earlier is None or earlier["_row"] < row["_row"]:
            same_day[row["_export_date"]] = row
    found = {}
    for appointment, exports in days.items():
        stands = {day: row["status"] not in ("cancelled", "rescheduled") for day, row in exports.items()}
        last_stood = max((day for day in stands if stands[day]), default=None)
        later = [day for day in stands if last_stood and day > last_stood]
        if later:
            found[appointment] = min(later)
    return found


def scopes(row: Row, specialty: str | None, employee: str | None) -> dict[str, str]:
    network = f"{row['source_id']}|{row['currency'] or '(none)'}"
    return {
        "network": f"network|{network}",
        "clinic": f"clinic|{row['clinic_id']}",
        "specialty": f"specialty|{network}|{specialty or '(none)'}",
        "practitioner": f"practitioner|{row['clinic_id']}|{employee or '(none)'}",
    }


class Oracle:
    def __init__(self, read: Read, rules: Rules) -> None:
        self.rules = rules
        self.facts = Facts(read)
        self.first_visit: dict[str, date] = {}
        self.lines = _by_scope_and_day(self.facts.lines)
        self.visits = _by_scope_and_day([line for line in self.facts.lines if self._is_counted(line)])
        for line in self.facts.lines:
            if self._is_counted(line):
                patient, day = line["patient_id"], line["local_date"]
                self.first_visit[patient] = min(day, self.first_visit.get(patient, day))
        self.appointments = _by_scope_and_day(self.facts.appointments)
        self.invoices = _by_scope_and_day(self.facts.invoices)
        self.standing = Standing(self.facts, self.visits, rules)
        self.plans = _by_scope_and_day(self.facts.plans)
        self.worked = clinical_time(self.facts)

    def figures(self, scope: str, start: date, end: date) -> dict[str, Any]:
        """Every measured figure of a scope from one day to another, both included."""
        days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
        lines = [line for day in days for line in self.lines[scope].get(day, [])]
        visits = {(line["patient_id"], line["local_date"]) for day in days for line in self.visits[scope].get(day, [])}
        plans = [plan for day in days for plan in self.plans[scope].get(day, [])]
        net = _total(line["net_amount"] for line in lines)
        treated = {patient for patient, _ in visits}
        rebooked = {patient for patient, day in visits if self.standing.is_booked_after(patient, day, end)}
        worked = [self.worked[scope][day] for day in days if day in self.worked[scope]]
        done = [plan for plan in plans if self.standing.is_completed(plan)]
        own = [
            invoice for day in days for invoice in self.invoices[scope].get(day, [])
            if invoice["payer"] is None and invoice["invoice_amount"] > 0
        ]  # fmt: skip
        return {
            "clinical_seconds": sum(clinical for clinical, _ in worked) if worked else None,
            "unused_seconds": sum(unused for _, unused in worked) if worked else None,
            "working_days": sum(clinical >= 3600 for clinical, _ in worked),
            "gross_revenue_amount": _total(line["list_amount"] for line in lines),
            "discount_amount": _total(line["discount_amount"] for line in lines),
            "net_revenue_amount": net,
            "net_above_zero_amount": max(net, Decimal(0)),
            "direct_cost_amount": rounded(sum((self._cost(line) for line in lines), Fraction(0)), 2),
            "direct_cost_by_norm_amount": rounded(
                sum((self._cost(line) for line in lines if line["direct_cost_amount"] is None), Fraction(0)), 2
            ),
            "self_pay_amount": _total(line["net_amount"] for line in lines if line["payer"] is None),
            "insurer_amount": _total(line["net_amount"] for line in lines if line["payer"] is not None),
            "without_plan_amount": _total(line["net_amount"] for line in lines if self._is_without_plan(line)),
            "visits": len(visits),
            "new_patient_visits": sum(self.first_visit[patient] == day for patient, day in visits),
            "treated_patients": len(treated),
            "rebooked_patients": len(rebooked),
            "plans_presented": len(plans),
            "plans_completed": len(done),
            "plans_presented_amount": _total(plan["presented_amount"] for plan in plans),
            "plans_completed_amount": _total(plan["presented_amount"] for plan in done),
            "invoices_issued": len(own),
            "invoices_paid_on_their_date": sum(self.standing.is_paid_by(row, row["local_date"]) for row in own),
            **self._appointment_figures([row for day in days for row in self.appointments[scope].get(day, [])]),
            **self.standing.at(scope, end),
        }

    def by(self, column: str, nobody: str, scope: str, start: date, end: date) -> dict[str, Decimal]:
        """Net revenue of a scope by a column of its lines."""
        parts: dict[str, Decimal] = defaultdict(Decimal)
        for number in range((end - start).days + 1):
            for line in self.lines[scope].get(start + timedelta(days=number), []):
                parts[line[column] or nobody] += line["net_amount"]
        return dict(parts)

    def _is_counted(self, line: Row) -> bool:
        return (
            bool(line["patient_id"])
            and not line["is_refund"]
            and line["service_stage"] not in self.rules.stages_without_visit
        )

    def _cost(self, line: Row) -> Fraction:
        if line["direct_cost_amount"] is not None:
            return Fraction(line["direct_cost_amount"])
        norm = self.facts.line_of.get(line["original_line_id"], line)["norm_direct_cost_amount"]
        return Fraction(norm) * Fraction(line["quantity"]) if norm is not None else Fraction(0)

    def _is_without_plan(self, line: Row) -> bool:
        original = self.facts.line_of.get(line["original_line_id"], {})
        is_planned = line["plan_item_id"] or original.get("plan_item_id")
        is_small = abs(original.get("net_amount", line["net_amount"])) < self.rules.least_amount
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


def clinical_time(facts: Facts) -> dict[str, dict[date, tuple[int, int]]]:
    """Scope → day with a schedule → seconds of clinical time, and of those in which nobody was attended."""
    attended = [
        row for row in facts.appointments
        if row["is_attended"] and row["employee_id"] and 0 < seconds(row["starts_at"], row["ends_at"]) <= TWELVE_HOURS
    ]  # fmt: skip
    shifts_of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for shift in facts.shifts:
        shifts_of[shift["clinic_id"], shift["employee_id"]].append(shift)
    clinical = [(row, row["starts_at"], row["ends_at"]) for row in facts.shifts]
    for visit in attended:
        for shift in shifts_of[visit["clinic_id"], visit["employee_id"]]:
            begins = (visit["planned_start_at"], visit["starts_at"])
            if any(shift["starts_at"] <= begin < shift["ends_at"] for begin in begins):
                clinical.append((shift, max(shift["ends_at"], visit["starts_at"]), visit["ends_at"]))
    occupied = [(row, row["starts_at"], row["ends_at"]) for row in attended]
    totals: dict[str, dict[date, tuple[int, int]]] = defaultdict(dict)
    for level, kinds in (("clinic", ("clinic", "practitioner")), ("network", ("network", "specialty"))):
        pieces: dict[Any, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
        for place, intervals in enumerate((clinical, occupied)):
            for row, begin, end in intervals:
                zone = ZoneInfo(facts.clinics[row["clinic_id"]]["time_zone"])
                for day, first, last in by_local_day(begin, end, zone):
                    doctor = (row["scopes"][level], row["employee_id"], row["specialty"], day)
                    pieces[doctor][place].append((first, last, row["scopes"]))
        for (_, _, _, day), (work, busy) in pieces.items():
            if work:
                own, unused = covered(work, busy)
                for kind in kinds:
                    scope = work[0][2][kind]
                    before = totals[scope].get(day, (0, 0))
                    totals[scope][day] = (before[0] + own, before[1] + unused)
    return totals


def by_local_day(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterable[tuple[date, datetime, datetime]]:
    begin, end = begin.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
    day = begin.astimezone(zone).date()
    while begin < end:
        midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        yield day, begin, min(end, midnight)
        begin, day = max(begin, midnight), day + timedelta(days=1)


def covered(work: list[Any], busy: list[Any]) -> tuple[int, int]:
    """Seconds within any of `work`, and of those the seconds within none of `busy`: between every two edges."""
    edges = sorted({moment for piece in (*work, *busy) for moment in piece[:2]})
    own = unused = 0
    for begin, end in pairwise(edges):
        if any(first <= begin < last for first, last, _ in work):
            own += seconds(begin, end)
            if not any(first <= begin < last for first, last, _ in busy):
                unused += seconds(begin, end)
    return own, unused


def seconds(begin: datetime, end: datetime) -> int:
    return int((end - begin).total_seconds())


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
