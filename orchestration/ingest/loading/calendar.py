"""Keeps the calendar rules of a profile in `ops.calendar_rules`, for dbt, and notes the days that a change touches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import duckdb

from models.calendar_rules import RESOURCE_HOURS, SHIFTS, CalendarSpan, OpeningRule
from models.sources import Profile
from orchestration.ingest.bulk import insert_rows
from orchestration.ingest.loading.warehouse import OPS_TABLES

_COLUMNS = list(OPS_TABLES["calendar_rules"])


def note_calendar(connection: duckdb.DuckDBPyConnection, profile: Profile, load_id: int) -> list[str]:
    """Replaces the rules of the profile's source; returns a warning for each clinic that a rule names in vain.

    Opening hours are built anew every day. Shifts are not: another rule for them touches every day with appointments.
    """
    before = _shift_rules(connection, profile.source)
    connection.execute("delete from ops.calendar_rules where _source = ?", [profile.source])
    insert_rows(connection, "ops.calendar_rules", _COLUMNS, [[profile.source, *row] for row in _rows(profile)])
    if _shift_rules(connection, profile.source) != before:
        connection.execute(
            """
            insert into ops.touched_days by name
            select distinct $shifts as entity, $source as _source, clinic_id,
                planned_start_at::date + step::integer as local_date, $load_id as _load_id
            from raw.appointments, unnest([-1, 0, 1]) as steps(step) where _source = $source
            """,
            {"shifts": SHIFTS, "source": profile.source, "load_id": load_id},
        )
    unknown = connection.execute(
        """
        select distinct clinic_id, rule from ops.calendar_rules as rules
        where _source = $source and clinic_id is not null and not exists (
            from raw.clinics where _source = $source and clinics.clinic_id = rules.clinic_id
        ) order by all
        """,
        {"source": profile.source},
    ).fetchall()
    return [
        f"calendar rule '{rule}': no export has a clinic '{clinic}', so it does nothing" for clinic, rule in unknown
    ]


def _rows(profile: Profile) -> Iterator[list[Any]]:
    """Values of `ops.calendar_rules` but the source."""
    for span in profile.calendars:
        days = (span.valid_from, span.valid_to)
        for rule in span.calendar.resource_hours:
            for clinic, kind, weekday in product(_clinics(span, rule), _or_any(rule.kinds), rule.weekdays):
                yield [RESOURCE_HOURS, clinic, kind, weekday, rule.opens_at, rule.closes_at, *days, str(rule)]
        if span.calendar.shifts:
            yield [SHIFTS, span.clinic, None, None, None, None, *days, span.calendar.shifts.description]


def _clinics(span: CalendarSpan, rule: OpeningRule) -> list[str | None]:
    """Clinics of the rule; where each clinic has a calendar of its own, that clinic, if the rule is for it at all."""
    if span.clinic is None:
        return _or_any(rule.clinics)
    return [span.clinic] if not rule.clinics or span.clinic in rule.clinics else []


def _or_any(names: list[str]) -> list[str | None]:
    """NULL stands for any of them."""
    return [*names] or [None]


def _shift_rules(connection: duckdb.DuckDBPyConnection, source: str) -> list[tuple[Any, ...]]:
    return connection.execute(
        """
        select clinic_id, valid_from, valid_to, rule from ops.calendar_rules
        where (_source, entity) = (?, ?) order by all
        """,
        [source, SHIFTS],
    ).fetchall()
