"""The export contracts: all of ours load, and a contract that names what is not there is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.contracts import CONTRACTS_DIR, Contract, Privacy, load_contracts, year_column
from models.yaml_reader import DefinitionError

_CLINICS = """\
entity: clinics
grain: one clinic
kind: reference
key: [clinic_id]
columns:
  clinic_id: {type: string, required: true, description: Id.}
"""
_VISITS = """\
entity: visits
grain: one visit
kind: fact
key: [visit_id]
day: visit_date
columns:
  visit_id: {type: string, required: true, description: Id.}
  clinic_id: {type: string, references: clinics, description: Clinic.}
  visit_date: {type: date, description: Day.}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "clinics.yaml").write_text(_CLINICS, encoding="utf-8")
    (tmp_path / "visits.yaml").write_text(_VISITS, encoding="utf-8")
    return tmp_path


def _refusal(folder: Path, old: str, new: str, name: str = "visits.yaml") -> str:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_contracts(folder)
    return str(caught.value).removeprefix(str(folder) + "/")


def test_every_contract_of_the_repository_loads() -> None:
    contracts = load_contracts()
    assert list(contracts) == sorted(path.stem for path in CONTRACTS_DIR.glob("*.yaml"))
    assert len(contracts) >= 26


def test_every_key_of_a_contract_is_a_required_column_that_is_stored() -> None:
    for contract in load_contracts().values():
        assert contract.key
        for name in contract.key:
            assert contract.columns[name].required, f"{contract.entity}.{name}"
            assert name in contract.stored_columns


def test_every_day_of_a_contract_is_a_date_or_a_moment() -> None:
    types = {contract.columns[contract.day].type.value for contract in load_contracts().values() if contract.day}
    assert types == {"date", "timestamp"}


def test_clean_contracts_load(folder: Path) -> None:
    assert list(load_contracts(folder)) == ["clinics", "visits"]


@pytest.mark.parametrize(("old", "new"), [("key: [visit_id]", "key: [visit]"), ("day: visit_date", "day: visit")])
def test_a_key_or_day_that_is_no_column_is_refused(folder: Path, old: str, new: str) -> None:
    assert "'visit' is named as key or day but is not a column" in _refusal(folder, old, new)


def test_a_reference_to_an_unknown_contract_is_refused_with_its_line(folder: Path) -> None:
    refusal = _refusal(folder, "references: clinics", "references: clinic")
    assert refusal == "visits.yaml:8: columns.clinic_id.references: there is no contract 'clinic'"


def test_a_file_that_is_not_named_after_its_entity_is_refused(folder: Path) -> None:
    refusal = _refusal(folder, "entity: visits", "entity: visit")
    assert refusal == "visits.yaml:1: entity: the file is named visits.yaml, so the entity must be 'visits'"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("type: date", "type: day", "columns.visit_date.type"),
        ("kind: fact", "kind: event", "kind"),
        ("description: Day.", "description: Day., privacy: hide", "columns.visit_date.privacy"),
        ("grain: one visit", "grains: one visit", "grains"),
    ],
)
def test_a_word_that_contracts_do_not_know_is_refused(folder: Path, old: str, new: str, key: str) -> None:
    assert f": {key}: " in _refusal(folder, old, new)


def test_each_privacy_decides_what_is_stored() -> None:
    columns = {
        "patient_id": {"type": "string", "privacy": "pseudonymise", "description": "."},
        "phone": {"type": "string", "privacy": "drop", "description": "."},
        "birth_date": {"type": "date", "privacy": "year", "description": "."},
        "paid": {"type": "amount", "description": "."},
        "units": {"type": "quantity", "description": "."},
        "is_paid": {"type": "boolean", "description": "."},
        "opens_at": {"type": "time", "description": "."},
        "paid_at": {"type": "timestamp", "description": "."},
        "paid_on": {"type": "date", "description": "."},
        "visits": {"type": "integer", "description": "."},
    }
    contract = Contract.model_validate(
        {"entity": "e", "grain": "g", "kind": "fact", "key": ["patient_id"], "columns": columns}
    )
    assert contract.stored_columns == {
        "patient_id": "VARCHAR",
        "birth_year": "BIGINT",
        "paid": "DECIMAL(18,2)",
        "units": "DECIMAL(18,4)",
        "is_paid": "BOOLEAN",
        "opens_at": "TIME",
        "paid_at": "TIMESTAMP",
        "paid_on": "DATE",
        "visits": "BIGINT",
    }
    assert list(contract.stored_columns)[:3] == ["patient_id", "birth_year", "paid"]


def test_the_year_column_is_named_after_the_date() -> None:
    assert year_column("birth_date") == "birth_year"
    assert year_column("born") == "born_year"


def test_a_text_that_is_not_classified_is_refused(folder: Path) -> None:
    refusal = _refusal(folder, "  visit_date:", "  remark: {type: string, description: Anything.}\n  visit_date:")
    assert refusal.startswith("visits.yaml:9: columns.remark: say what this text is: an id")


@pytest.mark.parametrize("kind", ["privacy: drop", "label: true", "codes: {a: A.}"])
def test_a_text_is_classified_by(folder: Path, kind: str) -> None:
    path = folder / "visits.yaml"
    text = path.read_text(encoding="utf-8") + f"  remark: {{type: string, {kind}, description: Some text.}}\n"
    path.write_text(text, encoding="utf-8")
    assert "remark" in load_contracts(folder)["visits"].columns


# Words in the name of a column that speak of a person; `_name` may also be that of a thing.
_PERSONAL = re.compile(r"phone|mail|address|document|passport|snils|policy|birth|note|comment|remark|person|_name$")
_NAMES_OF_THINGS = {"clinic_name", "resource_name", "service_name"}


def test_every_column_that_may_tell_of_a_person_has_its_privacy() -> None:
    telling = {
        (contract.entity, name): column
        for contract in load_contracts().values()
        for name, column in contract.columns.items()
        if _PERSONAL.search(name) and name not in _NAMES_OF_THINGS
    }
    assert {key for key, column in telling.items() if column.privacy is None} == set()
    assert {("patients", "phone"), ("employees", "employee_name"), ("leads", "note")} <= telling.keys()


def test_every_id_of_a_patient_is_a_pseudonym() -> None:
    for contract in load_contracts().values():
        for name, column in contract.columns.items():
            if ("patient" in name and name.endswith("_id")) or column.references == "patients":
                assert column.privacy is Privacy.PSEUDONYMISE, f"{contract.entity}.{name}"
