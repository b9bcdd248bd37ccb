"""`triune alert test`: tries whether an alert would reach anybody. And the alert of a `triune run --alert`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape

from orchestration.alerts.delivery import AlertNotSentError, send
from orchestration.alerts.message import failure_alert, trial_alert
from orchestration.settings import NOBODY_IS_TOLD, Settings, load_settings

if TYPE_CHECKING:
    from orchestration.running import RunOutcome


@click.group()
def alert() -> None:
    """Alerts: who is told when a day fails."""


@alert.command("test")
def test_command() -> None:
    """Send a test alert by every way that .env configures.

    Ends with 0 if each took it, with 1 if one did not, with 2 if none is configured.
    """
    settings = load_settings().alerts
    console = Console(highlight=False, soft_wrap=True)
    if not settings.is_configured:
        raise click.UsageError(NOBODY_IS_TOLD)
    try:
        for way in send(trial_alert(), settings):
            console.print(f"[green]✓[/] {escape(way)}")
    except AlertNotSentError as error:
        console.print(f"[red]✗[/] {escape(str(error))}")
        sys.exit(1)


def send_failure(settings: Settings, console: Console, what: str, outcome: RunOutcome) -> None:
    """Tells of a run that failed; that it could not be told is said, but is not the failure itself."""
    where = f"Run {outcome.run_id[:8]}: {settings.ui_url}/runs/{outcome.run_id}"
    try:
        send(failure_alert(what, outcome.problems, outcome.messages, where), settings.alerts)
    except AlertNotSentError as error:
        console.print(f"[yellow]![/] the alert was not sent: {escape(str(error))}")
