"""Clinical time of practitioners by day, and how much of it nobody was attended in. See oracle/kpi.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from oracle.facts import Facts, Row

TWELVE_HOURS = 12 * 3600


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
