"""Sensors: start a day when its export has arrived complete, and again when it is issued anew; tell of failed ones."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg

from models.sources import Profile
from orchestration.alerts.delivery import send
from orchestration.alerts.message import failure_alert
from orchestration.failures import days_of_run, failures_of
from orchestration.ingest.landing import is_complete, landed_days, marker_fingerprint, size_fingerprint
from orchestration.jobs import DAY_JOB
from orchestration.resources import Workspace
from orchestration.settings import NOBODY_IS_TOLD, Settings


def build_landing_sensor(profile: Profile, selection: dg.AssetSelection) -> dg.SensorDefinition:
    """Looks at the landing folder of one source every minute.

    A day is started when every required file is there and nothing has changed since the look before: a file that is
    still being copied grows. Where the profile names a marker, it is started as soon as the marker is there, or is
    written anew. A day whose files change later is started again: it is a new version of that day.
    """

    @dg.sensor(
        name=f"landing_{profile.source}",
        job_name=DAY_JOB,
        minimum_interval_seconds=60,
        description=f"Starts a day of {profile.source} when its export has arrived complete.",
    )
    def landing(
        context: dg.SensorEvaluationContext, workspace: dg.ResourceParam[Workspace]
    ) -> dg.SensorResult | dg.SkipReason:
        seen: dict[str, list[str | None]] = json.loads(context.cursor or "{}")
        landing_folder = workspace.settings.landing
        today = datetime.now(UTC).date()
        now = {
            str(day): look
            for day in landed_days(landing_folder, profile.source)
            # Dagster refuses the whole look for one day that is no partition.
            if workspace.settings.first_day <= day <= today and (look := _look(landing_folder, profile, day))
        }
        requests = list(_requests(profile, selection, context, seen, now))
        if not requests and seen == now:
            return dg.SkipReason(f"nothing new has landed from {profile.source}")
        return dg.SensorResult(run_requests=requests, cursor=json.dumps(now))

    return landing


def build_alert_sensor(settings: Settings) -> dg.SensorDefinition:
    """Tells people of every run of the day job that failed. It is on where somebody is to be told."""

    @dg.run_failure_sensor(
        name="alert_on_failure",
        minimum_interval_seconds=30,
        description="Sends an alert (webhook, e-mail) when a day was refused, blocked or failed.",
        default_status=(
            dg.DefaultSensorStatus.RUNNING if settings.alerts.is_configured else dg.DefaultSensorStatus.STOPPED
        ),
    )
    def alert_on_failure(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        if not settings.alerts.is_configured:
            return dg.SkipReason(NOBODY_IS_TOLD)
        run = context.dagster_run
        failures = failures_of(context.get_step_failure_events())
        # Without a failed step the run was killed, or never started.
        messages = failures.messages or [context.failure_event.message or "the run ended without a word"]
        where = f"Run {run.run_id[:8]}: {settings.ui_url}/runs/{run.run_id}"
        send(failure_alert(days_of_run(run, failures), failures.problems, messages, where), settings.alerts)
        return None

    return alert_on_failure


def _look(landing: Path, profile: Profile, day: date) -> list[str | None] | None:
    """Fingerprints of a day's files and of its marker; None while something is missing."""
    try:
        if not is_complete(landing, profile, day):
            return None
        return [size_fingerprint(landing, profile, day), marker_fingerprint(landing, profile, day)]
    except FileNotFoundError:  # taken away while it was looked at: the day is being issued anew
        return None


def _requests(
    profile: Profile,
    selection: dg.AssetSelection,
    context: dg.SensorEvaluationContext,
    seen: dict[str, list[str | None]],
    now: dict[str, list[str | None]],
) -> Iterator[dg.RunRequest]:
    definitions = context.repository_def
    keys = list(selection.resolve(definitions.asset_graph)) if definitions else None
    for day, (files, marker) in now.items():
        seen_files, seen_marker = seen.get(day, [None, None])
        if seen_files == files or seen_marker != marker:
            # Dagster starts one run per key, so a day seen unchanged many times is started once.
            run_key = f"{profile.source}:{day}:{files}"
            yield dg.RunRequest(run_key=run_key, partition_key=day, asset_selection=keys)
