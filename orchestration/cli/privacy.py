"""`triune privacy scan`: proves that no name, phone or document number was left behind."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from orchestration.privacy.scan import ScanError, ScanReport, scan
from orchestration.privacy.terms import NeedlesError, Terms, read_needles
from orchestration.settings import load_settings


@click.group()
def privacy() -> None:
    """Personal data: look whether any was left behind."""


@privacy.command("scan")
@click.option(
    "--needles",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Texts known to be personal, `kind: text` on each line, e.g. the demo's canaries.txt.",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def scan_command(needles: Path | None, paths: tuple[Path, ...]) -> None:
    """Search files, tables, logs and Dagster's history; by default all of the home but the landing.

    It looks for the needles, and for texts that look like a phone, an e-mail, a document number or a full name.
    It says where and how often, never what.

    Ends with 0 if nothing was found, with 1 if something was, with 2 if something could not be looked into.
    """
    console = Console(highlight=False, soft_wrap=True)
    home = load_settings().home
    try:
        terms = Terms(read_needles(needles) if needles else [])
        report = scan(list(paths) or left_behind(home), terms)
    except (ScanError, NeedlesError) as error:
        raise click.UsageError(str(error)) from None
    _print(console, report, len(terms.needles), home)
    sys.exit(1 if report.findings else 0)


def left_behind(home: Path) -> list[Path]:
    """What the pipeline writes: everything under `home` but the exports themselves."""
    return sorted(path for path in home.iterdir() if path.name != "landing") if home.is_dir() else []


def _print(console: Console, report: ScanReport, needles: int, home: Path) -> None:
    for found in report.findings:
        path = found.path.relative_to(home) if found.path.is_relative_to(home) else found.path
        console.print(f"[red]✗[/] {escape(f'{path}  {found.place}')}: {escape(found.what)}, {found.count:,}×")
    looked = f"{report.files:,} files, {report.size / 1e6:,.1f} MB, {needles} needles"
    if report.findings:
        console.print(f"[red]✗ personal data in {len({found.path for found in report.findings})} files[/] ({looked})")
    else:
        console.print(f"[green]✓[/] no personal data found ({looked})")
