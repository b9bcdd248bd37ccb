"""Prints what `triune source` found, to be read on 80 columns: the verdict stands last, where the eye is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from models.contracts import load_contracts
from orchestration.checking.findings import ColumnCheck, EntityCheck, Finding, Level, SourceCheck
from orchestration.profiling.draft import Draft
from orchestration.profiling.yaml_text import DECIDE
from orchestration.sampling.sample import Sample

_LOG_WIDTH = 100
_CUT = 20
_MARKS = {Level.REFUSED: "[red]✗[/]", Level.QUARANTINED: "[yellow]✗[/]", Level.WARNED: "[dim]![/]"}
_VERDICTS = {
    0: "[green]✓[/] every row would be loaded",
    1: "[yellow]✗[/] some rows would go to quarantine",
    2: "[red]✗[/] a run would refuse this",
}
_PRIVATE = "[dim]hidden[/]"


def print_draft(draft: Draft, path: Path, folder: Path) -> None:
    """What was drafted, and what to do next."""
    console = _console()
    contracts = load_contracts()
    table = _table("entity", "file", ">sure", ">columns", ">to decide")
    for entity in draft.entities:
        mapped = sum(1 for column in entity.columns if column.headers)
        open_ones = sum(1 for column in entity.columns if column.decide)
        table.add_row(
            entity.name,
            escape(entity.table.label),
            f"{entity.guess.score:.0%}",
            f"{mapped} of {len(contracts[entity.name].columns)}",
            f"[yellow]{open_ones}[/]" if open_ones else "[dim]–[/]",
        )
    console.print(table)
    if draft.unused:
        names = ", ".join(escape(unused.label) for unused in draft.unused)
        console.print(f"\n[bold]No entity found for[/]  {names}")
    for name, reason in draft.export.unread.items():
        console.print(f"[yellow]![/] {escape(name)}: {escape(reason)}")
    count = path.read_text(encoding="utf-8").count(f"# {DECIDE}:")
    console.print(f"\n[green]✓[/] {escape(str(path))}, {count} places to decide, each marked {DECIDE}", soft_wrap=True)
    console.print(f"Next: triune source check {escape(str(path))} {escape(str(folder))}", soft_wrap=True)


def print_check(check: SourceCheck, *, brief: bool) -> None:
    """Entity by entity, then the summary."""
    console = _console()
    for entity in check.entities:
        if not brief and entity.files:
            _print_entity(console, entity)
        elif entity.findings:
            console.print(f"\n[bold]{entity.entity}[/]")
        for finding in sorted(entity.findings, key=lambda finding: list(Level).index(finding.level)):
            _print_finding(console, finding)
    table = _table("entity", ">files", ">rows", ">loaded", ">set aside", ">warnings", ">unused")
    for entity in check.entities:
        warned = sum(1 for finding in entity.findings if finding.level is Level.WARNED)
        is_refused = any(finding.level is Level.REFUSED for finding in entity.findings)
        table.add_row(
            f"[red]{entity.entity}[/]" if is_refused else entity.entity,
            f"{len(entity.files):,}" if entity.files else "[dim]no file[/]",
            f"{entity.rows_read:,}",
            f"{entity.rows_loaded:,}",
            _or_dash(entity.rows_set_aside),
            _or_dash(warned),
            _or_dash(len(entity.unused)),
        )
    console.print()
    console.print(table)
    first, last = check.days[0], check.days[-1]
    span = str(first) if first == last else f"{first} … {last}"
    console.print(f"\n{_VERDICTS[check.exit_code()]}  [dim]{check.source}, {span}; nothing was written[/]")
    if check.undecided:
        lines = ", ".join(map(str, check.undecided))
        console.print(f"[yellow]![/] {len(check.undecided)} places of the profile say {DECIDE}: lines {lines}")
    elif check.is_draft and check.exit_code() < 2:
        console.print(
            "[yellow]![/] nothing is left to decide: delete the line `draft: true`, and `triune run` takes it"
        )


def print_sample(sample: Sample, profile: Path, folder: Path) -> None:
    """What was written, and how to look at it."""
    console = _console()
    table = _table("file", ">rows")
    for file, rows in sample.rows.items():
        table.add_row(escape(file), f"{rows:,}")
    console.print(table)
    for file, reason in sample.left_out.items():
        console.print(f"[red]✗[/] {escape(file)} is not in the sample: {escape(reason)}")
    console.print(f"\n[green]✓[/] {escape(str(sample.out))}: look it through before you send it", soft_wrap=True)
    console.print(f"It should fail as the whole does: triune source check {profile} {folder}", soft_wrap=True)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Shows what is being looked at, on a terminal alone, and leaves nothing."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("reading …") as status:
        yield lambda what: status.update(f"reading {what} …" if what != "guard" else "checking by Great Expectations …")


def _print_entity(console: Console, entity: EntityCheck) -> None:
    console.print(f"\n[bold]{entity.entity}[/]  {entity.rows_read:,} rows of {_some_files(entity.files)}")
    if entity.columns:
        table = _table("column", "#from", ">filled", "#first row")
        for column in entity.columns:
            table.add_row(column.name, escape(column.origin), _filled(column), _first(column))
        console.print(table)
    elif entity.rows_read:
        console.print("[yellow]no row can be loaded[/], so there is none to show; what is wrong with them:")
    optional = [name for name in entity.unmapped if not load_contracts()[entity.entity].columns[name].required]
    if optional:
        console.print(f"[dim]not mapped: {', '.join(optional)}[/]")


def _print_finding(console: Console, finding: Finding) -> None:
    count = f"{finding.rows:,}× " if finding.rows is not None else ""
    column = f"{finding.column}: " if finding.column else ""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(_MARKS[finding.level], count + escape(column + finding.message))
    for place in finding.places:
        value = "" if place.value is None else f": {place.value!r}"
        grid.add_row("", f"[dim]{escape(str(place) + value)}[/]")
    console.print(grid)


def _filled(column: ColumnCheck) -> str:
    return "[dim]dropped[/]" if column.first is None and not column.filled else f"{column.filled:.0%}"


def _first(column: ColumnCheck) -> str:
    if column.first is None:
        return _PRIVATE
    value = next(iter(column.first), None)
    return "[dim]–[/]" if value is None else escape(value)


def _some_files(files: list[str]) -> str:
    return escape(files[0]) if len(files) == 1 else f"{len(files):,} files"


def _or_dash(count: int) -> str:
    return f"[yellow]{count:,}[/]" if count else "[dim]–[/]"


def _table(*headings: str) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings:
        right, cut = heading.startswith(">"), heading.startswith("#")
        table.add_column(
            heading.lstrip(">#"),
            justify="right" if right else "left",
            no_wrap=right or cut,
            overflow="ellipsis" if cut else "fold",
            max_width=_CUT if cut else None,
        )
    return table


def _console() -> Console:
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=_LOG_WIDTH, file=sys.stdout)
