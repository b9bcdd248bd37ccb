"""Sensors: start a day when its export has arrived complete, and again when it is issued anew; tell of failed ones."""

import json
from dataclasses import asdict, dataclass, replace
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

# Of days that wait, so many of the newest are named.
_MOST_DAYS = 5


@dataclass(frozen=True)
class Seen:
    """What the sensor remembers of a day: fingerprints of its files and marker, and of the files last started."""

    files: str | None = None
    marker: str | None = None
    started: str | None = None
    starts: int = 0

    def after(self, look: tuple[str, str | None] | None) -> "Seen":
        """What is remembered after `look`; None is a day that is not complete."""
        files, marker = look or (None, None)
        settled = files is not None and (files == self.files or marker != self.marker)
        if not settled or files == self.started:
            return replace(self, files=files, marker=marker)
        return Seen(files, marker, files, self.starts + 1)


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
    def landing(context: dg.SensorEvaluationContext, workspace: dg.ResourceParam[Workspace]) -> dg.SensorResult:
        folder, today = workspace.settings.landing, datetime.now(UTC).date()
        seen = {day: Seen(**values) for day, values in json.loads(context.cursor or "{}").items()}
        looks = {
            str(day): _look(folder, profile, day)
            for day in landed_days(folder, profile.source)
            # Dagster refuses the whole look for one day that is no partition.
            if workspace.settings.first_day <= day <= today
        }
        # A day that is gone for a while is remembered: what comes after it is a new issue, also with the old bytes.
        now = {day: seen.get(day, Seen()).after(looks.get(day)) for day in sorted({*seen, *looks})}
        now = {day: memory for day, memory in now.items() if memory != Seen()}
        definitions = context.repository_def
        keys = list(selection.resolve(definitions.asset_graph)) if definitions else None
        requests = [
            # Dagster starts one run per key: a look that is repeated after a crash starts no second one.
            dg.RunRequest(
                f"{profile.source}:{day}:{memory.files}:{memory.starts}", partition_key=day, asset_selection=keys
            )
            for day, memory in now.items()
            if memory.starts > seen.get(day, Seen()).starts
        ]
        if requests:
            return dg.SensorResult(run_requests=requests, cursor=_noted(now))
        waiting = {
            "not complete": [day for day, look in looks.items() if look is None],
            "still changing": [day for day, look in looks.items() if look and look[0] != now[day].started],
        }
        reason = "; ".join(
            [f"nothing new has landed from {profile.source}"]
            + [f"{why}: {', '.join(days[-_MOST_DAYS:])}" for why, days in waiting.items() if days]
        )
        return dg.SensorResult(skip_reason=reason, cursor=_noted(now))

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


def _noted(seen: dict[str, Seen]) -> str:
    return json.dumps({day: asdict(memory) for day, memory in seen.items()})


def _look(landing: Path, profile: Profile, day: date) -> tuple[str, str | None] | None:
    """Fingerprints of a day's files and of its marker; None while something is missing."""
    try:
        if not is_complete(landing, profile, day):
            return None
        return size_fingerprint(landing, profile, day), marker_fingerprint(landing, profile, day)
    except FileNotFoundError:  # taken away while it was looked at: the day is being issued anew
        return None
