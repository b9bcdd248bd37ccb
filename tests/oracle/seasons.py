"""When the work comes, by loops over plain rows, from the words of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
MEASURES = ("net_revenue_amount", "paid_visits", "attended_visits")
INDICES = dict(zip(("revenue_index", "paid_visits_index", "attended_visits_index"), MEASURES, strict=True))


class Seasons:
    def __init__(self, tables: dict[str, list[Row]], last_export: date) -> None:
        self.last = last_export
        self.seasons = tables["seasons"]
        self.zones = {row["clinic_id"]: ZoneInfo(row["time_zone"]) for row in tables["dim_clinic"]}
        # Clinic → day → hour → measure.
        self.work: dict[str, dict[date, dict[int, dict[str, Fraction]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(Fraction)))
        )
        self._lines([line for line in tables["fct_service_lines"] if line["line_status"] == "performed"])
        for visit in tables["fct_appointments"]:
            if visit["appointment_status"] == "attended":
                hour = self._hour(visit["clinic_id"], visit["starts_at"])
                self.work[visit["clinic_id"]][visit["local_date"]][hour]["attended_visits"] += 1

    def _lines(self, lines: list[Row]) -> None:
        first: dict[tuple[str, date, str], int] = {}
        for line in lines:
            clinic, day, hour = (
                line["clinic_id"],
                line["local_date"],
                self._hour(line["clinic_id"], line["performed_at"]),
            )
            self.work[clinic][day][hour]["net_revenue_amount"] += Fraction(line["net_amount"])
            if line["patient_id"] and line["net_amount"] > 0 and not line["is_complaint"]:
                visit = (clinic, day, line["patient_id"])
                first[visit] = min(first.get(visit, 24), hour)
        for (clinic, day, _), hour in first.items():
            self.work[clinic][day][hour]["paid_visits"] += 1

    def _hour(self, clinic: str, moment: datetime) -> int:
        return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(self.zones[clinic]).hour

    def profile(self, clinics: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
        """(Kind, value) → figures of a scope."""
        found: dict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: defaultdict(Fraction))
        total: dict[str, Fraction] = defaultdict(Fraction)
        for clinic in clinics:
            day = min(self.work[clinic], default=self.last)
            while self.work[clinic] and day <= self.last:
                for what in self._values(day):
                    found[what]["days"] += 1
                total["days"] += 1
                for hour in range(24):
                    self._add(found, total, self.work[clinic].get(day, {}).get(hour, {}), day, hour)
                day += timedelta(days=1)
        for (kind, _), figures in found.items():
            for index, measure in INDICES.items():
                mean = total[measure] / total["days"] / (24 if kind == "hour" else 1)
                figures[index] = figures[measure] / figures["days"] / mean if mean else None
        return found

    def _add(
        self,
        found: dict[tuple[str, str], Any],
        total: dict[str, Fraction],
        work: dict[str, Fraction],
        day: date,
        hour: int,
    ) -> None:
        for measure, value in work.items():
            total[measure] += value
            for kind, name in self._values(day):
                if kind != "hour" or int(name) == hour:
                    found[kind, name][measure] += value

    def _values(self, day: date) -> Iterator[tuple[str, str]]:
        yield "weekday", str(day.isoweekday())
        yield "month", f"{day.month:02d}"
        yield "quarter", str((day.month + 2) // 3)
        for hour in range(24):
            yield "hour", f"{hour:02d}"
        for season in self.seasons:
            first, last = (season["from_month"], season["from_day"]), (season["to_month"], season["to_day"])
            today = (day.month, day.day)
            if (first <= today <= last) if first <= last else (today >= first or today <= last):
                yield "season", season["season"]
