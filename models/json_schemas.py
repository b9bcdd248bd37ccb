"""JSON Schemas of the YAML files, made from their typed readers: editors complete and check by them.

`python -m models.json_schemas` writes them to `schemas/`; a test says when that has been forgotten.
"""

from __future__ import annotations

import inspect
import json
import re
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from models import contracts, file_terms, metric_terms, scheme_terms, source_terms, sources, synonyms, targets
from models.contracts import Contract, load_contracts

SCHEMAS_DIR = Path(__file__).parent / "schemas"
_MODULES = (sources, source_terms, file_terms, contracts, metric_terms, scheme_terms, synonyms, targets)
_COMMENT = re.compile(r"^ {4}# (.*)$")
_MEMBER = re.compile(r'^ {4}(?P<name>\w+)(?:: | = ")(?:.*?alias="(?P<alias>\w+)")?.*?(?:  # (?P<comment>.+))?$')
# Where a single text stands for a list of one, or for a mapping: the readers expand it.
_LISTS = {
    "TextFormat": ["totals", "number_words"],
    "Formats": ["date", "timestamp", "time"],
    "ColumnMapping": ["format", "hash"],
}
# Keys of an entity that its parts share.
_OF_WHOLE_ENTITIES = ("mode", "window", "parts")

Schema = dict[str, Any]


def json_schemas() -> dict[str, Schema]:
    """File name → schema."""
    return {
        "source.schema.json": _source_schema(),
        "contract.schema.json": _schema(Contract),
        "scheme.schema.json": _schema(scheme_terms.Scheme),
        "metrics.schema.json": _schema(metric_terms.Domain),
        "parameters.schema.json": _schema(metric_terms.Parameters),
        "trees.schema.json": _schema(metric_terms.Trees),
        "synonyms.schema.json": _schema(synonyms.Synonyms),
        "targets.schema.json": _schema(targets.Targets),
    }


def as_text(schema: Schema) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def write_schemas(folder: Path = SCHEMAS_DIR) -> None:
    folder.mkdir(exist_ok=True)
    for name, schema in json_schemas().items():
        (folder / name).write_text(as_text(schema), encoding="utf-8")


def _schema(model: type[BaseModel]) -> Schema:
    """Pydantic's schema, with the comments of the code as descriptions."""
    schema: Schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema()
    for name, part in [(model.__name__, schema), *schema.get("$defs", {}).items()]:
        _describe(name, part)
    return schema


def _source_schema() -> Schema:
    """The schema of profiles, with the entities and columns of the contracts, and the short forms that readers take."""
    schema = _schema(sources.Profile)
    parts: dict[str, Schema] = schema["$defs"]
    for part, fields in _LISTS.items():
        for field in fields:
            _accept(parts[part]["properties"], field, {"type": "string"})
    _accept(parts["EntityMapping"]["properties"], "file", {"type": "string"})
    _accept(parts["EntityMapping"]["properties"], "fill_down", {"type": "array", "items": {"type": "string"}})
    _accept(parts["Unpivot"]["properties"], "columns", {"type": "array", "items": {"type": "string"}})
    _accept(schema["properties"], "time_zone", {"type": "string"})
    entity = parts["EntityMapping"]
    of_part = {key: value for key, value in _shared(entity).items() if key not in _OF_WHOLE_ENTITIES}
    parts["EntityPart"] |= {"properties": of_part | {"columns": {"type": "object"}}, "additionalProperties": False}
    for name, contract in load_contracts().items():
        parts[f"columns_{name}"] = _columns_schema(contract)
        parts[f"entity_{name}"] = _entity_schema(entity, contract)
    schema["properties"]["entities"] = {
        "type": "object",
        "description": "Canonical entity → how files of the export become it.",
        "properties": {name: {"$ref": f"#/$defs/entity_{name}"} for name in load_contracts()},
        "additionalProperties": False,
    }
    return schema


def _entity_schema(entity: Schema, contract: Contract) -> Schema:
    columns = {"columns": {"$ref": f"#/$defs/columns_{contract.entity}"}}
    part: Schema = {"allOf": [{"$ref": "#/$defs/EntityPart"}], "properties": columns}
    own = entity["properties"]["parts"]
    return entity | {
        "title": contract.entity,
        "description": f"{contract.grain[:1].upper()}{contract.grain[1:]}; key: {', '.join(contract.key)}.",
        "properties": _shared(entity) | columns | {"parts": own | {"items": part}},
        "required": [name for name in entity["required"] if name != "columns"],
        "anyOf": [{"required": ["columns"]}, {"required": ["parts"]}],
    }


def _shared(entity: Schema) -> dict[str, Schema]:
    """The properties of an entity, each written once for all of them."""
    return {name: {"$ref": f"#/$defs/EntityMapping/properties/{name}"} for name in entity["properties"]}


def _columns_schema(contract: Contract) -> Schema:
    return {
        "type": "object",
        "description": "Canonical column → column of the file, or more about it.",
        "properties": {name: _column_schema(column) for name, column in contract.columns.items()},
        "additionalProperties": False,
    }


def _column_schema(column: contracts.Column) -> Schema:
    """What may be mapped to a column; of a coded one the codes complete."""
    said = [column.description, f"({column.type}{', required' if column.required else ''})"]
    mapping: Schema = {"$ref": "#/$defs/ColumnMapping"}
    if column.codes:
        code = {"enum": list(column.codes)}
        values = {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": code}, {"type": "null"}]}
        mapping = {"allOf": [mapping, {"properties": {"constant": code, "otherwise": code, "values": values}}]}
        said.append("Codes: " + "; ".join(f"{name}: {meaning}" for name, meaning in column.codes.items()))
    return {"description": " ".join(said), "anyOf": [{"type": "string", "description": "Its header."}, mapping]}


def _accept(properties: dict[str, Schema], name: str, short: Schema) -> None:
    """Lets a property have a short form."""
    full = properties[name]
    outer = {key: full.pop(key) for key in ("description", "default", "title") if key in full}
    properties[name] = {**outer, "anyOf": [short, *full.get("anyOf", [full])]}


def _describe(name: str, schema: Schema) -> None:
    """Puts the comments beside fields and members of the class `name` into its schema."""
    found = next((getattr(module, name) for module in _MODULES if hasattr(module, name)), None)
    if found is None:
        return
    comments = _comments(found)
    if issubclass(found, Enum):
        if lines := [f"{value}: {comments[value]}" for value in schema.get("enum", []) if value in comments]:
            schema["description"] = " ".join([schema.get("description", ""), "; ".join(lines)]).strip()
        return
    for field, part in schema.get("properties", {}).items():
        if field in comments:
            part.setdefault("description", comments[field])


def _comments(found: type) -> dict[str, str]:
    """Field (by its name in YAML) or value of an enumeration → the comment above it or behind it."""
    comments: dict[str, str] = {}
    above: list[str] = []
    for line in inspect.getsource(found).splitlines():
        if comment := _COMMENT.match(line):
            above.append(comment.group(1))
            continue
        if member := _MEMBER.match(line):
            text = member["comment"] or " ".join(above)
            name = found[member["name"]].value if issubclass(found, Enum) else member["alias"] or member["name"]
            if text:
                comments[name] = text
        above = []
    return comments


if __name__ == "__main__":
    write_schemas()
