"""Rules of the dbt project that its manifest and the built tables can prove."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tricky_build import Built

from models.contracts import load_contracts
from models.metrics import load_catalogue
from models.row_keys import row_key
from orchestration.ingest.loading.renames import renamed_columns

Node = dict[str, Any]
# Columns that say whose figures a row holds, and of when; a domain adds its own (`keys`).
KEYS = {
    *("source_id", "currency", "clinic_id", "resource_id", "local_date"),
    *("scope_id", "scope_kind", "specialty", "employee_id", "period_kind", "period_start", "period_end", "is_complete"),
}
# What the loader notes of a row; it would make a figure depend on when it was loaded.
LOADERS = {"_load_id", "loaded_at", "updated_at", "export_date"}
# Marts that tell about figures, and those that hold figures of other marts as rows.
ABOUT_METRICS = {
    *("mart_triune__assumptions", "mart_triune__metrics", "mart_triune__not_available"),
    *("mart_triune__targets", "mart_kpi__values"),
}
RENAMED = {
    ("appointments", "status"): "appointment_status",
    ("invoices", "status"): "invoice_status",
    ("payments", "status"): "payment_status",
    ("plan_items", "position"): "item_position",
    ("service_lines", "status"): "line_status",
    ("services", "stage"): "service_stage",
    ("stays", "status"): "stay_status",
    ("treatment_plans", "status"): "plan_status",
}


@pytest.fixture(scope="module")
def models(built: Built) -> dict[str, Node]:
    nodes = built.manifest["nodes"].values()
    return {str(node["name"]): node for node in nodes if node["resource_type"] == "model"}


def layer(model: Node) -> str:
    return str(model["fqn"][1])


def test_each_layer_reads_only_the_layers_below_it(models: dict[str, Node]) -> None:
    allowed = {
        "staging": {"source.raw", "source.ops"},
        "dimensions": {"staging", "intermediate"},
        "facts": {"staging", "dimensions", "facts", "intermediate", "source.ops"},
        "intermediate": {"facts", "dimensions", "intermediate", "source.ops", "seed"},
        "marts": {"facts", "dimensions", "intermediate", "marts", "seed", "source.schemes"},
    }
    layers = {model["unique_id"]: layer(model) for model in models.values()}
    offences = []
    for name, model in models.items():
        for parent in model["depends_on"]["nodes"]:
            kind = parent.split(".")[0]
            read = layers[parent] if kind == "model" else f"source.{parent.split('.')[2]}" if kind == "source" else kind
            if read not in allowed[layer(model)]:
                offences.append((name, parent))
    assert offences == []


def test_what_is_published_has_enforced_contracts_and_every_column_is_described(models: dict[str, Node]) -> None:
    for name, model in models.items():
        assert model["description"], name
        assert [column for column, about in model["columns"].items() if not about["description"]] == [], name
        if model["schema"] in ("marts", "dimensions"):
            assert model["contract"]["enforced"], name


def test_described_columns_are_the_columns_of_the_built_tables(built: Built, models: dict[str, Node]) -> None:
    built_columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in built.warehouse.query(
        "select table_schema, table_name, column_name from information_schema.columns order by ordinal_position"
    ):
        built_columns.setdefault((schema, table), []).append(column)
    for name, model in models.items():
        if model["schema"] != "incentives":
            assert sorted(built_columns[model["schema"], name]) == sorted(model["columns"]), name


def test_staging_holds_every_column_of_the_contracts(models: dict[str, Node]) -> None:
    for entity, contract in load_contracts().items():
        stored = {RENAMED.get((entity, column), column) for column in contract.stored_columns}
        staged = set(models[f"stg_{entity}"]["columns"])
        assert stored | {"source_id", "export_file", "export_row", "export_date"} == staged, entity


def test_staging_puts_surviving_ids_wherever_a_contract_names_an_id_that_may_change(models: dict[str, Node]) -> None:
    for entity, contract in load_contracts().items():
        sql = str(models[f"stg_{entity}"]["compiled_code"])
        found = dict(re.findall(r"of_(\w+)\.entity = '(\w+)'", sql))
        assert found == renamed_columns(contract), entity


def test_staging_and_the_loader_write_the_same_text_for_a_key(models: dict[str, Node]) -> None:
    for entity, contract in load_contracts().items():
        sql = " ".join(str(models[f"stg_{entity}"]["compiled_code"]).split())
        if not set(renamed_columns(contract)) & set(contract.key):
            assert row_key(contract, "latest") in sql.replace("as TEXT)", "as varchar)"), entity


def test_no_number_is_floating_point_and_nothing_says_when_it_was_loaded(built: Built) -> None:
    columns = built.warehouse.query(
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
        " where table_schema in ('facts', 'dimensions', 'intermediate', 'marts')"
    )
    assert len(columns) > 300
    assert [column for column in columns if column[3] in ("DOUBLE", "FLOAT", "HUGEINT")] == []
    assert [column for column in columns if column[2] in LOADERS] == []


def test_no_model_divides_in_floating_point(models: dict[str, Node]) -> None:
    checked = 0
    for name, model in models.items():
        sql = re.sub(r"--[^\n]*", "", str(model.get("compiled_code") or ""))
        checked += bool(sql)
        assert not re.search(r"(?<!/)/(?!/)|\bavg\s*\(|\bdouble\b|\bfloat\b", sql.lower()), name
    assert checked > 50


def test_published_tables_name_no_patient_and_no_pay(built: Built) -> None:
    columns = built.warehouse.query(
        "select table_name, column_name from information_schema.columns where table_schema in ('dimensions', 'marts')"
    )
    assert [column for column in columns if column[1] == "patient_id" or "salary" in column[1]] == []


def test_every_metric_has_a_column_and_every_column_of_a_mart_is_a_metric_or_a_key(models: dict[str, Node]) -> None:
    catalogue = load_catalogue()
    marts = {name: model for name, model in models.items() if model["schema"] == "marts" and name not in ABOUT_METRICS}
    assert set(marts) == set(catalogue.domain_of_mart)
    for name, model in marts.items():
        shown = set(catalogue.metrics_of(name))
        assert shown - set(model["columns"]) == set(), name
        keys = KEYS | set(catalogue.domains[catalogue.domain_of_mart[name]].keys)
        assert set(model["columns"]) - shown <= keys, name


def test_a_unit_test_pins_the_parameters_its_model_reads_so_that_a_clinic_may_change_them(built: Built) -> None:
    pinned = 0
    for test in built.manifest["unit_tests"].values():
        sql = built.manifest["nodes"][f"model.triune.{test['model']}"]["raw_code"]
        read = set(re.findall(r"\b(?:var|listed)\('(\w+)'", sql))
        assert read <= set(((test.get("overrides") or {}).get("vars")) or {}), test["name"]
        pinned += bool(read)
    assert pinned > 20


def test_tests_that_guard_are_marked_for_the_asset_checks(built: Built) -> None:
    tests = [node for node in built.manifest["nodes"].values() if node["resource_type"] == "test"]
    guards = {node["name"] for node in tests if node["config"]["meta"].get("guard")}
    identities = {node["name"] for node in tests if "identity" in node["tags"]}
    assert len(identities) >= 5 and identities <= guards
    assert "unique_key_fct_service_lines_service_line_id" in guards
