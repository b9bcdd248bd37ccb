"""The alert sensor, told of real runs: it names file and row, or what else was wrong, without a traceback."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import dagster as dg
import pytest
from home_case import settings_in
from local_servers import Inbox, web_server

from orchestration.assets.batches import batches_key
from orchestration.definitions import build_definitions
from orchestration.jobs import DAY_JOB
from orchestration.resources import Workspace
from orchestration.sensors import build_alert_sensor
from orchestration.settings import AlertSettings, prepare_process

SOURCE, DAY = "outpatient_medscheduler", "2026-01-05"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with web_server() as inbox:
        yield inbox


@pytest.fixture
def told(workspace: Workspace, definitions: dg.Definitions, tmp_path: Path, inbox: Inbox) -> Workspace:
    """A home of its own whose failures are told to `inbox`; the dbt project that `definitions` parsed is shared."""
    settings = replace(settings_in(tmp_path), alerts=AlertSettings(webhook_url=inbox.url))
    (tmp_path / "dbt").symlink_to(workspace.settings.dbt_target)
    return replace(workspace, settings=settings)


def _failed_run(workspace: Workspace, instance: dg.DagsterInstance) -> dg.RunFailureSensorContext:
    """The day job over batches of one source; it is to fail."""
    with patch.dict("os.environ"):
        prepare_process(workspace.settings)
        result = (
            build_definitions(workspace)
            .resolve_job_def(DAY_JOB)
            .execute_in_process(
                instance=instance,
                partition_key=DAY,
                asset_selection=[batches_key(SOURCE)],
                raise_on_error=False,
            )
        )
    assert not result.success
    return dg.build_run_status_sensor_context(
        sensor_name="alert_on_failure",
        dagster_event=result.get_run_failure_event(),
        dagster_instance=instance,
        dagster_run=result.dagster_run,
    ).for_run_failure()


def _land(workspace: Workspace, **files: str) -> None:
    folder = workspace.settings.landing / SOURCE / DAY
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))


def test_a_refused_day_is_told_with_its_files(told: Workspace, inbox: Inbox, instance: dg.DagsterInstance) -> None:
    _land(told, slots="slot_id,appointment_time,is_available\n1,09:00:00,True\n")
    build_alert_sensor(told.settings)(_failed_run(told, instance))
    (message,) = inbox.received
    lines = message["text"].splitlines()
    assert lines[0] == f"Triune: {SOURCE} {DAY} was not published"
    missing = f"• {SOURCE} {DAY} appointments ({DAY}/appointments.csv.gz): the file is missing. Export it to "
    assert any(line.startswith(missing) for line in lines)
    lacking = f"slots ({DAY}/slots.csv.gz, row 1): the header lacks 'appointment_date'"
    assert any(lacking in line for line in lines), lines
    assert "Traceback" not in message["text"]
    assert lines[-1].startswith("What was published before is unchanged. Run ")
    assert "http://localhost:3000/runs/" in lines[-1]


def test_a_blocked_day_is_told_with_check_file_and_what_to_do(
    told: Workspace, inbox: Inbox, instance: dg.DagsterInstance
) -> None:
    slots = "".join(f"{number // 20},2026-01-05,09:00:00,True\n" for number in range(100))
    _land(
        told,
        slots=f"slot_id,appointment_date,appointment_time,is_available\n{slots}",
        patients="patient_id,name,sex,dob\n1,Jane Doe,Female,1980-01-01\n",
        appointments=(
            "appointment_id,patient_id,slot_id,scheduling_date,appointment_date,appointment_time,check_in_time,"
            "start_time,end_time,status\n"
        ),
    )
    context = _failed_run(told, instance)
    build_alert_sensor(told.settings)(context)
    (message,) = inbox.received
    place = f"• {SOURCE} {DAY} slots ({DAY}/slots.csv.gz)"
    said = "critical check 'most_keys_are_usable' failed (95 of 100 rows). So many of the day's rows repeat"
    assert f"{place}: {said}" in message["text"]
    (step,) = context.get_step_failure_events()
    failure = step.step_failure_data.user_failure_data
    assert failure is not None
    assert failure.description == f"{SOURCE}: blocked by critical checks: slots {DAY}"


def test_a_defect_of_the_program_is_told_without_its_traceback(
    told: Workspace, inbox: Inbox, instance: dg.DagsterInstance
) -> None:
    _land(told, slots="slot_id,appointment_time,is_available\n1,09:00:00,True\n")
    told.settings.batches.parent.mkdir(exist_ok=True)
    told.settings.batches.write_text("a file where a folder is needed")
    build_alert_sensor(told.settings)(_failed_run(told, instance))
    (message,) = inbox.received
    assert f"• step {SOURCE}__batches: " in message["text"]
    assert "line " not in message["text"]


def test_the_sensor_is_on_where_somebody_is_to_be_told(told: Workspace, workspace: Workspace) -> None:
    assert build_alert_sensor(told.settings).default_status is dg.DefaultSensorStatus.RUNNING
    assert build_alert_sensor(workspace.settings).default_status is dg.DefaultSensorStatus.STOPPED
