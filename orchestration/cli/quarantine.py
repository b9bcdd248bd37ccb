"""`triune quarantine`: what was put aside and why, and another try after the file or the profile was mended."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import duckdb
from rich.console import Console
from rich.control import strip_control_codes
from rich.markup import escape
from rich.padding import Padding

from orchestration.cli.run import wide_console
from orchestration.ingest.loading.warehouse import open_warehouse
from orchestration.ingest.quarantine import (
    QuarantinedRow,
    Reason,
    Selection,
    as_plain,
    count_rows,
    days_to_retry,
    export_rows,
    reasons,
    rows,
)
from orchestration.settings import load_settings, prepare_process

if TYPE_CHECKING:
    from datetime import date

    from orchestration.resources import Workspace

Command = Callable[..., Any]


@click.group()
def quarantine() -> None:
    """Rows that were put aside, and why. Values of personal columns are never shown."""


def _selected(command: Command) -> Command:
    """Options that choose rows; the command gets a `Selection`."""

    def run(source: str | None, entity: str | None, rule: str | None, **others: Any) -> None:
        command(Selection(source, entity, rule), **others)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__dict__.update(command.__dict__)
    for name, what in (("rule", "broken rule, as `list` names it"), ("entity", "entity"), ("source", "source")):
        run = click.option(f"--{name}", help=f"Only this {what}.")(run)
    return run


_as_json = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document.")


@quarantine.command("list")
@_selected
@_as_json
def list_reasons(selection: Selection, as_json: bool) -> None:
    """Group the rows by source, entity and broken rule."""
    with _opened() as connection:
        found = reasons(connection, selection)
        total = {reason.source: count_rows(connection, replace(selection, source=reason.source)) for reason in found}
        days = days_to_retry(connection, selection)
        others = count_rows(connection, Selection())
    if as_json:
        click.echo(json.dumps([as_plain(reason) for reason in found], ensure_ascii=False, indent=2))
        return
    console = wide_console()
    if not found:
        _print_none(console, others)
    for source, of_source in groupby(found, key=lambda reason: reason.source):
        console.print(f"[bold]{source}[/] · {_many(total[source], 'row')} of {_many(len(days[source]), 'day')}")
        for reason in of_source:
            _print_reason(console, reason)


@quarantine.command()
@_selected
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="At most so many.")
@_as_json
def show(selection: Selection, limit: int, as_json: bool) -> None:
    """Show rows: file, row, column, value and reason."""
    with _opened() as connection:
        found = rows(connection, selection, limit + 1)
        others = count_rows(connection, Selection())
    if as_json:
        click.echo(json.dumps([as_plain(row) for row in found[:limit]], ensure_ascii=False, indent=2))
        return
    console = wide_console()
    if not found:
        _print_none(console, others)
    for row in found[:limit]:
        _print_row(console, row)
    if len(found) > limit:
        console.print(f"[dim]only the first {limit}; --limit shows more, `triune quarantine export` writes all[/]")


@quarantine.command()
@_selected
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False, writable=True))
def export(selection: Selection, target: Path) -> None:
    """Write the rows to TARGET: Parquet if it ends so, else CSV that no spreadsheet takes for formulas."""
    with _opened() as connection:
        try:
            export_rows(connection, selection, target)
        except OSError as error:
            raise click.UsageError(f"{target} cannot be written: {error.strerror}") from None
        count = count_rows(connection, selection)
    wide_console().print(f"{_many(count, 'row')} → {target}", soft_wrap=True)


@quarantine.command()
@_selected
def retry(selection: Selection) -> None:
    """Read the days again that have such rows, and no others.

    After a correction of the profile, or a file that was issued anew, their rows flow in and the facts of the days
    that they touch are rebuilt. Ends with 1 if a day was refused or failed.
    """
    settings = load_settings()
    prepare_process(settings)
    console = wide_console()
    with _opened() as connection:
        days = days_to_retry(connection, selection)
        before = {source: count_rows(connection, replace(selection, source=source)) for source in days}
        others = count_rows(connection, Selection())
    if not days:
        _print_none(console, others)
        return
    from orchestration.definitions import load_workspace

    workspace = load_workspace(settings)
    unknown = sorted(days.keys() - workspace.profiles.keys())
    if unknown:
        raise click.UsageError(f"there is no profile of {', '.join(unknown)} any more: choose another --source")
    succeeded = [_retry_source(console, workspace, source, of_source) for source, of_source in days.items()]
    with _opened() as connection:
        for source, count in before.items():
            left = count_rows(connection, replace(selection, source=source))
            console.print(f"[bold]{source}[/] · {_many(count, 'row')} before, {left:,} still in quarantine")
    if not all(succeeded):
        sys.exit(1)


def _retry_source(console: Console, workspace: Workspace, source: str, days: list[date]) -> bool:
    from orchestration.cli.progress import Progress
    from orchestration.running import run_days

    console.print(f"[bold]triune[/] · {workspace.profiles[source].title} · {_many(len(days), 'day')} again")
    with Progress(console) as progress:
        outcome = run_days(replace(workspace, only_days=frozenset(days)), source, days[0], days[-1], progress)
    for message in [*progress.warnings, *outcome.messages]:
        console.print(
            f"[red]✗[/] {_clean(message)}" if message in outcome.messages else f"[yellow]![/] {_clean(message)}"
        )
    return outcome.succeeded


@contextmanager
def _opened() -> Iterator[duckdb.DuckDBPyConnection]:
    warehouse = load_settings().warehouse
    if not warehouse.exists():
        raise click.UsageError("nothing has been loaded yet: `triune run` comes first")
    with open_warehouse(warehouse, read_only=True) as connection:
        yield connection


def _print_none(console: Console, others: int) -> None:
    """With how many others there are: a rule or a source that is misspelt has no rows either."""
    told = f" ({_many(others, 'other row')})" if others else ""
    console.print(f"[green]✓[/] no such row is in quarantine{told}")


def _print_reason(console: Console, reason: Reason) -> None:
    column = f" [dim]({reason.column})[/]" if reason.column else ""
    console.print(f"  [yellow]{reason.rows:>7,}[/]  {reason.entity}: {reason.rule}{column}")
    span = str(reason.first_day) if reason.days == 1 else f"{reason.days} days, {reason.first_day} … {reason.last_day}"
    console.print(f"           [dim]{span}; first {_clean(reason.file)} row {reason.row}[/]")


def _print_row(console: Console, row: QuarantinedRow) -> None:
    console.print(f"[bold]{_clean(row.file)} row {row.row}[/] [dim]{row.source} · {row.entity} · {row.rule}[/]")
    if row.column:
        console.print(f"  {row.column} = {'[dim]empty[/]' if row.value is None else _clean(row.value)}")
    console.print(Padding(_clean(row.reason), (0, 0, 0, 2)))


def _clean(text: str) -> str:
    """What a file says, without what a terminal or the markup would obey."""
    return escape(strip_control_codes(text).replace("\x1b", ""))


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
