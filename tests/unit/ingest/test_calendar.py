"""Calendar rules of a profile on their way to dbt: who they are for, from when to when, and what a change touches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from load_case import CONTRACTS, DAY1, PROFILES, Loader

from models.sources import Profile
from orchestration.ingest.loading.calendar import note_calendar
from orchestration.ingest.loading.warehouse import create_tables

_ROOMS = {"weekdays": "Mon-Fri", "opens_at": "08:00", "closes_at": "18:00", "kinds": ["room", "chair"]}
_SATURDAY = {"weekdays": "Sat", "opens_at": "09:00", "closes_at": "24:00", "clinics": ["K1"]}
_FIRST_DAY, _LAST_DAY = date.min, date(9999, 12, 30)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_tables(connection, CONTRACTS)
        yield connection


def _profile(calendar: dict[str, Any], **changes: Any) -> Profile:
    """Appointments that know their employee and their room, of a source that delivers neither shifts nor hours."""
    entities = {
        name: {"file": f"{name}.csv", "mode": "full", "columns": {column: column for column in columns}}
        for name, columns in {
            "clinics": ["clinic_id"],
            "resources": ["resource_id", "resource_kind"],
            "appointments": ["appointment_id", "clinic_id", "employee_id", "planned_start_at", "planned_end_at"],
        }.items()
    }
    return Profile.model_validate(
        {"source": "little", "title": "Little", "delivery": "daily", "time_zone": "UTC", "entities": entities}
        | {"calendar": calendar}
        | changes
    )


def _rules(connection: duckdb.DuckDBPyConnection, columns: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"select distinct {columns} from ops.calendar_rules order by all").fetchall()


def test_a_rule_holds_for_each_of_its_kinds_and_weekdays_in_every_clinic(warehouse: duckdb.DuckDBPyConnection) -> None:
    note_calendar(warehouse, _profile({"resource_hours": [_ROOMS]}), 1)
    assert len(_rules(warehouse, "*")) == 10
    assert _rules(warehouse, "clinic_id, resource_kind, opens_at::varchar, closes_at::varchar, rule") == [
        (None, kind, "08:00:00", "18:00:00", "room, chair open Mon–Fri 08:00–18:00") for kind in ("chair", "room")
    ]
    assert _rules(warehouse, "entity, valid_from, valid_to") == [("resource_hours", _FIRST_DAY, _LAST_DAY)]


def test_each_load_replaces_the_rules_of_its_source(warehouse: duckdb.DuckDBPyConnection) -> None:
    note_calendar(warehouse, _profile({"resource_hours": [_ROOMS]}), 1)
    note_calendar(warehouse, _profile({"resource_hours": [_SATURDAY]}, source="other"), 2)
    note_calendar(warehouse, _profile({"shifts": "from_appointments"}), 3)
    assert _rules(warehouse, "_source, entity, clinic_id, closes_at::varchar") == [
        ("little", "shifts", None, None),
        ("other", "resource_hours", "K1", "24:00:00"),
    ]


def test_a_layout_s_rules_hold_from_its_first_day_on(warehouse: duckdb.DuckDBPyConnection) -> None:
    layouts = [
        {"valid_from": date(2026, 2, 1), "calendar": {"resource_hours": [_SATURDAY]}},
        {"valid_from": date(2026, 3, 1), "calendar": {"shifts": None}},
    ]
    calendar = {"resource_hours": [_ROOMS | {"kinds": "room", "weekdays": "Sun"}], "shifts": "from_appointments"}
    note_calendar(warehouse, _profile(calendar, layouts=layouts), 1)
    assert _rules(warehouse, "entity, weekday, valid_from, valid_to") == [
        ("resource_hours", 6, date(2026, 2, 1), date(2026, 2, 28)),
        ("resource_hours", 6, date(2026, 3, 1), _LAST_DAY),
        ("resource_hours", 7, _FIRST_DAY, date(2026, 1, 31)),
        ("shifts", None, _FIRST_DAY, date(2026, 1, 31)),
        ("shifts", None, date(2026, 2, 1), date(2026, 2, 28)),
    ]


def test_a_clinic_with_files_of_its_own_has_the_general_rules_and_its_own(warehouse: duckdb.DuckDBPyConnection) -> None:
    own = {"K1": {"folder": "a"}, "K2": {"folder": "b", "calendar": {"resource_hours": [_SATURDAY | {"clinics": []}]}}}
    note_calendar(
        warehouse, _profile({"resource_hours": [_ROOMS, _SATURDAY], "shifts": "from_appointments"}, clinics=own), 1
    )
    assert _rules(warehouse, "entity, clinic_id, weekday") == [
        *(("resource_hours", "K1", weekday) for weekday in range(1, 7)),
        ("resource_hours", "K2", 6),
        ("shifts", "K1", None),
        ("shifts", "K2", None),
    ]


def test_parts_of_an_entity_share_the_rules(warehouse: duckdb.DuckDBPyConnection) -> None:
    calendar = {"resource_hours": [_ROOMS | {"kinds": "room"}], "shifts": "from_appointments"}
    clinics = {"mode": "full", "columns": {"clinic_id": "id"}, "parts": [{"file": "a.csv"}, {"file": "b.csv"}]}
    note_calendar(warehouse, _profile(calendar, entities={"clinics": clinics}), 1)
    assert warehouse.execute("select entity, count(*) from ops.calendar_rules group by 1 order by 1").fetchall() == [
        ("resource_hours", 5),
        ("shifts", 1),
    ]


def test_a_clinic_that_no_export_has_is_told(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("insert into raw.clinics by name select 'little' as _source, 'K1' as clinic_id")
    profile = _profile({"resource_hours": [_SATURDAY, _SATURDAY | {"clinics": "К1", "weekdays": "Sun"}]})
    assert note_calendar(warehouse, profile, 1) == [
        "calendar rule 'every resource open Sun 09:00–24:00 in К1': no export has a clinic 'К1', so it does nothing"
    ]


def test_a_warning_of_the_calendar_reaches_whoever_watches_the_load(tmp_path: Path) -> None:
    class LittleLoader(Loader):
        def profile(self, source: str) -> Profile:
            return PROFILES[source].model_copy(update={"calendar": _profile({"resource_hours": [_SATURDAY]}).calendar})

    with duckdb.connect() as connection:
        loader = LittleLoader(tmp_path, connection, "clinics")
        loaded = loader.load({DAY1: [{"clinic_id": "K2", "clinic_name": "B"}]}, source="synthea")
    assert any("no export has a clinic 'K1'" in warning for warning in loaded.warnings)


def test_another_rule_for_shifts_touches_every_day_with_appointments(warehouse: duckdb.DuckDBPyConnection) -> None:
    for source, moment in (("little", "2026-03-05 23:30"), ("other", "2026-04-01 10:00")):
        warehouse.execute(
            "insert into raw.appointments by name select $1 as _source, 'K1' as clinic_id, $2 as planned_start_at",
            [source, moment],
        )
    touched = "select entity, _source, local_date::varchar, _load_id from ops.touched_days order by all"
    note_calendar(warehouse, _profile({"resource_hours": [_ROOMS]}), 1)
    assert warehouse.execute(touched).fetchall() == []
    with_shifts = _profile({"resource_hours": [_ROOMS], "shifts": "from_appointments"})
    note_calendar(warehouse, with_shifts, 2)
    days = [("shifts", "little", f"2026-03-0{day}", 2) for day in (4, 5, 6)]
    assert warehouse.execute(touched).fetchall() == days
    note_calendar(warehouse, with_shifts, 3)
    assert warehouse.execute(touched).fetchall() == days
    note_calendar(warehouse, _profile({}), 4)
    assert len(warehouse.execute(touched).fetchall()) == 6


@pytest.mark.parametrize(
    ("entity", "column", "assumed"),
    [
        ("resource_hours", "opens_at", True),
        ("shifts", "employee_id", True),
        ("shifts", "ends_at", True),
        # The appointments of this source name no room, and no rule says whether a shift is clinical.
        ("shifts", "resource_id", False),
        ("shifts", "is_clinical", False),
        ("appointments", "ended_at", False),
    ],
)
def test_a_rule_fills_what_it_can_make_of_what_is_there(entity: str, column: str, assumed: bool) -> None:
    profile = _profile({"resource_hours": [_ROOMS], "shifts": "from_appointments"})
    assert profile.assumes(entity, column) is assumed
    assert not _profile({}).assumes(entity, column)
