"""synthea through the real job: charges and payments of its README from the published file, and no pay from nothing."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from availability import MARTS, ZERO, Silence, silences_of, silent_metrics
from homes import Home, NewHome, link_files
from raw_figures import Figure, assert_same, tables_of
from synthea_figures import FIGURES, VIEWS


@pytest.fixture(scope="session")
def synthea(new_home: NewHome, shared_data: Path) -> Home:
    home = new_home("synthea")
    link_files(home.landing / "synthea" / "2024-06-01", shared_data / "synthea_27" / "synthea_csv.zip")
    outcome = home.run("synthea", "2024-06-01")
    assert outcome.succeeded, outcome.messages
    return home


@pytest.fixture(scope="module")
def raw(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The files as they are, apart from the pipeline."""
    folder = tmp_path_factory.mktemp("raw")
    names = ["careplans", "claims", "claims_transactions", "encounters", "payers"]
    with zipfile.ZipFile(shared_data / "synthea_27" / "synthea_csv.zip") as archive:
        files = {name: Path(archive.extract(f"{name}.csv", folder)) for name in names}
    connection = tables_of(files)
    connection.execute(VIEWS)
    return connection


def test_charges(synthea: Home) -> None:
    total = synthea.published("select sum(service_lines), sum(net_revenue_amount) from mart_finance__clinic_day")
    assert total == [(1_545, Decimal("1092402.73"))]


def test_payments(synthea: Home) -> None:
    total = synthea.published("select sum(payments), sum(payments_amount) from mart_finance__clinic_day")
    assert total == [(1_843, Decimal("1103503.95"))]


def test_transfers_are_not_counted_twice(synthea: Home) -> None:
    """TRANSFERIN fills AMOUNT too: 557,125.52 more, if lines were summed without their type."""
    lines = synthea.warehouse("select count(*), sum(net_amount) from facts.fct_service_lines")
    assert lines == [(1_545, Decimal("1092402.73"))]


def test_the_three_forms_tie_every_clinic_and_day(synthea: Home) -> None:
    untied = synthea.published(
        """
        select count(*) filter (is_tied), count(*) filter (
            ledger_revenue_amount is distinct from commerce_revenue_amount
            or ledger_revenue_amount is distinct from utilisation_revenue_amount
            or ledger_revenue_amount is distinct from potential_revenue_amount
        ), count(*) filter (is_tied is not true), sum(ledger_revenue_amount)
        from mart_triune__clinic_day
        """
    )
    assert untied[0][0] > 0
    assert untied[0][1:] == (0, 0, Decimal("1092402.73"))


def test_nobody_is_paid_for_services_without_a_stage(synthea: Home) -> None:
    assert synthea.warehouse("select count(*) from incentives.mart_incentives__payouts") == [(0,)]
    assert synthea.ledger("select count(*) from entries") == [(0,)]


def test_quarantine_holds_the_repeated_service_codes_and_nothing_else(synthea: Home) -> None:
    rows = synthea.warehouse("select entity, stage, rule, value from ops.quarantine order by value, _row")
    assert {row[:3] for row in rows} == {("services", "guard", "key_is_unique")}
    assert [row[3] for row in rows] == [
        *("171207006", "185347001", "185349003", "308335008", "390906007", "390906007", "50849002", "5880005"),
    ]


def test_rows_read_are_loaded_or_quarantined(synthea: Home) -> None:
    rows = synthea.warehouse(
        """
        select log.entity, rows_read, rows_loaded, rows_quarantined,
            (select count(distinct (_file, _row)) from ops.quarantine as bad where bad.entity = log.entity)
        from ops.load_log as log order by log.entity
        """
    )
    assert {entity: row for entity, *row in rows} == {
        "appointments": [604, 604, 0, 0],
        "clinics": [63, 63, 0, 0],
        "employees": [166, 166, 0, 0],
        "patients": [27, 27, 0, 0],
        "payments": [1_843, 1_843, 0, 0],
        "service_lines": [1_545, 1_545, 0, 0],
        "services": [126, 118, 8, 8],
        "treatment_plans": [49, 49, 0, 0],
    }


def test_rooms_hours_and_plan_values_are_null_not_zero(synthea: Home) -> None:
    hours = synthea.published(
        "select count(room_hours), count(doctor_hours), count(sold_hours) from mart_utilisation__clinic_day"
    )
    plans = synthea.published("select count(presented_amount), count(accepted_amount) from mart_potential__clinic_day")
    assert (hours, plans) == ([(0, 0, 0)], [(0, 0)])


# What is there, and 0 for a reason that the raw files tell.
SILENT = [
    Silence(
        "Every charge names its patient.",
        ZERO,
        "select count(*) from charges where patient is null",
        {
            "mart_commerce__clinic_day": ["revenue_unattributed_amount"],
            "mart_commerce__tree": ["revenue_unattributed_amount"],
            "mart_triune__clinic_day": ["unattributed_share"],
            "mart_triune__tie": ["unattributed_share"],
        },
    ),
    Silence(
        "In one clinic nobody is charged by two practitioners, so nobody is new to one and known to the clinic.",
        ZERO,
        """
        select count(*) from (
            select patient, clinic from charges group by patient, clinic having count(distinct practitioner) > 1
        )
        """,
        {"mart_commerce__tree": ["transferred_patients"]},
    ),
    Silence(
        "No charge takes another back: none is negative.",
        ZERO,
        """
        select count(*) from claims_transactions
        where TYPE = 'CHARGE' and (AMOUNT::decimal(18, 2) < 0 or UNITS::int <= 0)
        """,
        {"mart_finance__clinic_day": ["refund_lines", "refund_amount"]},
    ),
    Silence(
        "Every charge is its units at their price, without an adjustment.",
        ZERO,
        """
        select count(*) from claims_transactions
        where TYPE = 'CHARGE' and (
            AMOUNT::decimal(18, 2) is distinct from UNITS::int * UNITAMOUNT::decimal(18, 2) or ADJUSTMENTS is not null
        )
        """,
        {"mart_finance__clinic_day": ["discount_amount", "discount_rate"], "mart_kpi__periods": ["discount_amount"]},
    ),
    Silence(
        "Every encounter has both its times, in their order.",
        ZERO,
        "select count(*) from visits where coalesce(seconds < 0, true)",
        {"mart_utilisation__clinic_day": ["imputed_times"], "mart_utilisation__tree": ["imputed_times"]},
    ),
]


@pytest.mark.parametrize("mart", MARTS)
def test_a_metric_is_listed_as_not_available_or_tells_something(synthea: Home, mart: str) -> None:
    assert silent_metrics(synthea, "synthea", mart) == silences_of(mart, SILENT)


@pytest.mark.parametrize("silence", SILENT, ids=lambda silence: silence.why)
def test_what_is_silent_is_so_in_the_raw_files(raw: duckdb.DuckDBPyConnection, silence: Silence) -> None:
    assert raw.execute(silence.counterexamples).fetchall() == [(0,)]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.what)
def test_the_raw_files_say_the_same(raw: duckdb.DuckDBPyConnection, synthea: Home, figure: Figure) -> None:
    assert_same(raw, synthea, figure)
