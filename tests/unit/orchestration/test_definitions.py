"""The code location as a whole: it loads, nothing in it hangs in the air, and each source is a selection of it."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import dagster as dg
import pytest

from orchestration.assets.batches import batches_key
from orchestration.assets.payouts import LEDGER_KEY
from orchestration.assets.published import PUBLISHED_KEY
from orchestration.assets.raw import OPERATIONS_KEY, raw_key
from orchestration.definitions import PAYABLE_MODEL, build_definitions, source_selection
from orchestration.jobs import DAY_JOB
from orchestration.partitions import export_days
from orchestration.resources import NoObserver, Workspace


def _specs(definitions: dg.Definitions) -> dict[dg.AssetKey, dg.AssetSpec]:
    assets = [asset for asset in definitions.assets or [] if isinstance(asset, dg.AssetsDefinition)]
    return {spec.key: spec for asset in assets for spec in asset.specs}


def test_the_definitions_load(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_there_is_no_phantom_every_dependency_is_an_asset_of_ours(definitions: dg.Definitions) -> None:
    specs = _specs(definitions)
    dependencies = {dependency.asset_key for spec in specs.values() for dependency in spec.deps}
    assert dependencies - set(specs) == set()
    graph = definitions.resolve_asset_graph()
    assert set(graph.get_all_asset_keys()) == set(specs)
    assert set(graph.materializable_asset_keys) == set(specs)


def test_every_contract_is_a_raw_asset_with_the_sources_that_deliver_it(
    definitions: dg.Definitions, workspace: Workspace
) -> None:
    specs = _specs(definitions)
    for entity in workspace.contracts:
        delivering = {batches_key(name) for name, profile in workspace.profiles.items() if entity in profile.entities}
        assert {dependency.asset_key for dependency in specs[raw_key(entity)].deps} == delivering
    assert set(specs) >= {OPERATIONS_KEY, LEDGER_KEY, PUBLISHED_KEY}


def test_every_entity_of_a_source_has_one_check_that_blocks(definitions: dg.Definitions, workspace: Workspace) -> None:
    keys = definitions.resolve_asset_graph().asset_check_keys
    for source, profile in workspace.profiles.items():
        of_source = [key.name for key in keys if key.asset_key == batches_key(source)]
        assert sorted(of_source) == sorted(profile.entities)
    batches = [asset for asset in definitions.assets or [] if isinstance(asset, dg.AssetsDefinition)]
    blocking = {spec.key: spec.blocking for asset in batches for spec in asset.check_specs}
    entities = workspace.profiles["demo_mis"].entities
    assert all(blocking[dg.AssetCheckKey(batches_key("demo_mis"), entity)] for entity in entities)


def test_published_marts_hold_no_pay(definitions: dg.Definitions) -> None:
    names = {dependency.asset_key.path[-1] for dependency in _specs(definitions)[PUBLISHED_KEY].deps}
    assert {"mart_triune__clinic_day", "dim_clinic"} <= names
    assert not [name for name in names if "incentive" in name or "payout" in name]


def test_the_ledger_rests_on_the_payouts_of_dbt(definitions: dg.Definitions) -> None:
    (dependency,) = _specs(definitions)[LEDGER_KEY].deps
    assert dependency.asset_key.path[-1] == PAYABLE_MODEL


def test_groups_are_the_folders_of_dbt(definitions: dg.Definitions) -> None:
    groups = {key.path[-1]: spec.group_name for key, spec in _specs(definitions).items()}
    assert groups["stg_appointments"] == "staging"
    assert groups["mart_triune__clinic_day"] == "marts_triune"
    assert groups["fct_slots"] == "facts"


def _dbt_checks(definitions: dg.Definitions, workspace: Workspace) -> set[str]:
    batches = {batches_key(source) for source in workspace.profiles}
    return {key.name for key in definitions.resolve_asset_graph().asset_check_keys if key.asset_key not in batches}


def _dbt_tests(workspace: Workspace, *, guards: bool) -> set[str]:
    manifest = json.loads((workspace.settings.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    return {test["name"] for test in tests if bool(test["config"]["meta"].get("guard")) == guards}


def test_of_the_tests_of_dbt_only_the_guards_are_checks(definitions: dg.Definitions, workspace: Workspace) -> None:
    assert _dbt_tests(workspace, guards=False)
    assert not _dbt_checks(definitions, workspace) & _dbt_tests(workspace, guards=False)


def test_every_guard_of_dbt_is_a_check(definitions: dg.Definitions, workspace: Workspace) -> None:
    assert _dbt_tests(workspace, guards=True) <= _dbt_checks(definitions, workspace)


def test_one_run_at_a_time_writes_to_the_warehouse(definitions: dg.Definitions) -> None:
    for asset in definitions.assets or []:
        assert isinstance(asset, dg.AssetsDefinition)
        assert {operation.pool for operation in asset.node_def.iterate_op_defs()} == {"duckdb"}


def test_the_job_has_the_export_days_from_the_first_one_to_today(
    definitions: dg.Definitions, workspace: Workspace
) -> None:
    job = definitions.resolve_job_def(DAY_JOB)
    assert job.partitions_def == export_days(workspace.settings.first_day)
    now = datetime(2026, 1, 10, 12)
    keys = export_days(date(2026, 1, 1)).get_partition_keys(current_time=now)
    assert (keys[0], keys[-1], len(keys)) == ("2026-01-01", "2026-01-10", 10)


def test_a_source_is_run_without_the_others(definitions: dg.Definitions, workspace: Workspace) -> None:
    graph = definitions.resolve_asset_graph()
    for source in workspace.profiles:
        selected = source_selection(workspace, source).resolve(graph)
        others = {batches_key(name) for name in workspace.profiles} - {batches_key(source)}
        assert selected == set(graph.get_all_asset_keys()) - others


def test_resources_can_be_replaced(workspace: Workspace, definitions: dg.Definitions) -> None:
    class Watcher(NoObserver):
        pass

    watcher = Watcher()
    replaced = build_definitions(workspace, {"observer": watcher})
    assert (replaced.resources or {})["observer"] is watcher
    assert isinstance((definitions.resources or {})["observer"], NoObserver)
    assert (replaced.resources or {})["workspace"] is workspace


def test_the_nightly_schedule_runs_yesterday(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    schedule = definitions.resolve_schedule_def("nightly")
    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=datetime(2026, 3, 1, 4).astimezone(),
        repository_def=definitions.get_repository_def(),
    )
    (request,) = schedule.evaluate_tick(context).run_requests or []
    yesterday = str((datetime(2026, 3, 1, 4) - timedelta(days=1)).date())
    assert (request.run_key, request.partition_key) == (yesterday, yesterday)
    assert schedule.job_name == DAY_JOB
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_every_source_has_a_sensor_of_its_own(definitions: dg.Definitions, workspace: Workspace) -> None:
    names = {sensor.name for sensor in definitions.sensors or []}
    assert names == {f"landing_{source}" for source in workspace.profiles}


@pytest.mark.parametrize("source", ["demo_mis", "synthea"])
def test_a_sensor_starts_the_day_job(definitions: dg.Definitions, source: str) -> None:
    assert definitions.resolve_sensor_def(f"landing_{source}").job_name == DAY_JOB
