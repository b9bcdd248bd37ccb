"""The demo clinics through the real job: every total of truth.json, tolerance zero; running again changes nothing."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from demo_truth import DIRT, MEASURES, differences, expected, joined_marts
from homes import CopyHome, Home, NewHome, changes, land_demo

from orchestration.cli.privacy import left_behind
from orchestration.demo import DemoSummary
from orchestration.privacy.scan import scan
from orchestration.privacy.terms import Terms, read_needles

FIRST_DAY, LAST_DAY = "2026-01-20", "2026-02-19"
CANARY = "Канарейкина Пелагея"


@pytest.fixture(scope="session")
def truth(demo: DemoSummary) -> dict[str, Any]:
    return json.loads(demo.truth_path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def clinics(new_home: NewHome, demo: DemoSummary) -> Home:
    """The whole demo, as one run over the range."""
    home = new_home("demo")
    days = land_demo(home, demo.out)
    assert (days[0], days[-1]) == (FIRST_DAY, LAST_DAY)
    outcome = home.run("demo_mis", FIRST_DAY, LAST_DAY)
    assert outcome.succeeded, outcome.messages
    return home


def test_the_truth_states_no_measure_that_is_not_compared(truth: dict[str, Any]) -> None:
    assert set(truth["network"]) == set(MEASURES)


def test_totals_of_the_network(clinics: Home, truth: dict[str, Any]) -> None:
    [found] = clinics.published(joined_marts("", LAST_DAY))
    assert differences(list(found), truth["network"]) == {}


def test_totals_of_each_clinic(clinics: Home, truth: dict[str, Any]) -> None:
    found = {
        clinic.removeprefix("demo_mis:"): row for clinic, *row in clinics.published(joined_marts("clinic_id", LAST_DAY))
    }
    assert found.keys() == truth["clinics"].keys()
    assert {clinic: differences(found[clinic], totals) for clinic, totals in truth["clinics"].items()} == {
        clinic: {} for clinic in found
    }


def test_every_clinic_and_day(clinics: Home, truth: dict[str, Any]) -> None:
    columns = truth["clinic_days"]["columns"]
    stated = {(row[0], row[1]): dict(zip(columns, row, strict=True)) for row in truth["clinic_days"]["rows"]}
    found = {
        (clinic.removeprefix("demo_mis:"), str(day)): row
        for clinic, day, *row in clinics.published(joined_marts("clinic_id, local_date", LAST_DAY))
    }
    assert stated.keys() - found.keys() == set()
    wrong = {key: different for key in stated if (different := differences(found[key], stated[key]))}
    assert wrong == {}
    # Days between or after the stated ones: nothing happened, rooms may be open.
    quiet = dict.fromkeys(MEASURES, "0") | {"room_seconds": None}
    assert {key: d for key in found.keys() - stated.keys() if (d := differences(found[key], quiet))} == {}


def test_the_comparison_notices_a_kopeck(clinics: Home, truth: dict[str, Any]) -> None:
    [found] = clinics.published(joined_marts("", LAST_DAY))
    for name in MEASURES:
        wrong = truth["network"] | {name: str(Decimal(truth["network"][name]) + Decimal("0.01"))}
        assert list(differences(list(found), wrong)) == [name]
    assert None not in expected(truth["network"])


def test_current_rows_of_each_entity(clinics: Home, truth: dict[str, Any]) -> None:
    found = {
        entity: clinics.warehouse(f"select count(*) from staging.stg_{entity}")[0][0]
        for entity in truth["current_rows"]
    }
    assert found == truth["current_rows"]


def test_the_three_forms_are_the_ledger_every_clinic_and_day(clinics: Home, truth: dict[str, Any]) -> None:
    rows = clinics.published(
        """
        select clinic_id, local_date, commerce_revenue_amount, utilisation_revenue_amount, potential_revenue_amount,
            ledger_revenue_amount, is_tied
        from mart_triune__clinic_day
        """
    )
    untied = [row for row in rows if not (row[2] == row[3] == row[4] == row[5] and row[6])]
    assert untied == []
    assert sum(row[5] for row in rows) == Decimal(truth["network"]["net_revenue"])
    by_hand = clinics.warehouse("select sum(net_amount) from staging.stg_service_lines where line_status = 'performed'")
    assert by_hand == [(Decimal(truth["network"]["net_revenue"]),)]


def test_quarantine_is_what_was_planted_by_kind_and_day(clinics: Home, truth: dict[str, Any]) -> None:
    planted = Counter(
        (entry["entity"], *DIRT[entry["entity"], entry["kind"]], day)
        for entry in truth["dirty_rows"]
        for day in entry["days"]
    )
    assert {(entry["entity"], entry["kind"]) for entry in truth["dirty_rows"]} == DIRT.keys()
    found = clinics.warehouse(
        """
        select entity, stage, column_name, rule, _export_date::varchar, count(distinct (_file, _row))
        from ops.quarantine group by all
        """
    )
    assert {tuple(key): count for *key, count in found} == planted


def test_rows_read_are_loaded_or_quarantined_file_by_file(clinics: Home, truth: dict[str, Any]) -> None:
    files = clinics.warehouse(
        """
        with bad as (
            select entity, _export_date as export_date, count(distinct (_file, _row)) as rows from ops.quarantine
            group by all
        )
        select log.entity, log.file, rows_read, rows_loaded, rows_quarantined, coalesce(bad.rows, 0)
        from ops.load_log as log left join bad using (entity, export_date)
        """
    )
    assert [row for row in files if row[2] != row[3] + row[4] or row[4] != row[5]] == []
    read, loaded = Counter[str](), Counter[str]()
    for entity, _, rows_read, rows_loaded, *_ in files:
        read[entity] += rows_read
        loaded[entity] += rows_loaded
    planted = Counter[str]()
    for entry in truth["dirty_rows"]:
        planted[entry["entity"]] += entry["rows"]
    assert read == truth["written_rows"]
    assert loaded == {entity: rows - planted[entity] for entity, rows in truth["written_rows"].items()}
    for entity, rows in loaded.items():
        assert clinics.warehouse(f"select count(*) from raw.{entity}") == [(rows,)]


def test_the_ledger_holds_every_payout(clinics: Home) -> None:
    payouts = clinics.warehouse(
        "select sum(payout_amount), count(*) from incentives.mart_incentives__payouts where scenario_id = 'live'"
    )
    posted = clinics.ledger("select sum(balance_amount), count(*) from balances")
    assert posted == payouts
    assert posted[0][0] > 0
    entries = clinics.ledger("select sum(amount), count(*), count(distinct entry_id) from entries")
    assert entries == [(posted[0][0], posted[0][1], posted[0][1])]


def _scan(home: Home, demo: DemoSummary, path: Path | None = None) -> set[tuple[str, str]]:
    """Kind of what is found and the name of the file, behind the landing."""
    found = scan([path] if path else left_behind(home.path), Terms(read_needles(demo.canaries_path))).findings
    return {(one.what.partition(" (")[0], one.path.name) for one in found}


def test_canaries_of_every_kind_have_landed(clinics: Home, demo: DemoSummary) -> None:
    landed = _scan(clinics, demo, clinics.landing)
    files = {"patients.csv", "appointments.csv", "service_lines.csv", "employees.csv", "leads.csv", "payments.csv"}
    assert files <= {name for what, name in landed if what == "name"}
    assert {"address", "phone", "e-mail", "SNILS", "passport", "policy", "patient id"} <= {what for what, _ in landed}


def test_no_canary_is_left_behind_and_nothing_that_looks_personal(clinics: Home, demo: DemoSummary) -> None:
    folders = {path.name for path in left_behind(clinics.path)}
    assert folders >= {"batches", "warehouse", "ledger", "published", "dagster", "dbt"}
    assert _scan(clinics, demo) == set()


def test_two_cards_of_one_person_have_one_document(clinics: Home) -> None:
    merged = clinics.warehouse(
        """
        select merged.document_number = kept.document_number, count(*)
        from staging.stg_patients as merged
        join staging.stg_patients as kept on merged.merged_into_patient_id = kept.patient_id
        group by all
        """
    )
    assert [same for same, _ in merged] == [True]
    assert clinics.warehouse(
        "select count(*) from raw.patients where not regexp_full_match(document_number, '[0-9a-f]{32}')"
    ) == [(0,)]


def test_the_scanner_would_have_seen_a_canary_anywhere(clinics: Home, demo: DemoSummary, copy_home: CopyHome) -> None:
    home = copy_home(clinics, "leaky")
    settings = home.workspace.settings
    patients = settings.batches / "demo_mis" / "patients"
    parquet = [patients / f"_export_date={FIRST_DAY}" / "leaky_batch.parquet", home.parquet / "leaky_mart.parquet"]
    parquet += [patients / kind / f"_export_date={FIRST_DAY}" / f"{kind}.parquet" for kind in ("quarantine", "refused")]
    for path in parquet:
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.execute(f"copy (select '{CANARY}' as patient_name) to '{path}' (format parquet)")
    databases = [settings.warehouse, settings.ledger, home.marts]
    for path in databases:
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"create table leak as select '{CANARY}' as patient_name")
    events = next(
        path for path in settings.dagster_home.rglob("*.db") if path.parent.name == "runs" and path.name.count("-") == 4
    )
    with closing(sqlite3.connect(events)) as connection, connection:
        connection.execute("update event_logs set event = json_set(event, '$.user_message', ?) where id = 1", [CANARY])
    log = settings.dbt_target / "dbt.log"
    log.write_text(f"{log.read_text(encoding='utf-8')}\n{CANARY}", encoding="utf-8")
    leaky = {path.name for path in [*parquet, *databases, events, log]}
    assert {name for what, name in _scan(home, demo) if what == "name"} == leaky


def test_running_the_whole_range_again_changes_nothing(clinics: Home) -> None:
    """Runs the pipeline: last in the file. A day again, among others: see test_days.py."""
    before, entries = clinics.state(), clinics.ledger_entries()
    outcome = clinics.run("demo_mis", FIRST_DAY, LAST_DAY)
    assert outcome.succeeded, outcome.messages
    assert changes(before, clinics.state()) == {}
    assert clinics.ledger_entries() == entries


def test_the_channel_whose_people_do_not_come_is_found(clinics: Home, truth: dict[str, Any]) -> None:
    [worst, second, *_] = clinics.published(
        """
        select channel, show_rate from mart_commerce__channels
        where scope_kind = 'network' and period_kind = 'year' and first_bookings_due >= 20 order by show_rate
        """
    )
    assert worst[0] == truth["planted_effects"]["channel_with_bad_show_rate"]["channel"]
    assert worst[1] < second[1] * Decimal("0.8")


def test_the_doctor_who_seldom_shows_a_plan_is_found(clinics: Home, truth: dict[str, Any]) -> None:
    [worst, second, *_] = clinics.published(
        """
        select employee_id, plan_rate from mart_potential__tree
        where scope_kind = 'practitioner' and period_kind = 'year' and consultations >= 30 order by plan_rate
        """
    )
    assert worst[0] == f"demo_mis:{truth['planted_effects']['doctor_with_few_plans']['employee_id']}"
    assert worst[1] < second[1] * Decimal("0.8")


def test_the_device_that_is_idle_on_a_weekday_is_found(clinics: Home, truth: dict[str, Any]) -> None:
    planted = truth["planted_effects"]["device_idle_on_a_weekday"]
    found = dict(
        clinics.published(
            """
            select isodow(period_start), sum(sold_seconds)::decimal(18, 2) / sum(room_seconds)
            from mart_utilisation__tree inner join dim_resource using (resource_id)
            where scope_kind = 'resource' and period_kind = 'day' and is_complete and dim_resource.specialty = ?
                and isodow(period_start) < 6
            group by all
            """,
            planted["specialty"],
        )
    )
    idle = found.pop(planted["weekday"])
    assert len(found) == 4 and idle < min(found.values()) / 2


def test_the_season_in_which_a_discount_fills_the_rooms_is_found(clinics: Home, truth: dict[str, Any]) -> None:
    planted = truth["planted_effects"]["price_sensitive_season"]
    [before, season] = clinics.published(
        """
        select tree.patient_fill_rate, mix.discount_rate, month(period_start)
        from mart_utilisation__tree as tree
        inner join mart_utilisation__slot_mix as mix using (period_kind, period_start)
        where tree.scope_kind = 'specialty' and tree.specialty = ? and tree.period_kind = 'month'
            and tree.sold_seconds > 0 and mix.scope_kind = 'network' and mix.mix_part = tree.specialty
        order by period_start
        """,
        planted["specialty"],
    )
    assert season[2] == planted["month"]
    assert season[0] > before[0] * Decimal("1.2") and season[1] > before[1] + Decimal("0.08")
