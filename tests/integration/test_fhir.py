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
        "employees": 3,
        "patients": len(resources["Patient"]),
        "slots": len(resources["Slot"]),
        "appointments": len(resources["Appointment"]),
        "services": 3,
        "service_lines": len(resources["ChargeItem"]),
        "invoices": len(resources["Invoice"]),
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
        "attended": truth.attended,
        "no_show": truth.no_show,
        "cancelled": truth.cancelled,
        "scheduled": truth.scheduled,
    }
    minutes = fhir.warehouse("select sum(attended_seconds) / 60 from facts.fct_appointments")
    assert minutes == [(truth.attended_minutes,)]


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


def test_invoices_hold_the_charges_that_they_list_and_tie_to_them(fhir: Home, export: FhirExport) -> None:
    truth = export.truth
    assert fhir.published("select sum(invoices), sum(invoiced_amount) from mart_finance__clinic_day") == [
        (truth.invoices, truth.revenue)
    ]
    lines = """
        select count(distinct invoice_id), count(*), sum(net_amount) from facts.fct_service_lines
        where invoice_id is not null
    """
    assert fhir.warehouse(lines) == [(truth.invoices, truth.invoiced_lines, truth.revenue)]
    check = "select success, rows_checked > 0 from ops.check_results where expectation = 'lines_add_up_to_the_invoice'"
    assert set(fhir.warehouse(check)) == {(True, True)}


def test_shifts_are_made_of_appointments_and_say_so(fhir: Home) -> None:
    shifts = fhir.warehouse("select bool_and(is_assumed), count(distinct resource_id) from facts.fct_shifts")
    assert shifts == [(True, 2)]
    assumed = (
        "select sum(shift_seconds), sum(assumed_shift_seconds), count(room_seconds) from mart_utilisation__clinic_day"
    )
    ((worked, by_rule, open_hours),) = fhir.published(assumed)
    assert worked == by_rule > 0
    # Nobody says when the rooms are open.
    assert open_hours == 0


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
