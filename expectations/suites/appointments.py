"""What an export of bookings must satisfy: sold hours, shows and waiting times rest on it."""

from __future__ import annotations

from collections.abc import Iterator

from expectations.contract_rules import contract_rules
from expectations.relations import no_overlap
from expectations.rules import Rule, Severity, not_before, not_longer, row_rule, threshold
from models.contracts import Contract


def rules(contract: Contract) -> tuple[Rule, ...]:
    """Expectations of `appointments`."""
    return (*contract_rules(contract), *_planned_times(), *_actual_times(), *_status(), *_overlaps(contract))


def _planned_times() -> Iterator[Rule]:
    yield not_before(
        "planned_end_at",
        "planned_start_at",
        "A visit cannot be planned to end before it starts: its hours would be negative. Correct the booking in "
        "the MIS.",
    )
    yield not_longer(
        "planned_start_at",
        "planned_end_at",
        "No visit is planned for longer than a day; it would fill the room for days. Correct the end of the booking.",
    )
    yield row_rule(
        "booked_at_is_not_after_planned_start_at",
        "booked_at > planned_start_at + INTERVAL 1 DAY",
        "A visit booked long after it was to start was entered afterwards: booking horizons leave it out. Check "
        "the dates.",
        columns=("booked_at", "planned_start_at"),
        severity=Severity.WARN,
    )


def _actual_times() -> Iterator[Rule]:
    # The visit took place, so it is kept: what cannot be read of its times is taken from the plan and flagged.
    yield not_before(
        "ended_at",
        "started_at",
        "A visit cannot end before it starts; the planned time is used instead and the visit is flagged. Correct "
        "it in the MIS.",
        severity=Severity.WARN,
    )
    yield row_rule(
        "visit_on_a_resource_is_within_24_hours",
        "resource_id IS NOT NULL AND ended_at - started_at > INTERVAL 24 HOUR",
        "No visit holds a room longer than a day; a wrong date would sell hours that do not exist. Correct the "
        "end in the MIS.",
        columns=("ended_at", "started_at", "resource_id"),
        severity=Severity.ERROR,
    )
    yield row_rule(
        "visit_without_a_resource_is_within_24_hours",
        "resource_id IS NULL AND ended_at - started_at > INTERVAL 24 HOUR",
        "A visit longer than a day is a stay in hospital or a wrong date; its minutes raise the mean. Deliver "
        "stays as `stays`.",
        columns=("ended_at", "started_at"),
        severity=Severity.WARN,
    )
    yield not_before(
        "started_at",
        "arrived_at",
        "A visit that starts before the patient arrives has a negative wait, which is left out. Check how "
        "check-in is recorded.",
        severity=Severity.WARN,
    )
    for column in ("arrived_at", "started_at"):
        yield row_rule(
            f"{column}_is_within_a_day_of_planned_start_at",
            f"abs(date_diff('minute', planned_start_at, {column})) > 1440",
            "More than a day away from the plan is a wrong date rather than a late patient. Check the date in the MIS.",
            columns=(column, "planned_start_at"),
            severity=Severity.WARN,
        )


def _status() -> Iterator[Rule]:
    yield row_rule(
        "attended_visit_is_not_ahead",
        "status = 'attended' AND planned_start_at > _export_date + INTERVAL 2 DAY",
        "A visit cannot be attended before its day. Check the status, or the date format of the profile.",
        columns=("planned_start_at", "status"),
        severity=Severity.WARN,
    )
    yield row_rule(
        "only_attended_visits_have_actual_times",
        "status IN ('no_show', 'cancelled', 'rescheduled') AND (started_at IS NOT NULL OR ended_at IS NOT NULL)",
        "A visit that did not take place has a start or an end; it counts by its status, so its hours are not "
        "sold. Check which is right.",
        columns=("status", "started_at", "ended_at"),
        severity=Severity.WARN,
    )
    yield row_rule(
        "only_cancelled_visits_say_who_cancelled",
        "cancelled_by IS NOT NULL AND status NOT IN ('cancelled', 'rescheduled')",
        "The booking says who cancelled it but is not cancelled; it counts by its status. Check which is right.",
        columns=("cancelled_by", "status"),
        severity=Severity.WARN,
    )
    yield row_rule(
        "visit_is_not_rescheduled_to_itself",
        "rescheduled_to_appointment_id = appointment_id",
        "A visit moved to itself cannot be followed to the new booking. Check the link in the MIS.",
        columns=("rescheduled_to_appointment_id",),
        severity=Severity.WARN,
    )


def _overlaps(contract: Contract) -> Iterator[Rule]:
    # A visit that runs over into the next is the day's work; an hour of it is a wrong time or a room booked twice.
    for column, whose in (("resource_id", "a resource"), ("employee_id", "a doctor")):
        yield no_overlap(
            contract,
            f"visits_of_{whose.replace(' ', '_')}_do_not_overlap",
            f"Two attended visits of {whose} at the same time: an hour can be sold once, and is counted once. Check "
            "the times of both in the MIS, or which was attended.",
            of=column,
            span=("coalesce(started_at, planned_start_at)", "coalesce(ended_at, planned_end_at)"),
            when=f"status = 'attended' AND {column} IS NOT NULL",
            columns=("started_at", column, "ended_at"),
            threshold=threshold("by more than {minutes} minutes", minutes=60),
        )
