"""`triune source`: draft a profile for a new MIS, try it on files, and take a sample that is safe to show."""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path

import click

from models.sources import SOURCES_DIR
from orchestration.settings import load_settings

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_SCHEMA = SOURCES_DIR.parent / "schemas" / "source.schema.json"


@click.group()
def source() -> None:
    """Write a profile for a new MIS: draft it, check it on files, take a safe sample."""


@source.command()
@click.argument("name")
@click.argument("folder", type=_FOLDER)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: models/sources/NAME.yaml.")
def new(name: str, folder: Path, out: Path | None) -> None:
    """Draft the profile NAME from the files in FOLDER: one day's, or a folder for each day.

    Each guess has its confidence and evidence beside it; what you must decide is marked DECIDE. No value of a personal
    column is written, and nothing leaves this machine. The draft can be checked at once; no run takes it yet.
    """
    from orchestration.cli.source_report import print_draft
    from orchestration.profiling.draft import NothingToDraftError, draft_source
    from orchestration.profiling.write import draft_text

    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise click.UsageError(f"'{name}' cannot name a source: use small letters, digits and underscores")
    path = out or SOURCES_DIR / f"{name}.yaml"
    if path.stem != name:
        raise click.UsageError(f"a profile is named after its source: --out must end with {name}.yaml")
    if path.exists():
        raise click.UsageError(f"{path} is there already: draft elsewhere with --out, or delete it first")
    try:
        draft = draft_source(name, folder)
    except NothingToDraftError as error:
        raise click.UsageError(str(error)) from None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draft_text(draft, os.path.relpath(_SCHEMA, path.parent.resolve())), encoding="utf-8")
    print_draft(draft, path, folder)


@source.command()
@click.argument("profile")
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="One export day. Default: all in FOLDER.")
@click.option("--entity", help="One entity alone.")
@click.option("--guard/--no-guard", default=True, show_default=True, help="Run the Great Expectations suites, too.")
@click.option("--strict", is_flag=True, help="End with 1 also if there is anything to warn of.")
@click.option("--brief", is_flag=True, help="Only what is wrong, and the summary.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(
    profile: str,
    folder: Path | None,
    day: datetime | None,
    entity: str | None,
    guard: bool,
    strict: bool,
    brief: bool,
    as_json: bool,
) -> None:
    """Try PROFILE (its name, or a path) on the files in FOLDER, without touching the warehouse.

    FOLDER holds one day's files, or a folder for each day. Default: what has landed of the source.

    \b
    Ends with 0  if every row would be loaded,
              1  if rows would be quarantined (with --strict: or anything is warned of),
              2  if the profile or a file would be refused.
    """
    from orchestration.checking.dry_run import check_source
    from orchestration.checking.staging import NothingToCheckError
    from orchestration.cli.source_report import print_check, progress

    path = _profile_path(profile)
    try:
        with progress() as saw:
            found = check_source(
                path,
                folder or load_settings().landing / path.stem,
                day=day.date() if day else None,
                only=entity,
                with_guard=guard,
                saw=saw,
            )
    except NothingToCheckError as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        click.echo(json.dumps(found.as_json(strict=strict), ensure_ascii=False, indent=2, default=str))
    else:
        print_check(found, brief=brief)
    sys.exit(found.exit_code(strict=strict))


@source.command()
@click.argument("profile")
@click.argument("folder", type=_FOLDER)
@click.option("--rows", default=20, show_default=True, type=click.IntRange(1, 10_000), help="Rows of each file.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The export day. Default: the newest.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Default: a folder beside FOLDER.")
def sample(profile: str, folder: Path, rows: int, day: datetime | None, out: Path | None) -> None:
    """Write a small sample of FOLDER, safe to attach to a bug report, that fails as the whole does.

    Names, contacts, documents, ids, salaries and the clinic's own words are made up, the same always alike, by a key
    that is thrown away; columns that PROFILE does not use are emptied. Dates of visits and amounts stay. Rows that
    would be quarantined are among the sample, and so is what the rows refer to. Look it through before you send it.
    """
    from orchestration.checking.staging import NothingToCheckError
    from orchestration.cli.source_report import print_sample, progress
    from orchestration.sampling.sample import SampleExistsError, take_sample

    path = _profile_path(profile)
    target = out or folder.resolve().parent / f"{folder.resolve().name}-sample"
    try:
        with progress():
            taken = take_sample(path, folder, target, day=day.date() if day else None, rows=rows)
    except (NothingToCheckError, SampleExistsError) as error:
        raise click.UsageError(str(error)) from None
    print_sample(taken, path, target)
    sys.exit(1 if taken.left_out else 0)


def _profile_path(name: str) -> Path:
    path = Path(name) if name.endswith((".yaml", ".yml")) else SOURCES_DIR / f"{name}.yaml"
    if not path.exists():
        known = ", ".join(sorted(found.stem for found in SOURCES_DIR.glob("*.yaml")))
        raise click.UsageError(f"there is no profile '{name}'; there are: {known}")
    return path
