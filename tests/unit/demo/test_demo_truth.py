"""truth.json: its parts agree with each other, and with the files counted by hand."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from demo_recount import recount

LEAVES = {
    "commerce": ("primary_revenue", "secondary_revenue", "unattributed_revenue"),
    "utilisation": ("slotted_revenue", "unslotted_revenue"),
    "potential": (
        "revenue_from_new_plans",
        "revenue_from_earlier_plans",
        "revenue_from_unpresented_plans",
        "revenue_without_plan",
    ),
}
RECOUNTED = (
    "appointments_attended", "appointments_no_show", "appointments_cancelled", "appointments_rescheduled",
    "consultations", "attended_seconds", "slots_sold", "sold_seconds", "shift_seconds", "doctor_seconds",
    "overtime_seconds", "room_seconds", "net_revenue", "gross_revenue", "discount_amount", "paid_visits",
    "primary_patients", "secondary_patients", "plans_presented", "payments", "payments_amount", "leads",
    "leads_booked", "marketing_spend",
    *(leaf for leaves in LEAVES.values() for leaf in leaves),
)  # fmt: skip


def _rows(truth: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(truth["clinic_days"]["columns"], row, strict=True)) for row in truth["clinic_days"]["rows"]]


@pytest.fixture(scope="module")
def counted(days: list[Path]) -> Any:
    return recount(days)


@pytest.mark.parametrize("form", LEAVES)
def test_the_leaves_of_each_form_sum_to_the_revenue_of_the_day(truth: dict[str, Any], form: str) -> None:
    for row in _rows(truth):
        assert sum(Decimal(row[leaf]) for leaf in LEAVES[form]) == Decimal(row["net_revenue"])


@pytest.mark.parametrize("form", LEAVES)
def test_each_leaf_has_money_in_it(truth: dict[str, Any], form: str) -> None:
    assert all(Decimal(truth["network"][leaf]) > 0 for leaf in LEAVES[form])


def test_gross_less_discount_is_net_and_hours_add_up(truth: dict[str, Any]) -> None:
    for row in _rows(truth):
        assert Decimal(row["gross_revenue"]) - Decimal(row["discount_amount"]) == Decimal(row["net_revenue"])
        assert row["doctor_seconds"] == row["shift_seconds"] + row["overtime_seconds"]
        assert row["paid_visits"] == row["primary_patients"] + row["secondary_patients"]


def test_days_sum_to_clinics_and_clinics_to_the_network(truth: dict[str, Any]) -> None:
    measures = truth["clinic_days"]["columns"][2:]
    for name in measures:
        by_clinic = {clinic: Decimal(values[name]) for clinic, values in truth["clinics"].items()}
        assert sum(by_clinic.values()) == Decimal(truth["network"][name])
        for clinic, total in by_clinic.items():
            assert sum(Decimal(row[name] or 0) for row in _rows(truth) if row["clinic_id"] == clinic) == total


@pytest.mark.parametrize("measure", RECOUNTED)
def test_the_files_counted_by_hand_give_the_truth(truth: dict[str, Any], counted: Any, measure: str) -> None:
    told = {(row["clinic_id"], row["day"]): Decimal(row[measure] or 0) for row in _rows(truth)}
    by_hand = {place: values.get(measure, Decimal(0)) for place, values in counted.items()}
    differing = {
        place: (told.get(place, 0), by_hand.get(place, 0))
        for place in told.keys() | by_hand.keys()
        if told.get(place, 0) != by_hand.get(place, 0)
    }
    assert differing == {}


def test_a_clinic_lives_in_another_time_zone(truth: dict[str, Any]) -> None:
    assert {clinic: values["time_zone"] for clinic, values in truth["clinics"].items()} == {
        "K1": "Europe/Moscow",
        "K2": "Asia/Yekaterinburg",
    }


def test_late_and_corrected_rows_are_planted(truth: dict[str, Any]) -> None:
    assert all(count > 0 for counts in truth["planted"].values() for count in counts.values())


def test_written_rows_are_the_rows_of_the_files(truth: dict[str, Any], days: list[Path]) -> None:
    for entity in ("appointments", "service_lines", "employees", "patients", "shifts"):
        rows = 0
        for day in days:
            path = day / f"{entity}.csv"
            if path.exists():
                with path.open(encoding="cp1251", newline="") as lines:
                    rows += sum(1 for _ in csv.DictReader(lines, delimiter=";"))
        assert rows == truth["written_rows"][entity]


def test_the_planted_dirt_is_in_the_files(truth: dict[str, Any], days: list[Path]) -> None:
    texts = {"appointments": "", "service_lines": ""}
    for entity in texts:
        texts[entity] = "".join((day / f"{entity}.csv").read_text(encoding="cp1251") for day in days)
    wished = {(entry["entity"], entry["kind"]): entry["rows"] for entry in truth["dirty_rows"]}
    assert texts["appointments"].count("32.13.2026 25:61") == wished["appointments", "unparsable_date"] == 5
    assert texts["appointments"].count(";Архив;") == wished["appointments", "unknown_code"] == 4
    assert texts["service_lines"].count(";1,200,50;") == wished["service_lines", "wrong_decimal"] == 5
    assert texts["service_lines"].count(";-500,00;0,00;-500,00;") == wished["service_lines", "negative_price"] == 4


def test_a_duplicate_repeats_a_row_that_a_later_file_brings_again(truth: dict[str, Any], days: list[Path]) -> None:
    seen: dict[str, list[str]] = {}
    for day in days:
        lines = (day / "appointments.csv").read_text(encoding="cp1251").splitlines()[1:]
        for line in lines:
            seen.setdefault(line.split(";")[0], []).append(day.name)
    repeated = [dates for dates in seen.values() if len(dates) != len(set(dates))]
    wished = sum(
        e["rows"] for e in truth["dirty_rows"] if (e["entity"], e["kind"]) == ("appointments", "duplicate_key")
    )
    assert sum(len(dates) - len(set(dates)) for dates in repeated) == wished
    assert all(dates.count(dates[-1]) == 1 for dates in repeated)
