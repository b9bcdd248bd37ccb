"""The JSON Schemas: as the readers are, and every YAML file of ours is valid by them and tells its editor so."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from models.contracts import load_contracts
from models.json_schemas import SCHEMAS_DIR, as_text, json_schemas

_MODELS = SCHEMAS_DIR.parent
_KINDS = {"contracts": "contract", "sources": "source", "schemes": "scheme", "targets": "targets"}
_FIXTURE = Path(__file__).parents[2] / "fixtures" / "article.yaml"


def _files() -> Iterator[tuple[Path, str]]:
    for folder, kind in _KINDS.items():
        yield from ((path, f"{kind}.schema.json") for path in sorted((_MODELS / folder).glob("*.yaml")))
    yield _MODELS / "synonyms.yaml", "synonyms.schema.json"


def _data(path: Path) -> Any:
    return _with_texts_for_dates(yaml.safe_load(path.read_text(encoding="utf-8")))


def _with_texts_for_dates(value: Any) -> Any:
    """JSON has no dates."""
    if isinstance(value, dict):
        return {str(key): _with_texts_for_dates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_texts_for_dates(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _mistakes(data: Any, schema: str) -> list[str]:
    known = json.loads((SCHEMAS_DIR / schema).read_text(encoding="utf-8"))
    return [error.message for error in jsonschema.Draft202012Validator(known).iter_errors(data)]


@pytest.mark.parametrize("name", list(json_schemas()))
def test_a_schema_is_as_its_reader_is(name: str) -> None:
    written = (SCHEMAS_DIR / name).read_text(encoding="utf-8")
    assert written == as_text(json_schemas()[name]), "the readers have changed: run `make schemas`"
    jsonschema.Draft202012Validator.check_schema(json.loads(written))


@pytest.mark.parametrize(
    ("path", "schema"), list(_files()), ids=lambda value: value.name if isinstance(value, Path) else ""
)
def test_each_yaml_file_is_valid_and_names_its_schema(path: Path, schema: str) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.partition("=")[2]).resolve() == SCHEMAS_DIR / schema
    assert _mistakes(_data(path), schema) == []


def test_a_profile_outside_of_the_models_is_valid_too() -> None:
    assert _mistakes(_data(_FIXTURE), "source.schema.json") == []


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("delivery",), "weekly"),
        (("colour",), "red"),
        (("text", "delimiter"), ";;"),
        (("entities", "appointment"), {}),
        (("entities", "appointments", "mode"), "all"),
        (("entities", "appointments", "columns", "doctor"), "Врач"),
        (("entities", "appointments", "columns", "status", "values"), {"Был": "came"}),
        (("entities", "appointments", "columns", "status"), {"constant": "came"}),
        (("entities", "appointments", "columns", "slot_id"), {"form": "Слот"}),
    ],
)
def test_what_the_reader_refuses_is_underlined(at: tuple[str, ...], value: Any) -> None:
    profile = copy.deepcopy(_data(_MODELS / "sources" / "demo_mis.yaml"))
    parent = profile
    for key in at[:-1]:
        parent = parent[key]
    parent[at[-1]] = value
    assert _mistakes(profile, "source.schema.json")


def test_columns_and_codes_of_each_entity_complete_with_what_they_mean() -> None:
    schema = json_schemas()["source.schema.json"]
    for name, contract in load_contracts().items():
        assert schema["$defs"][f"entity_{name}"]["properties"]["columns"]["$ref"] == f"#/$defs/columns_{name}"
        columns = schema["$defs"][f"columns_{name}"]["properties"]
        assert list(columns) == list(contract.columns)
        assert all(contract.columns[column].description in columns[column]["description"] for column in columns)
    status = schema["$defs"]["columns_appointments"]["properties"]["status"]
    assert "no_show: The patient did not come" in status["description"]


def test_the_comment_above_a_field_is_its_description() -> None:
    profile = json_schemas()["source.schema.json"]
    assert profile["properties"]["draft"]["description"] == "A draft is checked and sampled, but no run takes it."
    assert "daily: a day without an export is an error" in profile["$defs"]["Delivery"]["description"]
