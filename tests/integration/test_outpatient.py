"""outpatient_medscheduler through the real job: the figures that its README states, from the published file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from availability import MARTS, ZERO, Silence, silences_of, silent_metrics
from homes import Home, NewHome, link_files
from outpatient_figures import FIGURES
from raw_figures import Figure, assert_same, tables_of

BOOKED_AND_OFFERED = "select sum(slots_booked), sum(slots_offered) from mart_utilisation__clinic_day"


@pytest.fixture(scope="session")
def outpatient(new_home: NewHome, shared_data: Path) -> Home:
    home = new_home("outpatient")
    link_files(
        home.landing / "outpatient_medscheduler" / "2025-12-01", *(shared_data / "outpatient_medscheduler").glob("*.gz")
    )
    outcome = home.run("outpatient_medscheduler", "2025-12-01")
    assert outcome.succeeded, outcome.messages
    return home


@pytest.fixture(scope="module")
def raw(shared_data: Path) -> duckdb.DuckDBPyConnection:
    """The files as they are, apart from the pipeline."""
    return tables_of({file.name.split(".")[0]: file for file in (shared_data / "outpatient_medscheduler").glob("*.gz")})


@pytest.mark.parametrize(
    ("status", "count"),
    [("attended", 85_380), ("cancelled", 17_840), ("no_show", 6_653), ("unknown", 457), ("scheduled", 178)],
)
def test_appointments_by_status(outpatient: Home, status: str, count: int) -> None:
    assert outpatient.published(f"select sum(appointments_{status}) from mart_utilisation__clinic_day") == [(count,)]


def test_every_appointment_has_one_of_these_statuses(outpatient: Home) -> None:
    assert outpatient.published("select sum(appointments) from mart_utilisation__clinic_day") == [(110_508,)]


def test_slots_booked_of_all_slots(outpatient: Home) -> None:
    assert outpatient.published(BOOKED_AND_OFFERED) == [(92_668, 104_360)]
    before = f"{BOOKED_AND_OFFERED} where local_date < date '2025-12-01'"
    assert outpatient.published(before) == [(92_490, 103_440)]


def test_attended_minutes(outpatient: Home) -> None:
    total = outpatient.published("select sum(attended_minutes) from mart_utilisation__clinic_day")
    assert total == [(Decimal("1494281.4"),)]


def test_nothing_was_quarantined_and_every_row_was_loaded(outpatient: Home) -> None:
    rows = outpatient.warehouse("select entity, rows_read, rows_loaded from ops.load_log order by entity")
    assert rows == [
        ("appointments", 110_508, 110_508),
        ("clinics", 1, 1),
        ("patients", 37_467, 37_467),
        ("slots", 104_360, 104_360),
    ]


# What would need rooms, staff hours or money.
ABSENT = {
    "mart_utilisation__clinic_day": [
        *("room_hours", "room_seconds", "shift_hours", "doctor_hours", "overtime_hours", "sold_hours", "unsold_hours"),
        *("slots_sold", "capacity_utilisation", "doctor_fill_rate", "patient_fill_rate", "hour_value", "slot_value"),
        *("revenue_amount", "slotted_revenue_amount", "unslotted_revenue_amount", "revenue_per_available_hour"),
    ],
    "mart_commerce__clinic_day": ["revenue_amount", "paid_visits", "primary_patients", "leads", "avg_visit_value"],
    "mart_potential__clinic_day": ["revenue_amount", "plans_presented", "presented_amount", "consultations"],
    "mart_finance__clinic_day": ["net_revenue_amount", "direct_cost_amount", "cash_amount", "invoiced_amount"],
    "mart_triune__clinic_day": ["ledger_revenue_amount", "commerce_revenue_amount", "is_tied"],
}


@pytest.mark.parametrize("mart", ABSENT)
def test_what_the_source_lacks_is_null_and_listed_as_not_available(outpatient: Home, mart: str) -> None:
    counted = ", ".join(f"count({metric})" for metric in ABSENT[mart])
    assert outpatient.published(f"select {counted} from {mart}") == [(0,) * len(ABSENT[mart])]
    listed = outpatient.published(
        "select metric from mart_triune__not_available where source_id = 'outpatient_medscheduler' and mart = ?", mart
    )
    assert set(ABSENT[mart]) - {metric for (metric,) in listed} == set()


# What is there, and 0 for a reason that the raw files tell.
SILENT = [
    Silence(
        "Every attended visit has both its times, in their order.",
        ZERO,
        "select count(*) from appointments where status = 'attended' and coalesce(start_time > end_time, true)",
        {"mart_utilisation__clinic_day": ["imputed_times"], "mart_utilisation__tree": ["imputed_times"]},
    ),
]


@pytest.mark.parametrize("mart", MARTS)
def test_a_metric_is_listed_as_not_available_or_tells_something(outpatient: Home, mart: str) -> None:
    assert silent_metrics(outpatient, "outpatient_medscheduler", mart) == silences_of(mart, SILENT)


@pytest.mark.parametrize("silence", SILENT, ids=lambda silence: silence.why)
def test_what_is_silent_is_so_in_the_raw_files(raw: duckdb.DuckDBPyConnection, silence: Silence) -> None:
    assert raw.execute(silence.counterexamples).fetchall() == [(0,)]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.what)
def test_the_raw_files_say_the_same(raw: duckdb.DuckDBPyConnection, outpatient: Home, figure: Figure) -> None:
    assert_same(raw, outpatient, figure)


def test_no_payouts_without_money(outpatient: Home) -> None:
    assert outpatient.ledger("select count(*) from entries") == [(0,)]


def test_the_published_file_names_no_patient(outpatient: Home) -> None:
    columns = outpatient.published("select column_name from duckdb_columns() where not internal")
    assert [name for (name,) in columns if "patient_id" in name or "phone" in name or "birth" in name] == []
