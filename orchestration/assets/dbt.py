"""Layer 3: every dbt model as an asset; asset groups are the dbt folders. dbt runs as a process of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, DbtProject, dbt_assets

from models.schemes import Scheme, write_scheme_tables
from orchestration.assets.raw import OPERATIONS_KEY
from orchestration.dbt_project import failed_nodes
from orchestration.ingest.loading.records import forget_touched_days, last_load_id
from orchestration.ingest.loading.warehouse import open_warehouse
from orchestration.resources import Observer, Workspace, observed

BUILD = "dbt"
# Unit tests say whether the SQL is right, not the day: `make test` runs them.
_BUILD = ["build", "--exclude-resource-type", "unit_test"]
# dbt sources that the pipeline writes itself rather than from an entity's batch.
_PIPELINE_SOURCES = {"ops", "schemes"}


class TriuneTranslator(DagsterDbtTranslator):
    """Groups by folder. Of the dbt tests only the guards become asset checks; dbt runs all of them anyway."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props.get("source_name") in _PIPELINE_SOURCES:
            return OPERATIONS_KEY
        return super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        folders = dbt_resource_props["fqn"][1:-1]
        return "_".join(folders) or f"{dbt_resource_props['resource_type']}s"

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        if not manifest["nodes"][unique_id]["config"]["meta"].get("guard"):
            return None
        return super().get_asset_check_spec(asset_spec, manifest, unique_id, project)


def build_dbt(project: DbtProject) -> dg.AssetsDefinition:
    """The step that runs `dbt build` on what the loader has touched."""

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="dbt_build",
        dagster_dbt_translator=TriuneTranslator(),
        pool="duckdb",
    )
    def dbt_build(
        context: dg.AssetExecutionContext,
        dbt: DbtCliResource,
        workspace: dg.ResourceParam[Workspace],
        observer: dg.ResourceParam[Observer],
    ) -> Iterator[Any]:
        warehouse = workspace.settings.warehouse
        with observed(observer, BUILD):
            with open_warehouse(warehouse) as connection:
                load_id = last_load_id(connection)
                _write_parameters(connection, workspace.schemes)
            invocation = dbt.cli(
                _BUILD, context=context, target_path=workspace.settings.dbt_target, raise_on_error=False
            )
            for event in invocation.stream():
                if isinstance(event, dg.Output | dg.AssetMaterialization | dg.MaterializeResult):
                    observer.saw(BUILD, _model_name(event))
                yield event
            if not invocation.is_successful():
                raise dg.Failure("\n".join(failed_nodes(workspace.settings)), allow_retries=False)
            with open_warehouse(warehouse) as connection:
                forget_touched_days(connection, load_id)

    return dbt_build


def _write_parameters(connection: Any, schemes: list[Scheme]) -> None:
    write_scheme_tables(connection, schemes)


def _model_name(event: Any) -> str:
    key = getattr(event, "asset_key", None)
    return key.path[-1] if key else getattr(event, "output_name", "")
