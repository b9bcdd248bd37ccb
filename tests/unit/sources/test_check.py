"""A dry run tells everything that a run would complain of, with its place, and leaves nothing behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from other_mis import DAYS, write_export

from models.yaml_reader import DefinitionError
from orchestration.checking.dry_run import check_source
from orchestration.checking.findings import Finding, Level, SourceCheck
from orchestration.checking.staging import NothingToCheckError

Change = Callable[[str], str]
_VISITS, _LINES = f"Приёмы_{DAYS[0]:%d%m%Y}.csv", "Оказанные услуги.csv"


def _finding(check: SourceCheck, rule: str) -> Finding:
    (found,) = [finding for finding in check.findings if finding.rule == rule]
    return found


def _rules(check: SourceCheck) -> set[tuple[str, str]]:
    return {(finding.entity, finding.rule) for finding in check.findings}


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """One day's files, to be spoilt."""
    return min(write_export(tmp_path / "exports").iterdir())


def _edited(path: Path, change: Change) -> Path:
    path.write_bytes(change(path.read_bytes().decode("cp1251")).encode("cp1251"))
    return path


def _changed_profile(profile: Path, folder: Path, old: str, new: str) -> Path:
    text = profile.read_text(encoding="utf-8")
    assert re.search(old, text, re.MULTILINE), old
    path = folder / "other.yaml"
    path.write_text(re.sub(old, new, text, flags=re.MULTILINE), encoding="utf-8")
    return path


def test_a_clean_export_ends_with_0_and_one_wrong_row_with_1(profile: Path, day: Path) -> None:
    assert check_source(profile, day, with_guard=False).exit_code() == 1
    _edited(day / _LINES, lambda text: text.replace("звонить Звонарёвой", "16.03.2026 10:00"))
    check = check_source(profile, day, with_guard=False)
    assert check.exit_code() == check.exit_code(strict=True) == 0
    assert check.findings == []


def test_each_entity_tells_what_maps_what_is_filled_and_its_first_rows(profile: Path, day: Path) -> None:
    check = check_source(profile, day, with_guard=False)
    visits = next(entity for entity in check.entities if entity.entity == "appointments")
    assert (visits.files, visits.rows_read, visits.rows_loaded) == ([_VISITS], 6, 6)
    columns = {column.name: column for column in visits.columns}
    assert columns["status"].origin == "Статус приёма"
    assert columns["status"].first == ("attended", "no_show")
    # 09:00 in Moscow.
    assert columns["planned_start_at"].first == ("2026-03-16 06:00:00", "2026-03-16 07:00:00")
    assert "resource_id" in visits.unmapped


def test_personal_values_are_never_shown(profile: Path, day: Path) -> None:
    check = check_source(profile, day, with_guard=False)
    patients = next(entity for entity in check.entities if entity.entity == "patients")
    shown = {column.name: column.first for column in patients.columns}
    assert {name for name, first in shown.items() if first is None} == set(shown) - {"sex"}
    assert "Ксения" not in str(check.as_json())


def test_a_row_that_cannot_be_typed_is_shown_with_file_row_column_and_value(profile: Path, day: Path) -> None:
    found = _finding(check_source(profile, day, with_guard=False), "not_a_date_and_time")
    assert (found.entity, found.level, found.column, found.rows) == (
        "service_lines",
        Level.QUARANTINED,
        "performed_at",
        1,
    )
    (place,) = found.places
    assert (str(place), place.value) == (f"{_LINES} row 8", "звонить Звонарёвой")


def test_values_that_a_value_map_lacks_are_counted_one_by_one(profile: Path, day: Path) -> None:
    _edited(day / _VISITS, lambda text: text.replace("Состоялся", "Был", 3).replace("Отменён", "Снят"))
    found = _finding(check_source(profile, day, with_guard=False), "unknown_value")
    assert found.rows == 4
    assert found.message.endswith("of status: 'Был' 3×, 'Снят' 1×")


def test_a_repeated_key_is_found_with_its_row(profile: Path, day: Path) -> None:
    _edited(day / _VISITS, lambda text: text.replace("V01;", "V00;"))
    check = check_source(profile, day, with_guard=False)
    found = _finding(check, "key_is_unique")
    assert (found.rows, [str(place) for place in found.places]) == (1, [f"{_VISITS} row 5"])
    assert next(e for e in check.entities if e.entity == "appointments").rows_loaded == 5


def test_references_to_what_the_export_does_not_hold_are_warned_of(profile: Path, day: Path) -> None:
    _edited(day / _LINES, lambda text: text.replace(";A02;", ";Z99;"))
    check = check_source(profile, day, with_guard=False)
    found = _finding(check, "orphan")
    assert (found.level, found.column, found.rows) == (Level.WARNED, "service_id", 2)


def test_warnings_alone_end_with_0_and_strictly_with_1(profile: Path, day: Path) -> None:
    _edited(day / _LINES, lambda text: text.replace("звонить Звонарёвой", "16.03.2026 10:00"))
    _edited(day / "Клиники.csv", lambda text: text.replace("Город", "Город;Район").replace("Москва", "Москва;ЦАО"))
    _edited(day / "Клиники.csv", lambda text: text.replace("Казань", "Казань;Центр"))
    check = check_source(profile, day, with_guard=False)
    assert _finding(check, "unknown_columns").message == "columns neither mapped nor ignored: 'Район'"
    assert next(e for e in check.entities if e.entity == "clinics").unused == ["Район"]
    assert (check.exit_code(), check.exit_code(strict=True)) == (0, 1)


def test_a_renamed_column_refuses_its_file_and_the_others_are_still_looked_at(profile: Path, day: Path) -> None:
    _edited(day / _LINES, lambda text: text.replace("Итого к оплате", "Всего"))
    check = check_source(profile, day, with_guard=False)
    assert _finding(check, "file_refused").message.startswith("the header lacks 'Итого к оплате'. The file has: ")
    assert check.exit_code() == 2
    assert {e.entity for e in check.entities if e.rows_read} >= {"clinics", "appointments", "payments"}


def test_of_several_days_a_refused_file_does_not_hide_the_others(profile: Path, tmp_path: Path) -> None:
    folder = write_export(tmp_path / "days")
    (folder / str(DAYS[1]) / _LINES).write_bytes("Номер;Строки\n".encode("cp1251"))
    check = check_source(profile, folder, with_guard=False)
    lines = next(entity for entity in check.entities if entity.entity == "service_lines")
    assert lines.files == [f"{DAYS[0]}/{_LINES}", f"{DAYS[2]}/{_LINES}"]
    assert _finding(check, "file_refused").places[0].file == f"{DAYS[1]}/{_LINES}"


def test_a_missing_file_refuses_the_day(profile: Path, day: Path) -> None:
    (day / "Оплаты.xlsx").unlink()
    check = check_source(profile, day, with_guard=False)
    found = _finding(check, "file_refused")
    assert (found.entity, check.exit_code()) == ("payments", 2)
    assert str((day / "Оплаты.xlsx").resolve()) in found.message


def test_a_required_column_that_is_not_mapped_refuses_the_profile_and_the_rest_is_checked(
    profile: Path, day: Path, tmp_path: Path
) -> None:
    path = _changed_profile(profile, tmp_path, "^      patient_id: .*(Пациент|№ карты пациента).*\n", "")
    check = check_source(path, day)
    missing = [finding for finding in check.findings if finding.rule == "required_column"]
    assert {finding.entity for finding in missing} >= {"appointments"}
    assert re.search(r"required column 'patient_id' is not mapped \(line \d+ of the profile\)", missing[0].message)
    # That the column is then empty is no second finding.
    assert not any("patient_id" in finding.rule for finding in check.findings)
    assert (check.exit_code(), next(e for e in check.entities if e.entity == "appointments").rows_read) == (2, 6)


def test_any_other_mistake_in_a_profile_is_said_at_once(profile: Path, day: Path, tmp_path: Path) -> None:
    path = _changed_profile(profile, tmp_path, "^delivery: .*$", "delivery: weekly")
    with pytest.raises(DefinitionError, match="delivery"):
        check_source(path, day)


def test_the_guard_finds_what_a_row_alone_does_not_tell(profile: Path, day: Path) -> None:
    _edited(day / _VISITS, lambda text: text.replace("9:00;9:30", "9:00;8:30"))
    rules = _rules(check_source(profile, day))
    assert ("appointments", "planned_end_at_is_not_before_planned_start_at") in rules
    assert rules > _rules(check_source(profile, day, with_guard=False))


def test_lines_that_a_person_must_decide_are_counted(profile: Path, day: Path) -> None:
    text = profile.read_text(encoding="utf-8")
    check = check_source(profile, day, with_guard=False)
    assert len(check.undecided) == text.count("# DECIDE:") > 0
    assert all("# DECIDE:" in text.splitlines()[number - 1] for number in check.undecided)


def test_one_day_of_several_is_chosen_and_an_absent_one_refused(profile: Path, export: Path) -> None:
    assert check_source(profile, export, day=DAYS[1], with_guard=False).days == [DAYS[1]]
    with pytest.raises(NothingToCheckError, match="holds nothing of 2026-03-01; it has 2026-03-16 to 2026-03-18"):
        check_source(profile, export, day=DAYS[0].replace(day=1))


def test_nothing_of_the_files_is_changed(profile: Path, day: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in day.iterdir()}
    check_source(profile, day, with_guard=False)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in day.iterdir()} == before
