"""The command line, `triune`: thin commands over the same functions that Dagster calls."""

from __future__ import annotations

import sys

import click

from models.yaml_reader import DefinitionError
from orchestration.cli.alert import alert
from orchestration.cli.bridge import bridge_command, what_if_command
from orchestration.cli.checks import checks
from orchestration.cli.demo import demo
from orchestration.cli.privacy import privacy
from orchestration.cli.quarantine import quarantine
from orchestration.cli.run import run
from orchestration.cli.source import source
from orchestration.dbt_project import DbtProjectError
from orchestration.ingest.loading.warehouse import WarehouseAwayError
from orchestration.settings import SettingsError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="triune", message="triune %(version)s")
def triune() -> None:
    """Raw clinic exports in; the Triune Profit Formula, staff KPI and exact incentive pay out."""


triune.add_command(run)
triune.add_command(demo)
triune.add_command(checks)
triune.add_command(quarantine)
triune.add_command(privacy)
triune.add_command(alert)
triune.add_command(source)
triune.add_command(bridge_command)
triune.add_command(what_if_command)


def main() -> None:
    """Entry point: a mistake in a definition, model or setting, or a warehouse in use, is told without a traceback."""
    try:
        triune()
    except (DefinitionError, DbtProjectError, SettingsError, WarehouseAwayError) as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(2)
