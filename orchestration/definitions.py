"""The code location: what `dg` and `triune run` load. `build_definitions` takes overrides, for tests."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, get_asset_key_for_model

from expectations.overrides import refuse_mistaken_checks
from models.contracts import load_contracts
from models.schemes import load_schemes
from models.sources import SOURCES_DIR, load_profiles
from orchestration.assets.batches import batches_key, build_batches
from orchestration.assets.dbt import build_dbt
from orchestration.assets.payouts import build_payouts
from orchestration.assets.published import build_published
from orchestration.assets.raw import build_raw
from orchestration.dbt_project import PROJECT_DIR, dbt_executable, dbt_project
from orchestration.jobs import build_day_job
from orchestration.partitions import export_days
from orchestration.resources import NoObserver, Workspace
from orchestration.schedules import build_schedule
from orchestration.sensors import build_alert_sensor, build_landing_sensor
from orchestration.settings import Settings, load_settings, prepare_process

PAYABLE_MODEL = "mart_incentives__payouts"


def load_workspace(settings: Settings) -> Workspace:
    """Reads every business definition.

    Raises:
        DefinitionError: a contract, profile or scheme is wrong; says where.
    """
    profiles = load_profiles()
    for source, profile in profiles.items():
        refuse_mistaken_checks(profile, SOURCES_DIR / f"{source}.yaml")
    return Workspace(settings, load_contracts(), profiles, load_schemes())


def build_definitions(workspace: Workspace, resources: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Assets, the day job, its schedule and sensors. `resources` replace those of the same name."""
    # Single-run backfills are "beta" in Dagster; we pin the version and test them.
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    days = export_days(workspace.settings.first_day)
    project = dbt_project(workspace.settings)
    batches = [build_batches(profile, days) for profile in workspace.profiles.values()]
    raw = build_raw(workspace)
    dbt = build_dbt(project)
    payouts = build_payouts(get_asset_key_for_model([dbt], PAYABLE_MODEL))
    published = build_published(_published_models(dbt))
    job = build_day_job()
    sensors = [
        build_landing_sensor(profile, source_selection(workspace, source))
        for source, profile in workspace.profiles.items()
        if profile.database is None
    ]
    return dg.Definitions(
        assets=[*batches, raw, dbt, payouts, published],
        jobs=[job],
        schedules=[build_schedule()],
        sensors=[*sensors, build_alert_sensor(workspace.settings)],
        resources={
            "workspace": workspace,
            "observer": NoObserver(),
            "dbt": _dbt_resource(project),
            **(resources or {}),
        },
    )


def source_selection(workspace: Workspace, source: str) -> dg.AssetSelection:
    """The assets of the day that one source needs: its own batches and every layer behind them."""
    others = [batches_key(name) for name in workspace.profiles if name != source]
    return dg.AssetSelection.all() - dg.AssetSelection.assets(*others)


def _published_models(dbt: dg.AssetsDefinition) -> list[dg.AssetKey]:
    return [key for key in dbt.keys if key.path[-1].startswith(("mart_", "dim_")) and "incentives" not in key.path[-1]]


def _dbt_resource(project: DbtProject) -> DbtCliResource:
    return DbtCliResource(project_dir=project, profiles_dir=str(PROJECT_DIR), dbt_executable=dbt_executable())


@dg.definitions
def defs() -> dg.Definitions:
    """Definitions for this process's environment; made when they are loaded, not when this module is imported."""
    settings = load_settings()
    prepare_process(settings)
    return build_definitions(load_workspace(settings))
