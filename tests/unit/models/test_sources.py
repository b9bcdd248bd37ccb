"""The source profiles: ours load, and a profile that does not fit the contracts is refused where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.contracts import load_contracts
from models.source_terms import Delivery
from models.sources import SOURCES_DIR, load_profile, load_profiles
from models.yaml_reader import DefinitionError

_PROFILE = """\
source: little
title: A little MIS
delivery: daily
time_zone: Europe/Moscow
text: {encoding: cp1251, delimiter: ";"}
formats: {date: "%d.%m.%Y"}
entities:
  clinics:
    file: clinics.csv
    mode: full
    columns:
      clinic_id: Код
      clinic_name: Имя
      time_zone: {constant: Europe/Moscow}
      currency: {constant: RUB}
  appointments:
    file: visits.csv
    mode: delta
    columns:
      appointment_id: Номер
      clinic_id: Код
      patient_id: Карта
      planned_start_at: {sql: "\\"Дата\\" || ' ' || \\"Время\\"", format: "%d.%m.%Y %H:%M"}
      status: {from: Статус, values: {Был: attended, Не был: no_show}}
"""


def _refusal(tmp_path: Path, old: str, new: str) -> str:
    assert old in _PROFILE
    path = tmp_path / "little.yaml"
    path.write_text(_PROFILE.replace(old, new), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_profile(path)
    return str(caught.value).replace(f"{path}:", "")


def test_every_profile_of_the_repository_loads() -> None:
    profiles = load_profiles()
    assert set(profiles) == {path.stem for path in SOURCES_DIR.glob("*.yaml")}
    assert {"demo_mis", "synthea", "outpatient_medscheduler"} <= set(profiles)


def test_short_forms_are_expanded(tmp_path: Path) -> None:
    path = tmp_path / "little.yaml"
    path.write_text(_PROFILE, encoding="utf-8")
    profile = load_profile(path)
    assert profile.time_zone.default == "Europe/Moscow"
    assert profile.formats.date == ["%d.%m.%Y"]
    assert profile.formats.time == ["%H:%M:%S"]
    assert profile.delivery is Delivery.DAILY
    assert profile.entities["clinics"].columns["clinic_id"].source_column == "Код"
    assert profile.entities["appointments"].columns["planned_start_at"].format == ["%d.%m.%Y %H:%M"]


def test_a_profile_knows_what_it_provides(tmp_path: Path) -> None:
    path = tmp_path / "little.yaml"
    path.write_text(_PROFILE, encoding="utf-8")
    profile = load_profile(path)
    assert profile.provides("appointments", "status")
    assert not profile.provides("appointments", "arrived_at")
    assert not profile.provides("payments", "payment_id")


def test_an_unknown_entity_is_refused_with_the_list_of_known_ones(tmp_path: Path) -> None:
    refusal = _refusal(tmp_path, "  clinics:\n    file", "  clinic:\n    file")
    assert refusal.startswith("8: entities.clinic: there is no such entity; there are: ")
    assert ", ".join(load_contracts()) in refusal


def test_an_unknown_column_is_refused_with_its_line(tmp_path: Path) -> None:
    refusal = _refusal(tmp_path, "appointment_id: Номер\n", "appointment_id: Номер\n      doctor: Врач\n")
    assert refusal.startswith("21: entities.appointments.columns.doctor: 'appointments' has no such column; it has: ")


def test_a_required_column_that_is_not_mapped_is_named(tmp_path: Path) -> None:
    refusal = _refusal(tmp_path, "      patient_id: Карта\n", "")
    assert refusal.endswith("entities.appointments.columns: required column 'patient_id' is not mapped")


def test_a_value_map_may_only_produce_codes_of_the_contract(tmp_path: Path) -> None:
    refusal = _refusal(tmp_path, "Был: attended", "Был: came")
    assert refusal.startswith("24: entities.appointments.columns.status: 'came' is not a code of appointments.status")


def test_a_constant_must_be_a_code_of_the_contract(tmp_path: Path) -> None:
    refusal = _refusal(tmp_path, "{from: Статус, values: {Был: attended, Не был: no_show}}", "{constant: came}")
    assert "'came' is not a code of appointments.status; allowed: scheduled, attended" in refusal


@pytest.mark.parametrize(
    "origin", ["{from: Код, constant: K1}", "{from: Код, sql: '1'}", "{sql: '1', constant: K1}", "{format: '%d'}", "{}"]
)
def test_a_column_has_exactly_one_origin(tmp_path: Path, origin: str) -> None:
    refusal = _refusal(tmp_path, "clinic_id: Код\n      clinic_name", f"clinic_id: {origin}\n      clinic_name")
    assert refusal == "12: entities.clinics.columns.clinic_id: give exactly one of 'from', 'sql', 'constant' and 'hash'"


def test_only_a_number_has_a_sign_to_turn(tmp_path: Path) -> None:
    refusal = _refusal(
        tmp_path, "clinic_id: Код\n      clinic_name", "clinic_id: {from: Код, negate_when: 'true'}\n      clinic_name"
    )
    assert refusal == (
        "12: entities.clinics.columns.clinic_id: 'negate_when' turns the sign of a number, and clinics.clinic_id "
        "is none"
    )


def test_an_encoding_that_python_does_not_know_is_refused(tmp_path: Path) -> None:
    refusal = _refusal(tmp_path, "encoding: cp1251", "encoding: windows1251x")
    assert refusal.startswith("5: text.encoding: Python knows no encoding 'windows1251x'; examples: utf-8")


def test_a_file_that_is_not_named_after_its_source_is_refused(tmp_path: Path) -> None:
    refusal = _refusal(tmp_path, "source: little", "source: small")
    assert refusal == "1: source: the file is named little.yaml, so the source must be 'little'"


@pytest.mark.parametrize("name", ["Little", "1st", "a-b", "a b", "a'b"])
def test_a_source_is_named_in_small_letters_digits_and_underscores(tmp_path: Path, name: str) -> None:
    assert ": source: " in _refusal(tmp_path, "source: little", f'source: "{name}"')


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('delimiter: ";"', 'delimiter: ";;"', "text.delimiter"),
        ("delivery: daily", "delivery: weekly", "delivery"),
        ("mode: full", "mode: all", "entities.clinics.mode"),
        ("mode: full", "mode: full\n    sheets: a", "entities.clinics.sheets"),
    ],
)
def test_a_word_that_profiles_do_not_know_is_refused(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert f" {key}: " in _refusal(tmp_path, old, new)


@pytest.mark.parametrize("zone", ["Europe/Moskow", "{default: UTC, column: clinic_id, values: {K2: Mars/Base}}"])
def test_a_time_zone_that_does_not_exist_is_refused(tmp_path: Path, zone: str) -> None:
    assert "4: time_zone" in _refusal(tmp_path, "time_zone: Europe/Moscow\ntext", f"time_zone: {zone}\ntext")


@pytest.mark.parametrize("mapping", ['{"true": [Да]}', '{"true": [], "false": [Нет]}', '{"yes": [Да], "no": [Нет]}'])
def test_booleans_name_both_true_and_false(tmp_path: Path, mapping: str) -> None:
    assert "booleans" in _refusal(tmp_path, "formats:", f"booleans: {mapping}\nformats:")


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("    file: clinics.csv\n", "", "8: entities.clinics.file: required key is missing"),
        (
            "file: clinics.csv",
            "table: mis.clinics",
            "9: entities.clinics.table: is for a database; name it with 'database: {dsn_env: …}' at the top of the "
            "profile",
        ),
    ],
)
def test_files_are_read_unless_there_is_a_database(tmp_path: Path, old: str, new: str, refusal: str) -> None:
    assert _refusal(tmp_path, old, new) == refusal


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    refusal = _refusal(tmp_path, "      patient_id: Карта\n", "      doctor: Врач\n      cancelled_by: {constant: x}\n")
    assert len(refusal.splitlines()) == 3


_WINDOW = "mode: replace_window\n    window: {column: planned_start_at, days: 3}\n"


def test_a_window_names_a_mapped_column_that_falls_on_a_day(tmp_path: Path) -> None:
    path = tmp_path / "little.yaml"
    path.write_text(_PROFILE.replace("mode: delta\n", _WINDOW), encoding="utf-8")
    window = load_profile(path).entities["appointments"].window
    assert window is not None and (window.column, window.days) == ("planned_start_at", 3)
    for name in ("status", "started_at", "planned"):
        refusal = _refusal(tmp_path, "mode: delta\n", _WINDOW.replace("planned_start_at", name))
        assert refusal == (
            f"19: entities.appointments.window.column: '{name}' is no date or timestamp that the profile maps"
        )


@pytest.mark.parametrize(
    "mode", ["mode: replace_window\n", "mode: delta\n    window: {column: planned_start_at, days: 3}\n"]
)
def test_a_window_goes_with_the_mode_that_replaces_one(tmp_path: Path, mode: str) -> None:
    refusal = _refusal(tmp_path, "mode: delta\n", mode)
    assert "'mode: replace_window' and 'window: {column: …, days: …}' go together" in refusal


@pytest.mark.parametrize(
    ("arrival", "message"),
    [
        ("{marker: a/b}", "arrival.marker"),
        ("{complete: soon}", "arrival.complete"),
        ("{complete: size_stable, marker: _SUCCESS}", "give either 'complete: size_stable' or 'marker'"),
    ],
)
def test_an_arrival_that_cannot_be_told_is_refused(tmp_path: Path, arrival: str, message: str) -> None:
    assert message in _refusal(tmp_path, "delivery: daily", f"delivery: daily\narrival: {arrival}")


def test_an_arrival_is_by_stable_sizes_or_by_a_marker(tmp_path: Path) -> None:
    path = tmp_path / "little.yaml"
    for arrival, marker in {
        "": None,
        "arrival: {complete: size_stable}": None,
        "arrival: {marker: done.ok}": "done.ok",
    }.items():
        path.write_text(_PROFILE.replace("delivery: daily", f"delivery: daily\n{arrival}"), encoding="utf-8")
        assert load_profile(path).arrival.marker == marker


_SHIFTS = "shift_id: a, clinic_id: b, employee_id: c, starts_at: d, ends_at: e"
_OPENING = '{weekdays: Mon, opens_at: "08:00", closes_at: "18:00", kinds: [rooms]}'


@pytest.mark.parametrize(
    ("calendar", "entity", "reasons"),
    [
        (
            "shifts: from_appointments",
            f"shifts: {{file: s.csv, mode: delta, columns: {{{_SHIFTS}}}}}",
            ["7: calendar.shifts: this source delivers shifts: take either them or the rule"],
        ),
        (
            f"resource_hours: [{_OPENING}]",
            "leads: {file: l.csv, mode: delta, columns: {lead_id: a, clinic_id: b, created_at: c, channel: d}}",
            [
                "7: calendar.resource_hours: this source delivers no resources to be opened",
                "7: calendar.resource_hours.0.kinds: there is no kind 'rooms'; there are: room, chair, device, bed",
            ],
        ),
    ],
)
def test_a_calendar_rule_that_has_nothing_to_stand_in_for_is_refused(
    tmp_path: Path, calendar: str, entity: str, reasons: list[str]
) -> None:
    refusal = _refusal(tmp_path, "entities:", f"calendar: {{{calendar}}}\nentities:\n  {entity}")
    assert refusal.splitlines() == reasons


def test_shifts_cannot_be_made_of_appointments_that_are_not_there(tmp_path: Path) -> None:
    only_clinics = _PROFILE.partition("  appointments:")[0]
    path = tmp_path / "little.yaml"
    path.write_text(only_clinics + "calendar: {shifts: from_appointments}\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="this source delivers no appointments to make shifts of"):
        load_profile(path)


def test_a_calendar_rule_stands_on_entities_of_any_part(tmp_path: Path) -> None:
    split = _PROFILE.replace("    file: visits.csv\n", "    parts: [{file: north.csv}, {file: south.csv}]\n")
    path = tmp_path / "little.yaml"
    path.write_text(split + "calendar: {shifts: from_appointments}\n", encoding="utf-8")
    assert load_profile(path).assumes("shifts", "starts_at")
    first, second = split.split("  appointments:")
    parts = first.replace("    file: clinics.csv\n", "    parts: [{file: a.csv}, {file: b.csv}]\n")
    path.write_text(f"{parts}  appointments:{second}calendar: {{shifts: from_appointments}}\n", encoding="utf-8")
    assert len(load_profile(path).calendars) == 1
