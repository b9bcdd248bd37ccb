"""Every identity and key test fails when the rows it guards are wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
from tricky_build import Built

# What is done to the built tables → the tests that must notice. One kopeck or one row is enough.
TAMPERED = {
    "delete from facts.fct_service_lines where service_line_id = 'mis:L6'": [
        "assert_every_exported_line_is_in_the_facts"
    ],
    "update marts.mart_triune__clinic_day set potential_revenue_amount = potential_revenue_amount + 0.01"
    " where clinic_id = 'mis:K1' and local_date = '2026-03-02'": ["assert_three_forms_equal_the_ledger"],
    "update marts.mart_commerce__clinic_day set revenue_primary_amount = revenue_primary_amount - 0.01"
    " where clinic_id = 'mis:K1' and local_date = '2026-03-02'": ["assert_leaves_sum_to_revenue"],
    "update marts.mart_utilisation__tree set appointments = appointments + 1"
    " where scope_id = 'resource|mis:ART|mis:A1' and period_kind = 'week'": ["assert_hours_form_a_chain"],
    "update marts.mart_utilisation__tree set hour_value = hour_value + 0.01"
    " where scope_id = 'clinic|mis:K1' and period_kind = 'day' and period_start = '2026-03-02'": [
        "assert_hours_times_their_value_are_the_revenue"
    ],
    "update marts.mart_utilisation__slot_mix set slotted_revenue_amount = slotted_revenue_amount + 0.01"
    " where scope_id = 'clinic|mis:K1' and period_kind = 'month' and mix_by = 'specialty'": [
        "assert_slot_values_sum_to_the_whole"
    ],
    "update marts.mart_utilisation__clinic_day set appointments_unknown = 1"
    " where clinic_id = 'mis:K1' and local_date = '2026-03-02'": ["assert_counts_sum_to_their_totals"],
    "update marts.mart_commerce__tree set revenue_secondary_amount = revenue_secondary_amount + 0.01"
    " where scope_id = 'clinic|mis:K1' and period_kind = 'month' and period_start = '2026-03-01'": [
        "assert_commerce_trees_hold"
    ],
    "update marts.mart_commerce__channels set leads = leads + 1 where scope_id = 'clinic|mis:K1'"
    " and period_kind = 'day' and period_start = '2026-03-02'": ["assert_channels_sum_to_the_tree"],
    "update marts.mart_triune__policies set sold_seconds = sold_seconds + 1 where scope_id = 'clinic|mis:K1'"
    " and period_kind = 'month' and period_start = '2026-03-01' and patient_kind = 'primary'": [
        "assert_policies_sum_to_the_forms"
    ],
    "delete from marts.mart_potential__clinic_day where clinic_id = 'mis:K1' and local_date = '2026-03-04'": [
        "contiguous_days_mart_potential__clinic_day_clinic_id"
    ],
    "insert into facts.fct_stay_charges by name select 'mis:Z1' as stay_id, 'mis:K1' as clinic_id,"
    " 'rooms' as department, 0.01 as charge_amount, date '2026-03-02' as local_date": [
        "assert_departments_sum_to_the_package"
    ],
    "update marts.mart_finance__periods set net_revenue_amount = net_revenue_amount + 0.01 where clinic_id = 'mis:K1'"
    " and period_kind = 'month'": ["assert_results_rest_on_the_ledger"],
    "update marts.mart_potential__tree set done_amount = done_amount + 0.01"
    " where scope_kind = 'network' and period_kind = 'year'": ["assert_potential_is_the_sum_of_its_parts"],
    "update marts.mart_potential__cohorts set cohort_revenue_amount = cohort_revenue_amount + 0.01"
    " where scope_id = 'clinic|mis:K1'": ["assert_cohorts_join_both_clocks"],
    "update marts.mart_programmes__corridors set sold_seconds = sold_seconds + 1 where clinic_id = 'mis:K1'": [
        "assert_programmes_sum_to_their_network"
    ],
    "insert into marts.mart_patients__rfm by name select 'clinic|mis:K1' as scope_id,"
    " date '2026-02-01' as period_start, 3 as recency_score, 3 as frequency_score, 3 as monetary_score, 2 as patients,"
    " 1 as active_patients": ["assert_patients_stand_in_one_segment"],
    "update marts.mart_patients__journey set leads = leads + 1 where clinic_id = 'mis:K1'": [
        "assert_every_lead_is_followed"
    ],
    "update marts.mart_triune__tie set ledger_revenue_amount = ledger_revenue_amount + 0.01"
    " where scope_kind = 'network' and period_kind = 'month'": ["assert_three_forms_tie_in_every_period"],
    "update marts.mart_triune__bridge set shapley_amount = shapley_amount + 0.01 where scope_id = 'clinic|mis:K1'"
    " and period_kind = 'week' and against = 'previous' and factor = 'slot_value'": [
        "assert_bridges_sum_to_the_change"
    ],
    "update marts.mart_kpi__periods set debt_amount = debt_amount + 0.01 where scope_kind = 'practitioner'": [
        "assert_kpi_parts_sum_to_their_whole"
    ],
    "update marts.mart_kpi__payers set payer_net_amount = payer_net_amount + 0.01 where scope_kind = 'specialty'": [
        "assert_kpi_splits_sum_to_net_revenue"
    ],
    "insert into marts.mart_finance__clinic_day from marts.mart_finance__clinic_day limit 1": [
        "unique_key_mart_finance__clinic_day_clinic_id__local_date",
        "contiguous_days_mart_finance__clinic_day_clinic_id",
    ],
}


def test_every_guard_fails_on_tampered_rows_and_passed_before(built: Built, tmp_path: Path) -> None:
    copy = tmp_path / "warehouse.duckdb"
    shutil.copy(built.warehouse.path, copy)
    with duckdb.connect(str(copy)) as connection:
        for tampering in TAMPERED:
            connection.execute(tampering)
    expected = {name for names in TAMPERED.values() for name in names}

    done = built.dbt(
        copy,
        *("test", "--select", "tag:identity", "mart_finance__clinic_day", "mart_potential__clinic_day"),
        *("--exclude", "resource_type:unit_test", "models/marts/incentives+"),
    )

    assert done.returncode == 1
    failed = {name for name, status in built.dbt.results().items() if status == "fail"}
    assert failed == expected
