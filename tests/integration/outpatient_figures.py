"""Figures of outpatient_medscheduler, counted in its files by the words of the catalogue. No tests."""

from __future__ import annotations

from raw_figures import Figure

# Clocks of one day; the last export is of 2025-12-01.
FIGURES = [
    Figure(
        "visits, no-shows, cancellations, lengths and waits by month",
        """
        select
            cast(date_trunc('month', cast(appointment_date as date)) as date) as month,
            count(*) filter (status = 'attended'),
            count(*) filter (status = 'did not attend'),
            count(*) filter (status = 'cancelled'),
            count(*) filter (end_time > start_time),
            count(*) filter (end_time = start_time),
            coalesce(sum(date_diff('second', cast(start_time as time), cast(end_time as time))), 0),
            count(*) filter (start_time >= check_in_time),
            coalesce(sum(date_diff('second', cast(check_in_time as time), cast(start_time as time)))
                filter (start_time >= check_in_time), 0)
        from appointments
        group by month order by month
        """,
        """
        select
            period_start, attended_appointments, no_shows, cancellations_by_unknown, timed_appointments,
            untimed_appointments, timed_seconds, waited_appointments, wait_seconds
        from mart_kpi__periods where scope_kind = 'network' and period_kind = 'month' order by period_start
        """,
    ),
    Figure(
        "mean length and wait in ten-thousandths of a minute by year",
        """
        select
            year(cast(appointment_date as date)) as year,
            round(avg(date_diff('second', cast(start_time as time), cast(end_time as time)))
                filter (end_time > start_time) / 60 * 10000),
            round(avg(date_diff('second', cast(check_in_time as time), cast(start_time as time)))
                filter (start_time >= check_in_time) / 60 * 10000)
        from appointments
        group by year order by year
        """,
        """
        select year(period_start), avg_visit_minutes * 10000, avg_wait_minutes * 10000
        from mart_kpi__periods where scope_kind = 'network' and period_kind = 'year' order by period_start
        """,
    ),
    Figure(
        "slots offered and booked by year, and how many in a million",
        """
        select
            year(cast(appointment_date as date)) as year,
            count(*) as offered,
            count(*) filter (is_available = 'False') as booked,
            round(1000000.0 * booked / offered)
        from slots
        group by year order by year
        """,
        """
        select year(period_start), slots_offered, slots_booked, slot_fill_rate * 1000000
        from mart_utilisation__tree where scope_kind = 'network' and period_kind = 'year' order by period_start
        """,
    ),
    Figure(
        "patients booked 18 months before the end of a year, and those never booked since",
        """
        with
        booked as (
            select
                patient_id,
                cast(appointment_date as date) as planned_on,
                cast(scheduling_date as date) as booked_on
            from appointments where status <> 'cancelled'
        ),
        ends as (select make_date(year, 12, 31) as ends_on from range(2016, 2025) as years (year)),
        patients as (
            select
                ends_on,
                bool_or(planned_on + interval 18 month <= ends_on) as is_once_booked,
                bool_or(planned_on + interval 18 month > ends_on and least(planned_on, booked_on) <= ends_on) as is_back
            from ends cross join booked
            group by ends_on, patient_id
        )
        select ends_on, count(*) filter (is_once_booked), count(*) filter (is_once_booked and not is_back)
        from patients
        group by ends_on order by ends_on
        """,
        """
        select period_end, once_booked_patients, lapsed_patients from mart_kpi__periods
        where scope_kind = 'network' and period_kind = 'year' and period_end < date '2025-01-01' order by period_end
        """,
    ),
    Figure(
        "season: days and visits of hours, weekdays and months",
        """
        with
        visits as (
            select cast(appointment_date as date) as day, hour(cast(start_time as time)) as hour
            from appointments where status = 'attended'
        ),
        days as (
            select cast(day as date) as day
            from range(date '2016-01-01', date '2025-12-02', interval 1 day) as days (day)
        )
        select 'hour' as kind, lpad(cast(hours.hour as text), 2, '0') as part, (select count(*) from days),
            (select count(*) from visits where visits.hour = hours.hour)
        from range(24) as hours (hour)
        union all
        select 'month', strftime(day, '%m'), count(distinct day), count(hour)
        from days left join visits using (day) group by all
        union all
        select 'weekday', cast(isodow(day) as text), count(distinct day), count(hour)
        from days left join visits using (day) group by all
        order by kind, part
        """,
        """
        select dimension_kind, dimension_value, days, attended_visits from mart_patients__seasonality
        where scope_kind = 'network' and dimension_kind in ('hour', 'month', 'weekday') order by all
        """,
    ),
]
