"""Whole drafts: how many columns of an export are guessed right, and that a draft is a profile one can use."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from little_draft import comment_at
from other_mis import CANARIES, TRUTH, write_export

from models.json_schemas import json_schemas
from models.source_terms import ColumnMapping
from models.sources import SOURCES_DIR, inspect_profile, is_draft, load_profile, load_profiles
from orchestration.demo import generate_demo
from orchestration.profiling.draft import Draft, NothingToDraftError, draft_source
from orchestration.profiling.write import draft_text


def _mapped(draft: Draft) -> dict[str, dict[str, str]]:
    """Entity → canonical column → header."""
    return {e.name: {c.name: c.headers[0] for c in e.columns if c.headers} for e in draft.entities}


def _headers(mapping: ColumnMapping) -> set[str]:
    named = {mapping.source_column} - {None} | set(re.findall(r'"([^"]+)"', mapping.sql or ""))
    return {name for name in named if name}


def _share_right(draft: Draft, source: str) -> float:
    """Share of the columns of our own profile that the draft takes from the same header of the same file."""
    profile, found = load_profile(SOURCES_DIR / f"{source}.yaml"), _mapped(draft)
    files = {entity.name: entity.table.name for entity in draft.entities}
    right = [
        files.get(name) in entity.files and found.get(name, {}).get(column) in _headers(mapping)
        for name, entity in profile.entities.items()
        for column, mapping in entity.columns.items()
        if _headers(mapping)
    ]
    return sum(right) / len(right)


def test_an_export_the_words_were_not_written_for_is_understood(draft: Draft) -> None:
    found = _mapped(draft)
    assert {name: {c: found[name].get(c) for c in columns} for name, columns in TRUTH.items()} == TRUTH
    beyond = {(name, c) for name, columns in found.items() for c in columns if c not in TRUTH[name]}
    assert beyond == {("appointments", "planned_start_at"), ("appointments", "planned_end_at")}


def test_titles_totals_dates_and_names_that_change_daily_are_seen(draft: Draft, profile: Path) -> None:
    data = yaml.safe_load(profile.read_text(encoding="utf-8"))
    visits = data["entities"]["appointments"]
    assert visits["file"] == "Приёмы_*.csv"
    assert visits["text"] == {"header_row": 3, "totals": "Итого"}
    assert visits["columns"]["planned_start_at"] == {
        "sql": """"Дата приёма" || ' ' || nullif("Время начала", '')""",
    }
    assert data["formats"]["timestamp"] == "%d.%m.%Y %H:%M"
    assert data["text"] == {"encoding": "cp1251", "delimiter": ";", "quote": '"', "decimal_mark": ","}
    assert data["delivery"] == "daily"
    assert {name: entity["mode"] for name, entity in data["entities"].items()} == {
        "clinics": "full",
        "employees": "full",
        "patients": "full",
        "services": "full",
        "appointments": "delta",
        "service_lines": "delta",
        "payments": "delta",
    }


def test_a_draft_loads_and_is_valid_by_the_schema(profile: Path) -> None:
    loaded, unmapped = inspect_profile(profile)
    assert (loaded.source, loaded.draft, unmapped) == ("other", True, [])
    data = yaml.safe_load(profile.read_text(encoding="utf-8"))
    assert list(Draft202012Validator(json_schemas()["source.schema.json"]).iter_errors(data)) == []


def test_no_run_takes_a_draft_until_a_person_has_deleted_its_line(profile: Path, tmp_path: Path) -> None:
    copy = tmp_path / "other.yaml"
    text = profile.read_text(encoding="utf-8")
    copy.write_text(text, encoding="utf-8")
    assert is_draft(copy) and load_profiles(tmp_path) == {}
    copy.write_text(re.sub("(?m)^draft: .*\n", "", text), encoding="utf-8")
    assert not is_draft(copy) and set(load_profiles(tmp_path)) == {"other"}


def test_no_personal_value_is_written_into_a_draft(profile: Path) -> None:
    text = profile.read_text(encoding="utf-8").casefold()
    assert [canary for canary in CANARIES if canary.casefold() in text] == []


def test_personal_columns_that_the_contract_has_no_place_for_are_ignored(profile: Path) -> None:
    text = profile.read_text(encoding="utf-8")
    assert yaml.safe_load(text)["entities"]["appointments"]["ignore"] == ["Пациент", "Комментарий администратора"]
    assert "      - Пациент  # personal: name" in text


def test_the_same_files_give_the_same_draft(export: Path, profile: Path) -> None:
    again = draft_text(draft_source("other", export), "../schemas/source.schema.json")
    assert again == profile.read_text(encoding="utf-8")


def test_one_day_leaves_the_modes_to_a_person(tmp_path: Path) -> None:
    first_day = min(write_export(tmp_path / "one").iterdir())
    text = draft_text(draft_source("one", first_day), "s")
    assert "# DECIDE: the mode of each entity, which one day cannot tell" in text
    assert comment_at(text, "delivery").startswith("DECIDE: ")


def test_what_cannot_be_read_is_said_and_the_rest_is_drafted(tmp_path: Path) -> None:
    day = min(write_export(tmp_path / "broken").iterdir())
    (day / "Касса.xlsx").write_bytes(b"no workbook")
    (day / "заметки.json").write_text("{", encoding="utf-8")
    draft = draft_source("broken", day)
    assert {Path(name).name for name in draft.export.unread} == {"Касса.xlsx", "заметки.json"}
    assert "# Files that could not be read:" in draft_text(draft, "s")
    assert "service_lines" in _mapped(draft)


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("hello")
    with pytest.raises(NothingToDraftError, match="holds no table that can be read"):
        draft_source("nothing", tmp_path)


def test_documents_are_drafted_by_paths(tmp_path: Path) -> None:
    visits = [
        {"id": f"V{n}", "patient": {"id": f"P{n}"}, "status": "completed", "start": f"2026-01-0{n}T10:00:00Z"}
        for n in range(1, 9)
    ]
    (tmp_path / "visits.ndjson").write_text("".join(f"{json.dumps(visit)}\n" for visit in visits), encoding="utf-8")
    columns = _mapped(draft_source("documents", tmp_path))["appointments"]
    assert columns["patient_id"] == "$.patient.id"
    assert columns["planned_start_at"] == "$.start"


@pytest.mark.parametrize("hidden", [False, True], ids=["by its names of files", "with its names of files hidden"])
def test_the_demo_is_understood(tmp_path: Path, hidden: bool) -> None:
    generate_demo(tmp_path / "demo", clinics=2, months=1)
    if hidden:
        paths = list((tmp_path / "demo").glob("*/*.*"))
        letters = dict(zip(sorted({path.name for path in paths}), string.ascii_lowercase, strict=True))
        for path in paths:
            path.rename(path.with_name(f"t{letters[path.name]}{path.suffix}"))
    draft = draft_source("demo", tmp_path / "demo")
    entities = load_profile(SOURCES_DIR / "demo_mis.yaml").entities
    found = _mapped(draft)
    assert set(found) == set(entities)
    right = [
        found[entity].get(column) == mapped.source_column
        for entity, mapping in entities.items()
        for column, mapped in mapping.columns.items()
    ]
    assert sum(right) / len(right) > 0.95


def test_public_data_are_understood_as_far_as_one_file_is_one_entity(shared_data: Path) -> None:
    outpatient = draft_source("outpatient", shared_data / "outpatient_medscheduler")
    assert _share_right(outpatient, "outpatient_medscheduler") == 1
    # Its charges, payments and services lie in one file, told apart by a column: that is for a person.
    synthea = draft_source("synthea", shared_data / "synthea_27")
    assert _share_right(synthea, "synthea") > 0.7
