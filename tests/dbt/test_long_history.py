"""The long history holds what the oracles are to be compared on, and every identity holds on it."""

from __future__ import annotations

from tricky_build import Built


def count(history: Built, sql: str) -> int:
    return int(history.warehouse.query(f"select count(*) from {sql}")[0][0])


def test_the_same_seed_gives_the_same_rows_and_every_rule_is_met(history: Built) -> None:
    met = {
        "overlapping visits": "facts.fct_appointments as a join facts.fct_appointments as b using (resource_id)"
        " where a.appointment_id < b.appointment_id and a.is_attended and b.is_attended"
        " and a.starts_at < b.ends_at and b.starts_at < a.ends_at",
        "clocks that change": "facts.fct_appointments where clinic_id = 'mis:K1'"
        " and local_date between '2025-03-24' and '2025-04-06'",
        "refunds in a later month": "facts.fct_service_lines as back join facts.fct_service_lines as line"
        " on back.original_line_id = line.service_line_id"
        " where date_trunc('month', back.local_date) > date_trunc('month', line.local_date)",
        "revised plans": "facts.fct_plans where versions > 1",
        "alternatives": "facts.fct_plan_items where alternative_group is not null and is_first_version"
        " and not is_in_presented_value",
        "lines of plans": "facts.fct_service_lines where is_performed and plan_id is not null",
        "merged cards": "ops.surviving_ids where entity = 'patients'",
        "cancelled by the clinic": "facts.fct_appointments where cancelled_by = 'clinic'",
        "visits beyond a shift": "marts.mart_utilisation__clinic_day where overtime_hours > 0",
        "retail": "facts.fct_service_lines where is_performed and patient_id is null",
        "two currencies": "(select distinct currency from facts.fct_service_lines) having count(*) = 2",
    }
    assert {what: count(history, sql) > 0 for what, sql in met.items()} == dict.fromkeys(met, True)
