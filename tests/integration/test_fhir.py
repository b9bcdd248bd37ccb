"""A FHIR R4 bulk export through the real job: adding it changed only YAML (`models/sources/fhir_r4.yaml`)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fhir_export import EXPORTED_ON, FhirExport, make_export
from homes import Home, NewHome

BROKEN_LINE = '{"resourceType": "Appointment", "id": "ap-cut'


@pytest.fixture(scope="session")
def export() -> FhirExport:
    return make_export()


@pytest.fixture(scope="session")
def fhir(new_home: NewHome, export: FhirExport) -> Home:
    home = new_home("fhir")
    folder = home.landing / "fhir_r4" / str(EXPORTED_ON)
    export.write(folder)
    with (folder / "Appointment.ndjson").open("a", encoding="utf-8") as file:
        file.write(BROKEN_LINE)
    outcome = home.run("fhir_r4", str(EXPORTED_ON))
    assert outcome.succeeded, outcome.messages
    return home


def test_every_resource_is_loaded_and_a_broken_line_is_set_aside(fhir: Home, export: FhirExport) -> None:
    resources = export.resources
    loaded = dict(fhir.warehouse("select entity, sum(rows_loaded) from ops.load_log group by entity"))
    assert {entity: int(rows) for entity, rows in loaded.items()} == {
        "clinics": 1,
        "resources": 2,
        "resource_hours": 18,
        "employees": 3,
        "patients": len(resources["Patient"]),
        "slots": len(resources["Slot"]),
        "appointments": len(resources["Appointment"]) - 1 + export.truth.walk_ins + 1,
        "services": 3,
        "service_lines": len(resources["ChargeItem"]),
        "invoices": len(resources["Invoice"]) - 1,
        "treatment_plans": len(resources["CarePlan"]),
        "plan_items": len(resources["ServiceRequest"]),
    }
    row = len(resources["Appointment"]) + 1
    assert fhir.warehouse("select entity, _file, _row, rule from ops.quarantine") == [
        ("appointments", f"{EXPORTED_ON}/Appointment.ndjson", row, "broken_row")
    ]


def test_visits_by_status_and_their_minutes(fhir: Home, export: FhirExport) -> None:
    truth = export.truth
    by_status = dict(
        fhir.warehouse("select appointment_status, count(*) from facts.fct_appointments group by appointment_status")
    )
    assert by_status == {
        "attended": truth.attended + truth.walk_ins,
        "no_show": truth.no_show,
        "cancelled": truth.cancelled,
        "scheduled": truth.scheduled,
    }
    minutes = fhir.warehouse("select sum(attended_seconds) / 60 from facts.fct_appointments")
    assert minutes == [(truth.attended_minutes,)]


def test_a_visit_that_nobody_booked_counts_and_its_charges_know_it(fhir: Home, export: FhirExport) -> None:
    walked_in = fhir.warehouse(
        """
        select count(distinct visits.appointment_id), count(distinct visits.employee_id), count(visits.booked_at),
            count(lines.service_line_id) > 0, min(visits.attended_seconds) > 0
        from facts.fct_appointments as visits
        left join facts.fct_service_lines as lines using (appointment_id)
        where visits.appointment_id like 'fhir_r4:Encounter/%'
        """
    )
    assert walked_in == [(export.truth.walk_ins, 2, 0, True, True)]


def test_revenue_ties_in_three_forms_and_to_the_kopeck(fhir: Home, export: FhirExport) -> None:
    revenue = fhir.published(
        """
        select sum(ledger_revenue_amount), sum(commerce_revenue_amount), sum(utilisation_revenue_amount),
            sum(potential_revenue_amount), bool_and(is_tied)
        from mart_triune__clinic_day
        """
    )
    assert revenue == [(*[export.truth.revenue] * 4, True)]
    assert export.truth.revenue > Decimal(100_000)


def test_a_charge_knows_its_invoice_though_only_the_invoice_says_so(fhir: Home, export: FhirExport) -> None:
    named = fhir.warehouse("select invoice_id, service_line_id from raw.service_lines where invoice_id is not null")
    assert sorted(named) == sorted(
        (invoice, line) for invoice, (_, lines) in export.truth.invoices.items() for line in lines
    )
    assert len(named) > 100 and any(len(lines) > 1 for _, lines in export.truth.invoices.values())


def test_invoices_are_of_the_clinic_of_their_charges_and_tie_to_them(fhir: Home, export: FhirExport) -> None:
    invoices = fhir.warehouse(
        """
        select count(*), sum(invoice_amount), count(distinct clinic_id)
        from facts.fct_invoices where invoice_status <> 'cancelled'
        """
    )
    amounts = [amount for amount, _ in export.truth.invoices.values()]
    assert invoices == [(len(amounts), sum(amounts), 1)] == [(len(amounts), export.truth.revenue, 1)]
    checked = fhir.warehouse(
        """
        select expectation, entity, sum(rows_failed) from ops.check_results
        where expectation = 'lines_add_up_to_the_invoice' group by all order by entity
        """
    )
    assert checked == [
        ("lines_add_up_to_the_invoice", "invoices", 0),
        ("lines_add_up_to_the_invoice", "service_lines", 0),
    ]


def test_a_room_is_open_on_each_day_that_its_hours_name(fhir: Home) -> None:
    # 15 working days and 3 Saturdays of the one room; of the other as many, and 2 Sundays round the clock.
    hours = fhir.warehouse(
        """
        select resource_id, sum(open_seconds) / 3600 from facts.fct_room_hours
        where local_date between '2026-02-02' and '2026-02-21' group by all order by 1
        """
    )
    assert hours == [("fhir_r4:lo-1", 15 * 8 + 3 * 6), ("fhir_r4:lo-2", 18 * 12 + 2 * 24)]


def test_a_doctor_is_named_by_a_role_as_well(fhir: Home) -> None:
    for table in ("fct_slots", "fct_appointments", "fct_service_lines"):
        named = fhir.warehouse(f"select distinct employee_id from facts.{table} order by 1")
        assert named == [("fhir_r4:pr-0",), ("fhir_r4:pr-1",)], table


def test_who_cancelled_is_told_by_the_reason(fhir: Home, export: FhirExport) -> None:
    cancelled = fhir.warehouse("select cancelled_by, count(*) from raw.appointments group by 1 order by 1 nulls last")
    by_patient = export.truth.cancelled_by_patient
    assert cancelled[:2] == [("clinic", export.truth.cancelled - by_patient), ("patient", by_patient)]
    assert 0 < by_patient < export.truth.cancelled


def test_shifts_are_made_of_appointments_and_say_so(fhir: Home) -> None:
    shifts = fhir.warehouse("select bool_and(is_assumed), count(distinct resource_id) from facts.fct_shifts")
    assert shifts == [(True, 2)]
    seconds = "select sum(shift_seconds), sum(assumed_shift_seconds) from mart_utilisation__clinic_day"
    ((worked, assumed),) = fhir.published(seconds)
    assert worked == assumed > 0


def test_slots_know_their_room_and_doctor_through_their_schedule(fhir: Home, export: FhirExport) -> None:
    slots = fhir.warehouse(
        """
        select count(*), count(*) filter (is_booked), count(distinct resource_id), count(distinct employee_id),
            min(slot_minutes)
        from facts.fct_slots
        """
    )
    assert slots == [(export.truth.slots, export.truth.booked_slots, 2, 2, 45)]


def test_plans_are_valued_by_the_definitions_of_charges(fhir: Home, export: FhirExport) -> None:
    value = fhir.warehouse("select count(distinct plan_id), sum(item_amount) from facts.fct_plan_items")
    assert value == [(export.truth.plans, 10 * 3 * (Decimal("3100.50") + Decimal("1800.00")))]


def test_what_fhir_does_not_know_is_listed_rather_than_zero(fhir: Home) -> None:
    missing = fhir.published(
        "select distinct missing_inputs from mart_triune__not_available where mart like '%finance%'"
    )
    assert any("payments" in inputs for (inputs,) in missing)


def test_no_name_or_contact_of_a_patient_left_the_landing(fhir: Home) -> None:
    stored = fhir.warehouse("select count(*), count(distinct patient_id), min(length(patient_id)) from raw.patients")
    assert stored == [(40, 40, 32)]
