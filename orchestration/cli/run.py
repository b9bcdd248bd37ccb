"""`triune run`: one export day, or a range of them, from landed files to published marts and payouts."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from models.sources import SOURCES_DIR, Profile, is_draft
from orchestration.cli.alert import send_failure
from orchestration.ingest.catch_up import days_to_catch_up
from orchestration.ingest.database.land import DatabaseSource
from orchestration.ingest.landing import arrived_days, landed_days
from orchestration.ingest.loading.warehouse import WarehouseAwayError
from orchestration.settings import Settings, load_settings, prepare_process, secret

_LOG_WIDTH = 120
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--source", default="demo_mis", show_default=True, help="Which source: a profile in models/sources.")
@click.option("--date", "day", type=_DAY, help="The export day. Default: all that is new.")
@click.option("--from", "first", type=_DAY, help="First export day of a range, run in one go.")
@click.option("--to", "last", type=_DAY, help="Last export day of the range.")
@click.option("--alert", is_flag=True, help="Tell of a failure by webhook and e-mail, too; for cron.")
def run(source: str, day: datetime | None, first: datetime | None, last: datetime | None, alert: bool) -> None:
    """Run the day: read, guard, load, dbt, payouts, publish. Running it again changes nothing.

    Without a date it catches up: every landed day that is new or was issued anew; if there is none, the newest again.

    Ends with 0 if everything was published, with 1 if the day was refused or failed: what was published stays as it is.
    """
    settings = load_settings()
    prepare_process(settings)
    console = wide_console()
    # Heavy imports only now, so that `triune --help` answers at once.
    from orchestration.cli.progress import Progress
    from orchestration.cli.report import gather_report
    from orchestration.cli.summary import print_summary
    from orchestration.definitions import load_workspace
    from orchestration.ingest.export import unfinished_days
    from orchestration.running import run_days

    workspace = load_workspace(settings)
    if source not in workspace.profiles:
        raise click.UsageError(no_profile(SOURCES_DIR / f"{source}.yaml", list(workspace.profiles)))
    database = workspace.database(source)
    first_day, last_day = _range(settings, workspace.profiles[source], database, day, first, last)
    if database:
        _require_dsn(database, first_day, last_day)
    elif not any(first_day <= landed <= last_day for landed in landed_days(settings.landing, source)):
        raise click.UsageError(f"nothing has landed in {settings.landing / source} from {first_day} to {last_day}")
    span = str(first_day) if first_day == last_day else f"{first_day} … {last_day}"
    console.print(f"[bold]triune[/] · {workspace.profiles[source].title} · {span}")
    with Progress(console) as progress:
        if not (day or first):
            for problem in unfinished_days(workspace.profiles[source], settings.landing):
                if not first_day <= problem.day <= last_day:
                    progress.warned(str(problem))
        outcome = run_days(workspace, source, first_day, last_day, progress)
    try:
        report = gather_report(workspace, source, first_day, last_day)
        print_summary(console, report, progress.seconds, progress.warnings, outcome)
    except WarehouseAwayError as away:
        # How the run ended counts; the summary is only what is told of it.
        console.print(f"[yellow]![/] no summary: {escape(str(away))}")
    if not outcome.succeeded:
        for message in outcome.messages:
            console.print(f"[red]✗[/] {escape(message)}")
        if alert:
            send_failure(settings, console, f"{source} {span}", outcome)
        sys.exit(1)


def no_profile(path: Path, known: list[str]) -> str:
    """Why there is no profile at `path` to run."""
    if is_draft(path):
        return f"{path} is a draft: run `triune source check {path.stem}`, then delete its line `draft: true`"
    return f"there is no profile '{path.stem}'; there are: {', '.join(known)}"


def wide_console() -> Console:
    """As wide as the terminal; in a log, wide enough for the tables of the summary.

    It writes to a copy of standard output: Dagster redirects the original while a step runs.
    """
    if not sys.stdout.isatty():
        return Console(highlight=False, width=_LOG_WIDTH, file=sys.stdout)
    return Console(highlight=False, file=os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))


def _range(
    settings: Settings,
    profile: Profile,
    database: DatabaseSource | None,
    day: datetime | None,
    first: datetime | None,
    last: datetime | None,
) -> tuple[date, date]:
    if day and (first or last):
        raise click.UsageError("give either --date, or --from and --to")
    if bool(first) != bool(last):
        raise click.UsageError("--from and --to go together")
    if first and last:
        if last < first:
            raise click.UsageError(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}")
        return first.date(), last.date()
    if day:
        return day.date(), day.date()
    landed = landed_days(settings.landing, profile.source)
    behind = days_to_catch_up(settings.warehouse, settings.landing, profile)
    if database:
        behind = sorted({*behind, *database.behind()})
    days = behind or arrived_days(settings.landing, profile)[-1:] or landed[-1:]
    if not days:
        folder = settings.landing / profile.source
        raise click.UsageError(f"nothing has landed: put exports into {folder}/<YYYY-MM-DD>/, or try `triune demo`")
    return days[0], days[-1]


def _require_dsn(database: DatabaseSource, first: date, last: date) -> None:
    """Days that have landed need no database."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if database.wanting(days) and secret(database.variable) is None:
        raise click.UsageError(f"{database.variable} is not set: put the DSN of a user who may only read into it")
