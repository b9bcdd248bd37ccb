"""The command line, `triune`: thin commands over the same functions that Dagster calls."""

from __future__ import annotations

import sys

import click

from models.yaml_reader import DefinitionError
from orchestration.cli.demo import demo
from orchestration.cli.run import run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="triune", message="triune %(version)s")
def triune() -> None:
    """Raw clinic exports in; the Triune Profit Formula, staff KPI and exact incentive pay out."""


triune.add_command(run)
triune.add_command(demo)


def main() -> None:
    """Entry point: a mistake in a definition file or a setting is shown as one, without a traceback."""
    try:
        triune()
    except DefinitionError as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(2)
